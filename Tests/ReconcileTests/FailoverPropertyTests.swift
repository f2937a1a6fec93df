import ReconcileModel
import TestSupport
import Testing

@testable import Planning

@Suite("Aliases that follow health, over random days", .timeLimit(.minutes(5)))
struct FailoverPropertyTests {
  /// What goes on with a cluster: it lasts for a while, as outages do.
  private struct Weather {
    var letter = "h"
    var left = 0

    mutating func next(_ generator: inout SeededGenerator) -> ClusterHealth {
      if left == 0 {
        letter = generator.pick("h", "h", "h", "i", "i", "?", "flapping")
        left = Int.random(in: 1...60, using: &generator)
      }
      left -= 1
      let now = letter == "flapping" ? generator.pick("h", "i", "?") : letter
      return switch now {
      case "h": .healthy
      case "i": .ill(Chain.Why("no answer"))
      default: .unknown(Chain.Why("not known"))
      }
    }
  }

  @Test(
    "a day of random failures → it moves where an oracle says so that was written apart, and not once more",
    arguments: 0..<200 as Range<UInt64>)
  func day(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let names = Array(["blue", "green", "red"].prefix(generator.pick(2, 2, 3)))
    let rules = Failover(
      names, after: generator.pick(1, 30, 90, 120, 600), back: generator.pick(nil, 600, 3600))
    let start = names.randomElement(using: &generator) ?? names[0]
    var standing = start
    var memory: FailoverMemory?
    var oracle = FailoverOracle(rules, standing: start)
    var weather = names.map { _ in Weather() }
    var now: Int64 = 1_700_000_000
    var lastMove: Int64?
    for pass in 0..<2_880 {
      let isFirst = pass == 0 || generator.oneIn(300)
      now +=
        generator.oneIn(200)
        ? generator.pick(5_000, 700, 599, 0) : Int64.random(in: 27...33, using: &generator)
      var seen: [String: ClusterHealth] = [:]
      for index in names.indices { seen[names[index]] = weather[index].next(&generator) }
      // Our own network is down.
      if generator.oneIn(100) { seen = seen.mapValues { _ in .ill(Chain.Why("no route")) } }
      var input = FailoverDecision.Input(seen: seen, standing: standing, memory: memory, now: now)
      input.startsAfresh = isFirst
      let (decision, after) = FailoverDecision.of(input, rules: rules)
      let verdict = oracle.pass(.init(time: now, seen: seen, isFirst: isFirst))

      switch decision {
      case .begins: Issue.record("it stands at \(standing)")
      case .stays(let cluster):
        #expect(cluster == standing)
        #expect(verdict == .stays, "seed \(seed), pass \(pass)")
      case .held(let present, let cluster, _, let until):
        #expect(present == standing && until == lastMove.map { $0 + 3600 })
        #expect(verdict == .held(to: cluster), "seed \(seed), pass \(pass)")
      case .moves(let present, let cluster, let reason):
        #expect(verdict == .moves(to: cluster), "seed \(seed), pass \(pass)")
        // What holds whatever the oracle says.
        #expect(present == standing && cluster != standing && reason.isAutomatic)
        #expect(!isFirst)
        #expect(seen[cluster] == .healthy)
        #expect(lastMove.map { now - $0 >= 3600 } ?? true)
        if seen[standing] == .healthy {
          guard case .recovery(of: cluster, _) = reason else {
            Issue.record("it left \(standing), which is healthy: \(reason)")
            return
          }
          #expect(rules.back != nil)
        } else if case .unknown? = seen[standing] {
          guard case .recovery(of: cluster, _) = reason else {
            Issue.record("it left \(standing), of which nothing is known: \(reason)")
            return
          }
        }
        lastMove = now
        standing = cluster
      }
      memory = after
      // A move may be found out by the next pass only, or by the same.
      if generator.oneIn(2) { memory?.note(standing: standing, at: now) }
    }
    #expect(standing == oracle.standing)
    #expect(memory?.moves == oracle.automaticMoves.count || memory?.move != nil)
  }

  @Test(
    "many days → some moves, some held, and returns among them: the weather is bad enough to tell")
  func weather() {
    var kinds: Set<String> = []
    for seed in 0..<60 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let rules = Failover(["blue", "green"], after: 90, back: 600)
      var standing = "blue"
      var memory: FailoverMemory?
      var weather = [Weather(), Weather()]
      for pass in 0..<2_000 as Range<Int64> {
        let seen = ["blue": weather[0].next(&generator), "green": weather[1].next(&generator)]
        let (decision, after) = FailoverDecision.of(
          .init(seen: seen, standing: standing, memory: memory, now: 1_000_000 + pass * 30),
          rules: rules)
        memory = after
        standing = decision.cluster
        switch decision {
        case .moves(_, _, .illness): kinds.insert("illness")
        case .moves(_, _, .recovery): kinds.insert("recovery")
        case .held: kinds.insert("held")
        default: break
        }
      }
    }
    #expect(kinds == ["illness", "recovery", "held"])
  }
}
