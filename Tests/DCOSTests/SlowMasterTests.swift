import DCOSSimulator
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import DCOS

/// A master that answers as many questions as a test lets it: it is the first part of each that is held back.
private final class HeldMaster: Sendable {
  private struct State {
    var permits: Int
    var asked = 0
    var isStopped = false
  }

  private let state: Mutex<State>
  private let server: Mutex<RawServer?> = Mutex(nil)

  /// - Parameters:
  ///   - address: where it listens.
  ///   - port: at which port.
  ///   - masters: whom it lists.
  ///   - permits: how many questions it answers at once.
  /// - Throws: what the socket's calls say.
  init(_ address: String, _ port: UInt16, listing masters: [String], permits: Int) throws {
    state = Mutex(State(permits: permits))
    let id = SimulatedCluster.Configuration.publishedID
    let hosts = masters.map { #"{"hostname":"\#($0)"}"# }.joined(separator: ",")
    server.withLock { [self] server in
      server = try? RawServer(address: address, port: port) { path in
        guard path != Resource.key.path || self.mayAnswer() else { return [] }
        let body =
          path == Resource.key.path ? #"{"zbase32_public_key":"\#(id)"}"# : "[\(hosts)]"
        return [
          .send(
            Array(
              "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                .utf8))
        ]
      }
    }
    guard server.withLock({ $0 != nil }) else { throw SystemCallFailure("listen on \(address)") }
  }

  /// How many questions have come so far.
  var asked: Int { state.withLock(\.asked) }

  func allow(_ permits: Int) { state.withLock { $0.permits += permits } }

  /// Takes no more connections, and lets go of those that wait.
  func stop() {
    state.withLock { $0.isStopped = true }
    server.withLock { $0?.stop() }
  }

  private func mayAnswer() -> Bool {
    state.withLock { $0.asked += 1 }
    while true {
      let answer: Bool? = state.withLock { state in
        if state.isStopped { return false }
        guard state.permits > 0 else { return nil }
        state.permits -= 1
        return true
      }
      if let answer { return answer }
      usleep(5_000)
    }
  }
}

@Suite("Masters that are slow, and masters that fail", .timeLimit(.minutes(3)))
struct SlowMasterTests {
  /// A cluster of three masters at an address and port of their own, and an observer of them.
  private func withMasters(
    _ net: Int, permits: [Int], round: Duration = .milliseconds(300),
    _ body: ([HeldMaster], ClusterObserver) async throws -> Void
  ) async throws {
    let hosts = (1...3).map { "127.0.\(net).\($0)" }
    let port = try freePort()
    let masters = try zip(hosts, permits).map {
      try HeldMaster($0, port, listing: hosts, permits: $1)
    }
    var limits = ClusterObserver.Limits.generous(request: .seconds(300), grace: .milliseconds(100))
    limits.round = round
    let observer = try ClusterObserver(
      masters: try hosts.map { try MasterEndpoint("http://\($0):\(port)") }, trust: .system,
      limits: limits)
    defer { masters.forEach { $0.stop() } }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(masters, observer))
    } catch {
      result = .failure(error)
    }
    try await observer.shutdown()
    try result.get()
  }

  private func isAgreed(_ round: ObservationRound) -> Bool {
    if case .success = Agreement.reached(in: round) { true } else { false }
  }

  private let many = 10_000

  @Test("a master answers after the others have agreed → the next round has what it said")
  func late() async throws {
    try await withMasters(50, permits: [0, many, many]) { masters, observer in
      let first = await observer.observe()
      #expect(isAgreed(first))
      #expect(first.reports[0].idReason == .notYet)
      // One question, and nothing of those after it.
      masters[0].allow(1)
      try await eventually("its answer counts") {
        let round = await observer.observe()
        #expect(isAgreed(round))
        return round.reports[0].idReason == nil && round.reports[0].membersReason == nil
      }
      // It has not answered since: it stands by what it said, which is not said once more.
      let later = await observer.observe()
      #expect(later.reports[0].idReason == nil)
      #expect(later.repeated == [later.reports[0].master])
      #expect(try !Agreement.reached(in: later).get().isUnanimous)
    }
  }

  @Test("one of three is slow, and another one goes down → two of three agree, in every round")
  func slowAndDown() async throws {
    try await withMasters(51, permits: [0, many, many]) { masters, observer in
      for _ in 1...5 { #expect(isAgreed(await observer.observe())) }
      masters[0].allow(1)
      try await eventually("it has answered") {
        await observer.observe().reports[0].idReason == nil
      }
      masters[1].stop()
      for number in 1...6 {
        #expect(isAgreed(await observer.observe()), "round \(number)")
        // What comes too late for one round is there for the next.
        masters[0].allow(1)
      }
    }
  }

  @Test("never in time → asked in each round all the same, and heard as soon as it answers at once")
  func notShelved() async throws {
    try await withMasters(52, permits: [0, many, many]) { masters, observer in
      for _ in 1...8 { #expect(isAgreed(await observer.observe())) }
      #expect((1...MasterRegister.mostQuestions).contains(masters[0].asked))
      masters[0].allow(many)
      try await eventually("it is heard within the round") {
        let round = await observer.observe()
        return (try? Agreement.reached(in: round).get().isUnanimous) == true
      }
    }
  }

  /// A simulated cluster of three masters, and an observer of them.
  private func withSimulation(
    _ net: Int, _ body: (SimulatedCluster, [String], ClusterObserver) async throws -> Void
  ) async throws {
    let hosts = (1...3).map { "127.0.\(net).\($0)" }
    try await withCluster(.init(masters: hosts)) { cluster in
      let observer = try ClusterObserver(
        masters: try await cluster.urls(.http).map { try MasterEndpoint($0) }, trust: .system,
        limits: .generous())
      let result: Result<Void, any Error>
      do {
        result = .success(try await body(cluster, hosts, observer))
      } catch {
        result = .failure(error)
      }
      try await observer.shutdown()
      try result.get()
    }
  }

  private func asked(_ cluster: SimulatedCluster, _ host: String) async -> Int {
    await cluster.requests.count { $0.master == host }
  }

  @Test("one of three is down for long → left alone while the others agree, asked when they do not")
  func shelved() async throws {
    try await withSimulation(53) { cluster, hosts, observer in
      try await cluster.fail(hosts[1], .unreachable)
      for _ in 1...3 { #expect(isAgreed(await observer.observe())) }
      try await cluster.heal(hosts[1])
      let round = await observer.observe()
      #expect(isAgreed(round))
      #expect(await asked(cluster, hosts[1]) == 0, "it is shelved")
      #expect(round.reports[1].idReason == .unreachable(.refused), "what it said last")
      try await cluster.fail(hosts[0], .unreachable)
      let needed = await observer.observe()
      #expect(isAgreed(needed))
      #expect(needed.reports[1].idReason == nil)
    }
  }

  @Test("two of three down for long → seen in the very round after one of them is well again")
  func healed() async throws {
    try await withSimulation(54) { cluster, hosts, observer in
      for host in hosts.dropLast() { try await cluster.fail(host, .unreachable) }
      for _ in 1...6 { #expect(!isAgreed(await observer.observe())) }
      try await cluster.heal(hosts[0])
      #expect(isAgreed(await observer.observe()))
    }
  }

  @Test("a cluster that has hung → seen in the very round after it is well again")
  func hung() async throws {
    try await withMasters(55, permits: [0, 0, 0]) { masters, observer in
      // The first round has time for all that the masters may take; here it is called off.
      let first = Task { await observer.observe() }
      try await eventually("all are asked") { masters.allSatisfy { $0.asked > 0 } }
      first.cancel()
      #expect(await first.value.reports.map(\.idReason) == [.calledOff, .calledOff, .calledOff])
      for _ in 1...5 {
        let round = await observer.observe()
        #expect(
          round.reports.map(\.idReason).allSatisfy { $0 == .timedOut(after: .milliseconds(300)) })
      }
      for master in masters { master.allow(many) }
      try await eventually("it is seen") { isAgreed(await observer.observe()) }
    }
  }
}
