import DCOS
import DNSNames
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What named said of a zone counts in later passes for as long as it would say the same: the control channel is a real
/// one, of which it is taken down what it was asked.
@Suite("What named said of zones", .serialized, .timeLimit(.minutes(5)))
struct ZoneStatusCacheTests {
  private static let zone = "zonestatus contoso.com IN"

  /// An agent that has put its alias in, for which everything has been left alone for long.
  private struct Agent {
    let site: LiveSite
    let statuses = ZoneStatusCache { Int64(time(nil)) + 3600 }

    func pass(sourceLocation: Testing.SourceLocation = #_sourceLocation) async throws -> [String] {
      try site.forgetWhatWasTold()
      let pass = Pass(
        desired: site.desired, tools: site.tools, stateDirectory: site.state, statuses: statuses)
      let result = try await pass.run(
        observers: try ClusterObservers(site.desired.clusters), now: { 1000 }, prepared: { _ in })
      #expect(result.problems.isEmpty, "\(result.problems)", sourceLocation: sourceLocation)
      return site.told
    }

    func expectAsked(
      _ commands: [String], sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
      let told = try await pass(sourceLocation: sourceLocation)
      // They are sent side by side.
      #expect(told.sorted() == commands.sorted(), sourceLocation: sourceLocation)
    }
  }

  private func withAgent(
    _ local: String = LiveSite.local(), _ body: (Agent) async throws -> Void
  ) async throws {
    try await withLiveSite(local) { site in
      let agent = Agent(site: site)
      _ = try await agent.pass()
      let told = try await agent.pass()
      #expect(told.contains { $0.hasPrefix("zonestatus") })
      try await body(agent)
    }
  }

  @Test("nothing has changed → named is asked about itself, and not about the zone")
  func unchanged() async throws {
    try await withAgent { agent in
      for _ in 1...2 {
        try await agent.expectAsked(["status"])
      }
    }
  }

  @Test("another serial is served → asked once more, and known from then on")
  func anotherSerial() async throws {
    try await withAgent { agent in
      let text = try agent.site.text("db")
      try agent.site.named.write("db", text.replacing(" 42 ", with: " 50 "))
      try await agent.site.named.rndc("reload", "contoso.com")
      try await eventually("named has loaded it") { try await agent.site.serial() == 50 }
      try await agent.expectAsked(["status", Self.zone])
      try await agent.expectAsked(["status"])
    }
  }

  @Test("named has read its configuration again → asked once more")
  func reconfigured() async throws {
    try await withAgent { agent in
      let control = RemoteControl(
        tool: agent.site.tools.rndc,
        settings: RemoteControlSettings(config: agent.site.named.rndcConf))
      let before = try await control.status()
      // named tells the time in whole seconds.
      try await eventually("another time is told") {
        try await control.reconfig()
        return try await control.status().lastConfigured != before.lastConfigured
      }
      try await agent.expectAsked(["status", Self.zone])
      try await agent.expectAsked(["status"])
    }
  }

  @Test(
    "somebody edits the file, and does not raise the serial → asked in each pass until named has loaded it"
  )
  func edited() async throws {
    try await withAgent { agent in
      let path = agent.site.named.folder.path.appending("db")
      try agent.site.named.write("db", try agent.site.text("db") + "new IN A 192.0.2.81\n")
      // It is later than the second in which named loaded the zone.
      let times = [timespec(tv_sec: time(nil) + 60, tv_nsec: 0)]
      try #require(unsafe utimensat(AT_FDCWD, path.string, times + times, 0) == 0)
      for _ in 1...2 {
        try await agent.expectAsked(["status", Self.zone])
      }
    }
  }

  @Test(
    "a dynamic zone, or one in a view → asked in each pass",
    arguments: [
      LiveSite.local("update-policy local;"),
      "view \"all\" { match-clients { any; }; \(LiveSite.local()) };\n",
    ])
  func neverKnown(local: String) async throws {
    try await withAgent(local) { agent in
      let told = try await agent.pass()
      #expect(told.count == 2 && told.contains { $0.hasPrefix(Self.zone) }, "\(told)")
    }
  }

  @Test("where named is asked another serial is served → the control channel is asked")
  func anotherServer() async throws {
    try await withAgent { agent in
      let named = agent.site.desired.bind.query
      let server = try ScriptedNameServer { question in
        question.type == 6
          ? ScriptedAnswer(answers: [.soa("contoso.com.", serial: 41)]) : .refused
      }
      var site = agent.site
      site.desired.bind.query = try Endpoint(host: "127.0.0.1", port: server.port)
      #expect(site.desired.bind.query != named)
      let pass = Pass(
        desired: site.desired, tools: site.tools, stateDirectory: site.state,
        statuses: agent.statuses)
      try site.forgetWhatWasTold()
      let proposal = try await pass.propose(
        observers: try ClusterObservers(site.desired.clusters), now: 1000)
      #expect(site.told == ["status", Self.zone])
      #expect(proposal.actual.zones.compactMap(\.status?.serial) == [42])
    }
  }

  /// A configuration may be read again within the second that named tells of the last one.
  @Test(
    "the configuration was read 2 s ago → nothing is known; 3 s ago → known", arguments: [2, 3])
  func age(seconds: Int64) async throws {
    try await withLiveSite { site in
      let actual = try await site.pass().propose(
        observers: try ClusterObservers(site.desired.clusters), now: 1000
      ).actual
      let named = try #require(try actual.named?.get())
      let configured = try #require(named.lastConfigured?.secondsSinceEpoch)
      let statuses = ZoneStatusCache { configured + seconds }
      statuses.note(actual.zones, by: named)
      let zone = try #require(actual.zones.first { $0.name.withoutTrailingDot == "contoso.com" })
      #expect(statuses.isNoted(zone.inView) == (seconds > 2))
      #expect((statuses.status(of: zone, by: named)?.serial == 41) == (seconds > 2))
    }
  }
}
