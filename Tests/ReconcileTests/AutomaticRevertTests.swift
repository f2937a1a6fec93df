import DCOS
import DNSNames
import FileChange
import Glibc
import Named
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// The way back, with a real named: what is put back, with which serial, what named is told, what is
/// remembered, and what is not touched.
@Suite("What is not served is reverted", .serialized, .timeLimit(.minutes(5)))
struct AutomaticRevertTests {
  private static let net = "zone \"contoso.net\" { type primary; file \"db.net\"; };\n"
  private static let twoFiles = ["db": LiveSite.zone, "db.net": LiveSite.zone]

  private static func zone(_ serial: Int) -> String {
    LiveSite.zone.replacing(" 41 ", with: " \(serial) ")
  }

  /// Hands over a site whose passes do not wait long.
  private func withHastySite(
    _ local: String = LiveSite.local(), files: [String: String] = ["db": LiveSite.zone],
    _ body: (LiveSite) async throws -> Void
  ) async throws {
    try await withLiveSite(local, files: files) { site in
      var site = site
      site.patience = .milliseconds(1500)
      try await body(site)
    }
  }

  @Test("the masters stop answering → all is back, serials go on, no history")
  func everything() async throws {
    try await withHastySite { site in
      let local = try site.text("named.conf.local")
      let result = try await site.run(at: once(.swap, site.failMasters))
      let outcome = try #require(result.attempts.first)
      #expect(!outcome.isSeenServed && outcome.isNamedTold && !outcome.isCutShort)
      #expect(
        outcome.putBack == [
          site.named.folder.path.appending("db"), site.named.namedConfLocal,
        ])
      #expect(outcome.blamed == [.cluster("prod")])
      #expect(try site.text("named.conf.local") == local)
      // It was loaded with serial 42, and secondaries may have it.
      #expect(try site.text("db") == Self.zone(43))
      #expect(try await site.serial() == 43)
      #expect(try await site.target() == nil)
      let forth = ["reconfig", "flushtree \(Site.ids[0]).dcos.directory", "reload contoso.com IN"]
      #expect(site.commands == forth + forth, "named is told the same on the way back")
      #expect(outcome.problems.map(\.subject) == ["cluster prod"])
      #expect(site.record(of: result).reloadDebt == [])
      #expect(
        outcome.problems.first?.reason.contains("did not serve it, so it was reverted") == true)
      #expect(site.history.entries.isEmpty)
      #expect(try site.named.folder.names(in: "state/history").isEmpty)
      // The other turn has nothing left to do: the alias waits for its cluster.
      #expect(result.attempts.count == 2 && result.attempts.last?.plan.files.isEmpty == true)
    }
  }

  @Test("one change, then one that is reverted → rollback reverts the first one")
  func rollbackAfterwards() async throws {
    try await withHastySite { site in
      try await site.expectServed()
      let first = (try site.text("named.conf.local"), site.history.entries)
      var second = site
      second.desired.clusters[0].forwarders = [
        try IPAddress("127.0.0.1"), try IPAddress("127.0.0.9"),
      ]
      let result = try await second.run(at: once(.swap, site.failMasters))
      #expect(result.attempts.first?.putBack == [site.named.namedConfLocal])
      #expect(try site.text("named.conf.local") == first.0)
      #expect(site.history.entries.map(\.number) == first.1.map(\.number))
      site.mendMasters()
      let outcome = try await site.rollBack()
      #expect(outcome.problems.isEmpty, "\(outcome.problems)")
      #expect(try !site.text("named.conf.local").contains("zonebridge"))
      #expect(try !site.text("db").contains("DNAME"))
      #expect(try await site.target() == nil)
    }
  }

  @Test("one of two zones is reverted → rollback reverts the other one alone")
  func oneOfTwoZones() async throws {
    try await withHastySite(LiveSite.local() + Self.net, files: Self.twoFiles) { site in
      var site = site
      site.desired.aliases.append(try LiveSite.alias("foo.contoso.net"))
      let result = try await site.run(
        at: once(.swap) { [site] in site.refuse("reload contoso.net") })
      let outcome = try #require(result.attempts.first)
      #expect(outcome.putBack == [site.named.folder.path.appending("db.net")])
      #expect(outcome.blamed == [.alias("foo.contoso.net")])
      // named has loaded nothing of it: to the byte.
      #expect(try site.text("db.net") == LiveSite.zone)
      #expect(try await site.target() == LiveSite.target)
      #expect(try await site.target(of: "foo.contoso.net") == nil)
      // What stays is not told once more.
      #expect(site.commands.count { $0 == "reconfig" } == 1)
      #expect(site.commands.count { $0 == "reload contoso.com IN" } == 1)
      let entry = try #require(site.history.entries.first)
      #expect(site.history.entries.count == 1)
      #expect(
        Set(entry.files.map(\.path)) == [
          site.named.folder.path.appending("db").string, site.named.namedConfLocal.string,
        ])
      #expect(entry.files.allSatisfy { $0.left != nil })
      site.refuseNothing()
      let back = try await site.rollBack()
      #expect(back.problems.isEmpty, "\(back.problems)")
      #expect(try site.text("db") == Self.zone(43))
      #expect(try site.text("db.net") == LiveSite.zone)
    }
  }

  @Test("rndc fails during the way back → the serial never steps back")
  func noZoneStatus() async throws {
    try await withHastySite { site in
      let result = try await site.run(
        at: once(.swap) { [site] in
          site.failMasters()
          site.refuse("zonestatus")
        })
      #expect(result.attempts.first?.putBack.isEmpty == false)
      // 42 may have been loaded; nobody could say.
      #expect(try site.text("db") == Self.zone(43))
      site.refuseNothing()
      try await eventually("named has loaded it") { try await site.serial() == 43 }
      #expect(try await site.target() == nil)
    }
  }

  @Test("named refuses the configuration → every byte is restored, and it gets no further command")
  func refusal() async throws {
    try await withHastySite { site in
      let before = (try site.text("db"), try site.text("named.conf.local"))
      let result = try await site.run(
        at: once(.swap) { [site] in
          site.refuse("reconfig", words: "rndc: 'reconfig' failed: failure")
        })
      let outcome = try #require(result.attempts.first)
      #expect(outcome.blamed == [.cluster("prod")], "the alias cannot be to blame")
      #expect(outcome.problems.map(\.subject) == ["named"])
      #expect(outcome.problems.first?.reason.contains("The files were reverted") == true)
      #expect(try site.text("db") == before.0 && site.text("named.conf.local") == before.1)
      #expect(site.commands == ["reconfig"])
      #expect(NameMemory.read(in: StateDirectory(site.state))?.unflushed == [])
      #expect(try await site.serial() == 41)
      #expect(site.history.entries.isEmpty)
    }
  }

  @Test("rndc fails otherwise at reconfig → the others are sent, and what is served decides")
  func reconfigUnanswered() async throws {
    try await withHastySite { site in
      let result = try await site.run(
        at: once(.swap) { [site] in
          site.refuse("reconfig", words: "rndc: connect failed: timed out")
        })
      let outcome = try #require(result.attempts.first)
      #expect(site.commands.prefix(3).last == "reload contoso.com IN")
      #expect(outcome.putBack.count == 2, "the forward zone is not served without it")
      #expect(outcome.problems.contains { $0.subject == .command(.reconfig) })
    }
  }

  // MARK: Zones that share something

  private static let views = ["inside", "outside"].map { view in
    """
    view "\(view)" {
    match-clients { \(view == "inside" ? "127.0.0.1" : "any"); };
    zone "contoso.com" { type primary; file "db"; };
    };

    """
  }.joined()

  @Test(
    "one file in two views, of which one did not load it → one serial for both, served by both",
    arguments: ["inside", "outside"])
  func sharedFile(unloaded: String) async throws {
    try await withHastySite(Self.views) { site in
      var site = site
      site.desired.aliases[0].allow = [.sharedFile]
      let result = try await site.run(at: { [site] step in
        if step == .swap { site.refuse("reload contoso.com IN \(unloaded)") }
        if step == .verify { site.refuse("nothing") }
      })
      let outcome = try #require(result.attempts.first)
      #expect(
        outcome.putBack == [site.named.folder.path.appending("db")], "\(result.problems)")
      // The other one was loaded with 42.
      #expect(try site.text("db") == Self.zone(43))
      let control = RemoteControl(
        tool: site.tools.rndc, settings: RemoteControlSettings(config: site.named.rndcConf))
      for view in ["inside", "outside"] {
        let status = try await control.zoneStatus(zone: DomainName("contoso.com"), view: view)
        #expect(status.serial == 43, "\(view)")
      }
      #expect(
        !outcome.problems.contains { $0.reason.contains("the files were reverted") },
        "\(outcome.problems)")
      #expect(
        site.commands.suffix(2) == [
          "reload contoso.com IN inside", "reload contoso.com IN outside",
        ])
    }
  }

  @Test("another zone of the same file did not load the change → not made again and again")
  func sharerUnloaded() async throws {
    let local = LiveSite.local() + "zone \"contoso.net\" { type primary; file \"db\"; };\n"
    try await withHastySite(local) { site in
      var site = site
      site.desired.aliases = try ["foo.contoso.com", "foo.contoso.net"].map {
        try LiveSite.alias($0, allow: [.sharedFile])
      }
      try await site.expectServed(now: 900)
      site.desired.aliases[0].ttl = 30
      let result = try await site.run(
        now: 1000, at: once(.swap) { [site] in site.refuse("reload contoso.net") })
      let outcome = try #require(result.attempts.first)
      #expect(outcome.putBack == [site.named.folder.path.appending("db")], "\(outcome)")
      // None of that zone's aliases was changed; whatever was changed may be the reason.
      #expect(outcome.blamed == [.alias("foo.contoso.com")])
      #expect(result.attempts.count == 2 && result.attempts.last?.plan.files.isEmpty == true)
      site.refuseNothing()
      try await site.expectUntouched(now: 1059)
      try await site.expectServed(now: 1060)
      #expect(try await site.serial(of: "contoso.net") == site.serial())
      #expect(try site.text("db").contains("foo.contoso.com. 30 IN DNAME"))
    }
  }

  @Test("the same zone in two views → both are reverted, reloaded, and checked")
  func views() async throws {
    try await withHastySite(Self.views) { site in
      var site = site
      site.desired.aliases[0].allow = [.sharedFile]
      let conf = try site.text("named.conf.local")
      let result = try await site.run(at: once(.swap, site.failMasters))
      #expect(result.attempts.first?.putBack.count == 2, "\(result.problems)")
      #expect(try site.text("named.conf.local") == conf)
      #expect(try site.text("db") == Self.zone(43))
      #expect(
        site.commands.suffix(2) == [
          "reload contoso.com IN inside", "reload contoso.com IN outside",
        ])
      #expect(try await site.serial() == 43)
    }
  }

  // MARK: Zones that are made and removed

  private func withMadeZone(_ site: LiveSite) throws -> LiveSite {
    var site = site
    site.desired.aliases = [try LiveSite.alias("dcos.example")]
    site.desired.zones = [
      try DomainName("dcos.example"): ZoneSettings(
        create: CreatedZone(
          file: site.named.folder.path.appending("db.made"),
          primary: try DomainName("ns.example.net"), contact: try DomainName("h.example.net")))
    ]
    return site
  }

  @Test("a made zone is not served → file, statement and forward zone are gone")
  func madeZone() async throws {
    try await withHastySite { site in
      let site = try withMadeZone(site)
      let before = try site.text("named.conf.local")
      let result = try await site.run(at: once(.swap, site.failMasters))
      let path = site.named.folder.path.appending("db.made")
      #expect(result.attempts.first?.putBack.contains(path) == true, "\(result.problems)")
      #expect(throws: Errno.noSuchFileOrDirectory) { try path.stat() }
      #expect(try site.text("named.conf.local") == before)
      #expect(site.history.entries.isEmpty)
      #expect(site.commands.count { $0 == "reconfig" } == 2)
      // What was never there cannot be taken back: there is nothing.
      #expect(try await site.named.rndc("zonestatus", "dcos.example").status != 0)
      site.mendMasters()
      try await site.expectServed(now: 1060)
      #expect(try await site.target(of: "dcos.example") == LiveSite.target)
    }
  }

  @Test(
    "a zone goes beside a cluster that fails → the cluster alone is reverted, and the zone stays away"
  )
  func removal() async throws {
    try await withHastySite { site in
      var made = try withMadeZone(site)
      made.desired.aliases.append(try LiveSite.alias("bar.contoso.com"))
      made.patience = .seconds(10)
      try await made.expectServed()
      let file = try site.text("db.made")
      let local = try site.text("named.conf.local")

      // The made zone goes, and another cluster comes, whose masters stop answering.
      var next = site
      next.desired.clusters = [try site.cluster(), try site.cluster("lab", id: Site.ids[1])]
      next.desired.aliases = [
        try LiveSite.alias("bar.contoso.com"), try LiveSite.alias("lab.contoso.com", of: "lab"),
      ]
      try site.forgetWhatWasTold()
      let result = try await next.run(
        at: once(.swap) { [site] in site.failMasters(of: Site.ids[1]) })
      let outcome = try #require(result.attempts.first)
      let path = site.named.folder.path.appending("db.made")
      try #require(outcome.plan.files.contains { $0.contents == nil && $0.path == path })
      #expect(!outcome.putBack.contains(path))
      #expect(!site.told.contains("reload dcos.example IN"), "\(site.told)")
      #expect(outcome.blamed == [.cluster("lab")])
      #expect(outcome.problems.map(\.subject) == ["cluster lab"], "it is served again: \(outcome)")
      // The second turn makes what can be made: the removal, and the alias of the other cluster.
      #expect(result.attempts.count == 2)
      #expect(throws: Errno.noSuchFileOrDirectory) { try path.stat() }
      #expect(try await site.target(of: "bar.contoso.com") == LiveSite.target)
      // And the last change taken back has the zone there once more.
      let undone = try await next.rollBack()
      #expect(undone.problems.isEmpty, "\(undone.problems)")
      #expect(try site.text("db.made") == file)
      #expect(try site.text("named.conf.local") == local)
      #expect(try await site.target(of: "dcos.example") == LiveSite.target)
    }
  }

  // MARK: Turns

  @Test("what an operator lets through fails again → it is not let through a second time")
  func accepted() async throws {
    try await withHastySite { site in
      site.failMasters()
      let result = try await site.run(accepted: ["prod"])
      #expect(result.attempts.map(\.putBack.isEmpty) == [false, true])
      #expect(result.attempts.last?.plan.problems.map(\.severity).contains(.held) == true)
      #expect(site.commands.count { $0 == "reconfig" } == 2)
      // Of what was just put back it is not told also that it is held.
      #expect(result.problems.map(\.severity) == [.failed], "\(result.problems)")
    }
  }

  @Test(
    "one of seven clusters fails → it alone is reverted, and the others stay as they were written")
  func attempts() async throws {
    let ids = try (1...7).map {
      try ClusterID(publicKey: Array(repeating: UInt8($0), count: 32)).description
    }
    try await withHastySite { site in
      var site = site
      site.desired.clusters = try ids.enumerated().map { try site.cluster("c\($0)", id: $1) }
      site.desired.aliases = try ids.indices.map {
        try LiveSite.alias("a\($0).contoso.com", of: "c\($0)")
      }
      let result = try await site.run(at: once(.swap) { [site] in site.failMasters(of: ids[0]) })
      #expect(result.attempts.map { $0.blamed.map(\.description) } == [["cluster c0"], []])
      #expect(result.attempts.first?.putBack.count == 2)
      #expect(
        RevertedChanges.read(in: StateDirectory(site.state)).all.map(\.subject.description) == [
          "cluster c0"
        ])
      let local = try site.text("named.conf.local")
      #expect(!local.contains(ids[0]) && ids.dropFirst().allSatisfy(local.contains))
      #expect(site.commands.count { $0 == "reload contoso.com IN" } == 2)
      for number in 1...6 {
        #expect(
          try await site.target(of: "a\(number).contoso.com")
            == "mesos.\(ids[number]).dcos.directory.")
      }
      #expect(try await site.target(of: "a0.contoso.com") == nil)
      // What is left of the change is the change.
      let entry = try #require(site.history.entries.first)
      #expect(site.history.entries.count == 1 && entry.files.count == 2)
      site.mendMasters()
      #expect(try await site.rollBack().problems == [])
      #expect(try !site.text("named.conf.local").contains("zonebridge"))
      #expect(try !site.text("db").contains("DNAME"))
    }
  }

  // MARK: Later

  @Test("reverted at 1000 → untouched until 1060, tried then, resolved since")
  func promisedRetry() async throws {
    try await withHastySite { site in
      try await site.run(now: 1000, at: once(.swap, site.failMasters))
      site.mendMasters()
      for now: Int64 in [1001, 1059] {
        let held = try await site.expectUntouched(now: now)
        #expect(held.problems.map(\.severity) == [.held], "\(held.problems)")
        #expect(
          held.problems.first?.remedy.hasPrefix(
            "zonebridge tries it again at 1970-01-01 00:17:40 UTC")
            == true,
          "\(held.problems)")
      }
      try await site.expectServed(now: 1060)
      #expect(try await site.target() == LiveSite.target)
      #expect(RevertedChanges.read(in: StateDirectory(site.state)) == RevertedChanges())
      try await site.expectUntouched(now: 1061)
    }
  }

  @Test("reverted again → twice as long a wait, counted from then") func longerWait()
    async throws
  {
    try await withHastySite { site in
      try await site.run(now: 1000, at: once(.swap, site.failMasters))
      site.mendMasters()
      let again = try await site.run(now: 1060, at: once(.swap, site.failMasters))
      #expect(again.attempts.first?.putBack.isEmpty == false)
      site.mendMasters()
      try await site.expectUntouched(now: 1060 + 119)
      try await site.expectServed(now: 1060 + 120)
    }
  }

  @Test(
    "an operator changes named.conf after a put-back → tried at once")
  func operatorsCure() async throws {
    try await withHastySite { site in
      try await site.run(now: 1000, at: once(.swap, site.failMasters))
      site.mendMasters()
      try await site.expectUntouched(now: 1001)
      try site.named.write(
        "named.conf.local", try site.text("named.conf.local") + "acl ours { 192.0.2.0/24; };\n")
      try await site.expectServed(now: 1001)
      #expect(try await site.target() == LiveSite.target)
    }
  }

  @Test(
    "an operator lets named read a zone file again → its alias is written at once",
    .enabled(if: geteuid() == 0, "only root can take a file away from named and still read it"))
  func readableAgain() async throws {
    try await withHastySite(LiveSite.local() + Self.net, files: Self.twoFiles) { site in
      var site = site
      site.desired.aliases.append(try LiveSite.alias("foo.contoso.net"))
      let path = site.named.folder.path.appending("db.net")
      _ = try await run("sh", arguments: ["-c", "chown root: \(path) && chmod 600 \(path)"])
      let result = try await site.run(now: 1000)
      #expect(result.problems.map(\.reason).contains { $0.contains("may not read \(path)") })
      #expect(try site.text("db.net") == LiveSite.zone)
      #expect(try await site.target() == LiveSite.target, "the other alias is written")
      try await site.expectUntouched(now: 1059)
      _ = try await run("chmod", arguments: ["644", path.string])
      try await site.expectServed(now: 1001)
      #expect(try await site.target(of: "foo.contoso.net") == LiveSite.target)
    }
  }
}
