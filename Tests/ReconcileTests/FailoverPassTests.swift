import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// With a real named, masters that answer what the test wants, and a clock that it turns.
@Suite("Passes move an alias that follows health", .serialized, .timeLimit(.minutes(5)))
struct FailoverPassTests {
  private static let blue = Site.ids[0]
  private static let green = Site.ids[1]
  private static let alias = "web.contoso.com"

  private static func target(_ id: String) -> String { "mesos.\(id).dcos.directory." }

  /// The masters of some clusters answer nothing of use, and those of the others as they should.
  private static func masters(without dead: String...) -> ScriptedNameServer.Script {
    { question in
      if dead.contains(where: question.name.contains) { return ScriptedAnswer(rcode: 2) }
      if question.type == 1, question.name.hasPrefix("leader.") {
        return ScriptedAnswer(answers: [.address(question.name, [10, 0, 0, 1], ttl: 0)])
      }
      return LiveSite.answer(question)
    }
  }

  /// Hands over a site whose alias leads to blue, after three passes in which both were healthy.
  private func withTwoClusters(
    after: Int64 = 90, back: Int64? = nil, _ body: (LiveSite) async throws -> Void
  ) async throws {
    try await withLiveSite { site in
      var site = site
      site.patience = .seconds(2)
      site.masters.follow(Self.masters())
      site.desired.clusters = [
        try site.cluster("blue", id: Self.blue), try site.cluster("green", id: Self.green),
      ]
      site.desired.aliases = [
        Alias(
          owner: try DomainName(Self.alias), cluster: "blue",
          failover: Failover(["blue", "green"], after: after, back: back))
      ]
      for now in [910, 940, 970] as [Int64] { try await site.expectServed(now: now) }
      try await body(site)
    }
  }

  private func course(_ result: PassResult) throws -> FailoverCourse {
    try #require(result.courses.first)
  }

  private func memory(_ site: LiveSite) throws -> FailoverMemory {
    let memories = FailoverMemories.read(in: StateDirectory(site.state))
    return try #require(memories.byAlias[try DomainName(Self.alias)])
  }

  @Test("both are healthy → the alias leads to blue, and both forward zones stand")
  func healthy() async throws {
    try await withTwoClusters { site in
      #expect(try await site.target(of: Self.alias) == Self.target(Self.blue))
      let text = try site.text("named.conf.local")
      #expect(text.contains(Self.blue) && text.contains(Self.green))
      let course = try course(try await site.run(now: 1000))
      #expect(course.sights.mapValues(\.health) == ["blue": .healthy, "green": .healthy])
      #expect(course.memory.cluster == "blue" && course.memory.moves == 0)
    }
  }

  @Test("blue dies → pass by pass nothing, and then green; it stays when blue is back")
  func moves() async throws {
    try await withTwoClusters { site in
      site.masters.follow(Self.masters(without: Self.blue))
      for now in [1000, 1030, 1060] as [Int64] {
        let result = try await site.run(now: now)
        #expect(try course(result).decision == .stays(at: "blue"), "\(now)")
        #expect(try course(result).sights["blue"]?.health.isIll == true)
        #expect(try await site.target(of: Self.alias) == Self.target(Self.blue))
      }
      // Who asks what is due is shown it, and nothing is changed or counted.
      let before = try site.text("state/failovers")
      let preview = try await site.pass().propose(
        observers: try ClusterObservers(site.desired.clusters), isPreview: true, now: 1090)
      #expect(
        preview.plan.hints.contains { $0.text.hasPrefix("it moves from blue to green: blue") })
      #expect(try site.text("state/failovers") == before)

      let result = try await site.run(now: 1090)
      #expect(try await site.target(of: Self.alias) == Self.target(Self.green))
      #expect(result.attempts.count == 1 && result.chains?.allSatisfy(\.holds) == true)
      let course = try course(result)
      #expect(course.movedFrom == "blue" && course.memory.moves == 1)
      #expect(course.memory.lastMove == 1090 && course.memory.reason.hasPrefix("blue has been ill"))
      #expect(try memory(site) == course.memory)
      let reason = result.plan.reasons[.alias(try DomainName(Self.alias))]
      #expect(reason?.contains(": blue has been ill for 90 s: ") == true, "\(reason ?? "")")
      let record = site.record(of: result)
      #expect(record.failovers?.first?.cluster == "green")
      #expect(record.failovers?.first?.isOnFirstChoice == false)
      #expect(record.aliases.first?.cluster == "green" && record.aliases.first?.state == .served)

      site.masters.follow(Self.masters())
      for pass in 0..<5 as Range<Int64> { _ = try await site.run(now: 1120 + 30 * pass) }
      #expect(try await site.target(of: Self.alias) == Self.target(Self.green))
    }
  }

  @Test("the clock jumps while blue is ill → no move by it")
  func jump() async throws {
    try await withTwoClusters { site in
      site.masters.follow(Self.masters(without: Self.blue))
      for now in [1000, 1030, 90_000, 90_030, 90_060, 500, 530] as [Int64] {
        let decision = try course(try await site.run(now: now)).decision
        #expect(decision == .stays(at: "blue"), "\(now)")
      }
    }
  }

  @Test(
    "named is not asked for once while blue is ill → nothing is known of any, and what was counted is over"
  )
  func namedIsNotAsked() async throws {
    try await withTwoClusters { site in
      site.masters.follow(Self.masters(without: Self.blue))
      for now in [1000, 1030, 1060] as [Int64] { _ = try await site.run(now: now) }
      var alone = site
      alone.desired.bind.reload = .none
      let course = try course(try await alone.run(now: 1090))
      #expect(course.decision == .stays(at: "blue") && course.memory.series == [:])
      #expect(try self.course(try await site.run(now: 1120)).decision == .stays(at: "blue"))
    }
  }

  @Test(
    "while nothing is waited for → what is remembered is not written in each pass, nor by what is no pass"
  )
  func quiet() async throws {
    try await withTwoClusters(after: 30) { site in
      for now in [1000, 1030, 1060] as [Int64] { _ = try await site.run(now: now) }
      let inode = try site.state.appending("failovers").stat().inode
      for now in [1090, 1120, 1150] as [Int64] { _ = try await site.run(now: now) }
      #expect(try site.state.appending("failovers").stat().inode == inode)
      // But before the gap is one that counts.
      _ = try await site.run(now: 1400)
      #expect(try memory(site).seenAt == 1400)
      let before = try memory(site)
      let result = try await site.pass().run(
        observers: try ClusterObservers(site.desired.clusters), operation: .adoption(of: ["blue"]),
        now: { 1430 }, prepared: { _ in })
      #expect(result.courses.isEmpty)
      #expect(try memory(site) == before)
    }
  }

  @Test(
    "the alias moves to green, and no client can resolve it there → it is reverted, and counts as no move"
  )
  func reverted() async throws {
    try await withTwoClusters { site in
      site.masters.follow(Self.masters(without: Self.blue))
      for now in [1000, 1030, 1060] as [Int64] { _ = try await site.run(now: now) }
      // From the moment on that the alias leads there.
      let result = try await site.run(
        now: 1090,
        at: once(.swap) { site.masters.follow(Self.masters(without: Self.blue, Self.green)) })
      #expect(result.attempts.first?.putBack.isEmpty == false)
      #expect(try await site.target(of: Self.alias) == Self.target(Self.blue))
      let course = try course(result)
      #expect(course.movedFrom == nil && course.memory.moves == 0 && course.memory.lastMove == nil)
      #expect(try memory(site).cluster == "blue")
    }
  }

  @Test("a choice is remembered → the next pass follows it, and only a choice takes it back")
  func choice() async throws {
    try await withTwoClusters { site in
      let alias = try DomainName(Self.alias)
      try site.pass().remember(.init("green"), of: alias, now: 1000)
      #expect(try course(try await site.run(now: 1000)).movedFrom == "blue")
      #expect(try await site.target(of: Self.alias) == Self.target(Self.green))
      for now in [1030, 1060] as [Int64] { try await site.expectServed(now: now) }
      let remembered = try memory(site)
      #expect(remembered.choice == .init("green") && remembered.lastMove == nil)
      try site.pass().remember(nil, of: alias, now: 1090)
      #expect(try course(try await site.run(now: 1090)).movedFrom == "green")
      #expect(try await site.target(of: Self.alias) == Self.target(Self.blue))
    }
  }
}
