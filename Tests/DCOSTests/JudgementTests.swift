import DCOS
import TestSupport
import Testing

@Suite("What is believed of a cluster", .timeLimit(.minutes(1)))
struct JudgementTests {
  /// A round after something is known, and what comes of it.
  struct Row: Sendable, CustomTestStringConvertible {
    let known: String
    let said: String
    var source = MemberList.Source.exhibitor
    let doubt: BeliefDecision.Doubt.Reason?
    /// What is believed, if it is not what was said.
    var believed: String?

    var testDescription: String { "\(known), then \(said)" }
  }

  @Test(arguments: [
    Row(known: "a123", said: "a123", doubt: nil),
    Row(known: "a123", said: "a124", doubt: nil),
    Row(known: "a123", said: "a1234", doubt: nil),
    Row(known: "a1", said: "a123", doubt: nil),
    Row(known: "a12345", said: "a12367", doubt: nil),
    Row(known: "a123", said: "a12", doubt: .fewerMasters),
    Row(known: "a12345", said: "a123", doubt: .fewerMasters),
    Row(known: "a12345", said: "a1236", doubt: .fewerMasters),
    Row(known: "a123", said: "a145", doubt: .mostMastersGone),
    Row(known: "a123", said: "a1", doubt: .mostMastersGone),
    Row(known: "a123", said: "a456", doubt: .mostMastersGone),
    Row(known: "a1", said: "a2", doubt: .mostMastersGone),
    Row(known: "a12", said: "a13", doubt: nil),
    Row(known: "a12", said: "a1", doubt: .fewerMasters),
    Row(known: "a1234", said: "a12", doubt: .fewerMasters),
    Row(known: "a1234", said: "a1", doubt: .mostMastersGone),
    // More masters than before, and yet most of those known are gone.
    Row(known: "a123", said: "a1456", doubt: .mostMastersGone),
    Row(known: "a123", said: "b123", doubt: .otherID),
    Row(known: "a123", said: "b1", doubt: .otherID),
    // Those that are alive are not all that belong to it.
    Row(known: "a123", said: "a12", source: .mesosDNS, doubt: nil, believed: "a123"),
    Row(known: "a123", said: "a1", source: .mesosDNS, doubt: nil, believed: "a123"),
    Row(known: "a123", said: "a1234", source: .mesosDNS, doubt: nil),
    Row(known: "a123", said: "a456", source: .mesosDNS, doubt: .mostMastersGone),
    Row(known: "a123", said: "b1", source: .mesosDNS, doubt: .otherID),
    // Where nothing is known of its masters, only the ID counts.
    Row(known: "a", said: "a1", doubt: nil),
    Row(known: "a", said: "b1", doubt: .otherID),
  ])
  func doubts(_ row: Row) throws {
    let memory = ClusterMemory(view: try Said.view(row.known), agreedAt: 50)
    let round = try all(row.said, source: row.source)
    let (decision, after) = BeliefDecision.of(round, memory: memory, rules: .init(), now: 1000)
    guard let reason = row.doubt else {
      let view = try Said.view(row.believed ?? row.said)
      #expect(decision == .believed(view))
      #expect(after == ClusterMemory(view: view, agreedAt: 1000))
      return
    }
    guard case .doubted(let doubt) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(doubt.reason == reason && doubt.since == 1000)
    #expect(doubt.until == (reason == .otherID ? nil : 1900))
    #expect(after?.view == memory.view && after?.agreedAt == 50)
    // An operator lets it through.
    let accepted = BeliefDecision.of(
      round, memory: memory, rules: .init(isAccepted: true), now: 1000)
    #expect(accepted.decision == .believed(try Said.view(row.said)))
  }

  @Test(
    "half of the masters exchanged at once → believed; one more than half → doubted",
    arguments: 1...4)
  func exchanged(known count: Int) throws {
    let known = "123456789".prefix(count)
    let memory = ClusterMemory(view: try Said.view("a\(known)"), agreedAt: 0)
    for gone in 0...count {
      let said = "a\(known.dropFirst(gone))\("6789".prefix(gone))"
      let (decision, after) = BeliefDecision.of(
        try all(said), memory: memory, rules: .init(), now: 1000)
      if gone * 2 > count {
        guard case .doubted(let doubt) = decision else {
          Issue.record("\(said): \(decision)")
          continue
        }
        #expect(doubt.reason == .mostMastersGone && doubt.known == memory.view)
        #expect(after?.view == memory.view && after?.pending?.rounds == 1)
      } else {
        #expect(decision == .believed(try Said.view(said)), "\(said)")
        #expect(after?.pending == nil)
      }
    }
  }

  @Test("nothing is known → what the masters agree on is believed at once, and nothing is pending")
  func firstSight() throws {
    let (decision, memory) = BeliefDecision.of(
      try all("a1"), memory: nil, rules: .init(settleTime: 100_000), now: 7)
    #expect(decision == .believed(try Said.view("a1")))
    #expect(memory == ClusterMemory(view: try Said.view("a1"), agreedAt: 7))
  }

  @Test("settle time reached, one second before it; three rounds, two: each alone is not enough")
  func settled() throws {
    func believes(_ times: [Int64], settleTime: Int64) throws -> [Bool] {
      var memory: ClusterMemory? = ClusterMemory(view: try Said.view("a123"), agreedAt: 0)
      return try times.map { now in
        let result = BeliefDecision.of(
          try all("a12"), memory: memory, rules: .init(settleTime: settleTime), now: now)
        memory = result.memory
        return result.decision == .believed(try Said.view("a12"))
      }
    }
    #expect(try believes([1000, 1300, 1599], settleTime: 600) == [false, false, false])
    #expect(try believes([1000, 1300, 1600], settleTime: 600) == [false, false, true])
    #expect(try believes([1000, 9000, 9001], settleTime: 600) == [false, false, true])
    // However short the settle time, one odd answer or two are never enough.
    #expect(try believes([1000, 1000, 1000], settleTime: 0) == [false, false, true])
  }

  @Test("another ID, then a third, then the other again → its rounds are counted from there")
  func twoOtherIDs() throws {
    var memory: ClusterMemory? = ClusterMemory(view: try Said.view("a123"), agreedAt: 0)
    var believed: [Bool] = []
    for said in ["b123", "b123", "c123", "b123", "b123", "b123"] {
      let result = BeliefDecision.of(
        try all(said), memory: memory, rules: .init(followsID: true), now: 0)
      memory = result.memory
      believed.append(result.decision == .believed(try Said.view(said)))
    }
    #expect(believed == [false, false, false, false, false, true])
  }

  @Test("another ID, said for ever → never believed by time alone, and no time is promised")
  func otherIDByTime() throws {
    var memory: ClusterMemory? = ClusterMemory(view: try Said.view("a123"), agreedAt: 0)
    for round: Int64 in 1...10 {
      let result = BeliefDecision.of(
        try all("b123"), memory: memory, rules: .init(settleTime: 0), now: round * 1_000_000)
      memory = result.memory
      guard case .doubted(let doubt) = result.decision else {
        Issue.record("\(result)")
        continue
      }
      #expect(doubt.until == nil && doubt.since == 1_000_000)
      #expect(doubt.known == (try Said.view("a123")))
    }
  }

  @Test("the known ID is pinned, the masters say another → doubted, and no list is taken with it")
  func pinHolds() throws {
    let memory = ClusterMemory(view: try Said.view("a123"), agreedAt: 5)
    let (decision, after) = BeliefDecision.of(
      try all("b456"), memory: memory, rules: .init(pinnedID: try Said.id("a")), now: 9)
    guard case .doubted(let doubt) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(doubt.reason == .otherID)
    #expect(after?.view == memory.view && after?.agreedAt == 5)
  }

  @Test("the known ID is pinned → its masters are doubted as without a pin")
  func pinIsNoFreePass() throws {
    let memory = ClusterMemory(view: try Said.view("a123"), agreedAt: 5)
    let (decision, _) = BeliefDecision.of(
      try all("a1"), memory: memory, rules: .init(pinnedID: try Said.id("a")), now: 9)
    guard case .doubted(let doubt) = decision else {
      Issue.record("\(decision)")
      return
    }
    #expect(doubt.reason == .mostMastersGone)
  }

  @Test("an operator accepts → believed, and what was pending is forgotten")
  func accepted() throws {
    let memory = ClusterMemory(
      view: try Said.view("a123"), agreedAt: 5,
      pending: .init(view: try Said.view("b123"), since: 6, rounds: 2, unanimousRounds: 1))
    let result = BeliefDecision.of(
      try all("b123"), memory: memory, rules: .init(isAccepted: true), now: 9)
    #expect(result.decision == .believed(try Said.view("b123")))
    #expect(result.memory == ClusterMemory(view: try Said.view("b123"), agreedAt: 9))
  }

  @Test("an operator accepts, the masters do not agree → nothing is believed")
  func acceptedWithoutAgreement() throws {
    let memory = ClusterMemory(view: try Said.view("a123"), agreedAt: 5)
    let result = BeliefDecision.of(
      try Said.round(["1:b123", "2:--", "3:--"], isKnown: true), memory: memory,
      rules: .init(isAccepted: true), now: 9)
    guard case .unknown = result.decision else {
      Issue.record("\(result)")
      return
    }
    #expect(result.memory == memory)
  }

  @Test("what has lasted is believed by itself; a clock that jumps makes nothing older")
  func settling() throws {
    var memory: ClusterMemory? = ClusterMemory(view: try Said.view("a123"), agreedAt: 0)
    func judge(_ said: String, at now: Int64) throws -> BeliefDecision {
      let (decision, after) = BeliefDecision.of(
        try all(said), memory: memory, rules: .init(settleTime: 600), now: now)
      memory = after
      return decision
    }
    func isDoubted(_ decision: BeliefDecision) -> Bool {
      if case .doubted = decision { true } else { false }
    }
    #expect(isDoubted(try judge("a12", at: 100)))
    #expect(isDoubted(try judge("a12", at: 90_000)))
    #expect(try judge("a12", at: 90_030) == .believed(try Said.view("a12")))
    // Put back, it starts from there; another list starts anew; a round without agreement too.
    #expect(isDoubted(try judge("a1", at: 1000)))
    #expect(isDoubted(try judge("a1", at: 500)))
    #expect(isDoubted(try judge("a1", at: 1090)))
    #expect(isDoubted(try judge("a2", at: 2000)))
    #expect(isDoubted(try judge("a1", at: 2010)))
    let nobody = BeliefDecision.of(
      try Said.round(["1:--"]), memory: memory, rules: .init(settleTime: 600), now: 2020)
    guard case .unknown = nobody.decision else {
      Issue.record("\(nobody)")
      return
    }
    #expect(nobody.memory?.pending == nil && nobody.memory?.view == memory?.view)
    // A clock that was ahead and is put right does not make it wait for that time again.
    for now: Int64 in [50_000, 3000, 3599] { #expect(isDoubted(try judge("a2", at: now))) }
    #expect(try judge("a2", at: 3600) == .believed(try Said.view("a2")))
  }

  @Test("another ID is followed after three rounds of all masters, if it is to be")
  func following() throws {
    for follows in [true, false] {
      var memory: ClusterMemory? = ClusterMemory(view: try Said.view("a123"), agreedAt: 0)
      var believed: [Bool] = []
      for (index, isWhole) in [true, false, true, true, true, true].enumerated() {
        let round =
          isWhole ? try all("b123") : try Said.round(["1:b123", "2:b123", "3:--"], isKnown: true)
        let (decision, after) = BeliefDecision.of(
          round, memory: memory, rules: .init(followsID: follows), now: Int64(index) * 100_000)
        memory = after
        believed.append(decision == .believed(try Said.view("b123")))
      }
      #expect(believed == [false, false, false, false, follows, follows])
    }
  }

  @Test("an ID that the configuration names is taken at once")
  func pinning() throws {
    let memory = ClusterMemory(view: try Said.view("a123"), agreedAt: 0)
    let (decision, _) = BeliefDecision.of(
      try all("b456"), memory: memory, rules: .init(pinnedID: try Said.id("b")), now: 0)
    #expect(decision == .believed(try Said.view("b456")))
  }

  @Test("whatever the masters say, no list is empty, and nothing is believed without a majority")
  func properties() throws {
    for seed: UInt64 in 0..<400 {
      var generator = SeededGenerator(seed: seed)
      var memory: ClusterMemory?
      var last: ClusterView?
      let rules = BeliefDecision.Rules(
        followsID: generator.oneIn(2), settleTime: generator.pick(0, 60, 900))
      var now: Int64 = 1_000_000
      for _ in 0..<30 {
        now += generator.pick(30, 30, 30, 3600, -5000)
        let said = (1...5).map { master in
          "\(master):" + generator.pick("a", "a", "a", "b", "-")
            + generator.pick("123", "123", "124", "12", "1", "345", "12345", "-")
        }
        let round = try Said.round(
          Array(said.prefix(generator.pick(1, 3, 5))), configured: "123", isKnown: memory != nil)
        let result = BeliefDecision.of(round, memory: memory, rules: rules, now: now)
        memory = result.memory
        if case .believed(let view) = result.decision {
          #expect(!view.masters.isEmpty)
          if view != last {
            let voices = round.reports.filter {
              (try? $0.members.get().addresses) == view.masters
            }
            let ids = round.reports.filter { (try? $0.id.get()) == view.id }
            #expect(voices.count * 2 > view.masters.count, "\(seed) \(said)")
            #expect(ids.count * 2 > view.masters.count, "\(seed) \(said)")
          }
          last = view
        }
        #expect(memory?.view == last, "what is remembered is what was believed")
      }
    }
  }

  /// All masters of a view say it.
  private func all(
    _ text: String, source: MemberList.Source = .exhibitor
  ) throws -> ObservationRound {
    let masters = text.dropFirst()
    return try Said.round(
      masters.map { "\($0):\(text)" }, configured: "1", isKnown: true, source: source)
  }
}
