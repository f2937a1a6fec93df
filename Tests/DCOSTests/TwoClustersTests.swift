import DCOS
import DCOSSimulator
import DNSNames
import TestSupport
import Testing

/// A configuration that mixes up two clusters: two masters of one, and one of another.
@Suite("Masters of two clusters", .timeLimit(.minutes(3)))
struct TwoClustersTests {
  private static let ownMasters = ["127.0.7.31", "127.0.7.32", "127.0.7.33"]

  @Test(arguments: [true, false], [["127.0.7.41"], ["127.0.7.41", "127.0.7.42", "127.0.7.43"]])
  func theOneOfWhichMostAreIsAgreedOn(learns: Bool, others: [String]) async throws {
    try await withTwoClusters(others) { own, observer in
      let round = await observer.observe(learns: learns)
      let agreement = try Agreement.reached(in: round).get()
      let view = try view(own)
      #expect(agreement.view == view)
      #expect(!agreement.isUnanimous)
      // Whose master the third is, is told where it counts: what it says is kept apart.
      let stray = try #require(round.reports.first { $0.master.host == others[0] })
      #expect(try stray.id.get() != view.id)
      #expect(try stray.members.get().addresses.map(\.description) == others)

      // From then on it is the cluster that is known.
      let later = await observer.observe(known: view.masters, learns: learns)
      #expect(try Agreement.reached(in: later).get().view == view)
    }
  }

  @Test(arguments: [true, false], [["127.0.7.41"], ["127.0.7.41", "127.0.7.42", "127.0.7.43"]])
  func withOneOfItsMastersDownNothingIs(learns: Bool, others: [String]) async throws {
    try await withTwoClusters(others) { own, observer in
      try await own.fail(Self.ownMasters[1], .unreachable)
      let round = await observer.observe(learns: learns)
      let disagreement = try #require(throws: Disagreement.self) {
        try Agreement.reached(in: round).get()
      }
      #expect(disagreement.isAboutMasters)
      for host in [Self.ownMasters[0], Self.ownMasters[1], others[0]] {
        #expect(disagreement.statements.contains { $0.hasPrefix("http://\(host):") })
      }
      // Nothing is believed at first sight, and nothing else than before later.
      let first = BeliefDecision.of(round, memory: nil, rules: .init(isAccepted: true), now: 0)
      guard case .unknown = first.decision else {
        Issue.record("\(first)")
        return
      }
      #expect(first.memory == nil)
    }
  }

  /// Masters that are known are asked as well; a stray one never comes in their place by itself.
  @Test(arguments: [["127.0.7.41"], ["127.0.7.41", "127.0.7.42", "127.0.7.43"]])
  func aKnownOneStaysWhatItIs(others: [String]) async throws {
    try await withTwoClusters(others) { own, observer in
      let view = try view(own)
      var memory: ClusterMemory? = ClusterMemory(view: view, agreedAt: 0)
      var now: Int64 = 0
      for down in Self.ownMasters.dropLast() {
        try await own.fail(down, .unreachable)
        for _ in 0..<3 {
          now += 100_000
          let round = await observer.observe(known: view.masters)
          let result = BeliefDecision.of(
            round, memory: memory, rules: .init(followsID: true), now: now)
          memory = result.memory
          #expect(memory?.view == view)
          if case .believed(let believed) = result.decision { #expect(believed == view) }
        }
      }
    }
  }

  private func view(_ cluster: SimulatedCluster) throws -> ClusterView {
    ClusterView(
      id: try ClusterID(SimulatedCluster.Configuration.publishedID),
      masters: try Self.ownMasters.map { try IPAddress($0) })
  }

  /// Two masters of one cluster and one of another are configured, all at one port as real ones are.
  private func withTwoClusters(
    _ others: [String], _ body: (SimulatedCluster, ClusterObserver) async throws -> Void
  ) async throws {
    let otherID = try Said.id("b").description
    try await withCluster(.init(masters: Self.ownMasters)) { own in
      let port = await own.httpPort
      try await withCluster(.init(id: otherID, masters: others, httpPort: port)) { _ in
        let masters = [Self.ownMasters[0], Self.ownMasters[1], others[0]]
        let observer = try ClusterObserver(
          masters: try masters.map { try MasterEndpoint("http://\($0):\(port)") },
          trust: .system, limits: .generous())
        do {
          try await body(own, observer)
        } catch {
          try await observer.shutdown()
          throw error
        }
        try await observer.shutdown()
      }
    }
  }
}
