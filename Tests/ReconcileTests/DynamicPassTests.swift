import DCOS
import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// DNS UPDATE as a part of a pass, with a real named: what is remembered when, and what the history says of
/// what named refused.
@Suite("A change of a dynamic zone", .serialized, .timeLimit(.minutes(5)))
struct DynamicPassTests {
  private static let key = """
    key "updates" {
    \talgorithm hmac-sha256;
    \tsecret "em9uZWJyaWRnZSB1cGRhdGUga2V5LCBub3QgYSBzZWNyZXQ=";
    };

    """

  /// A dynamic zone in which the key may change these names.
  private func withDynamicSite(
    granted: [String] = ["foo.contoso.com."], aliases: [String] = ["foo.contoso.com"],
    _ body: (LiveSite) async throws -> Void
  ) async throws {
    let grants = granted.map { "grant updates name \($0) DNAME; " }.joined()
    try await withLiveSite(
      LiveSite.local("update-policy { \(grants)};"), statements: Self.key,
      files: ["db": LiveSite.zone, "updates.key": Self.key]
    ) { site in
      var site = site
      site.patience = .seconds(2)
      site.desired.aliases = try aliases.map { try LiveSite.alias($0) }
      site.desired.zones = [
        try DomainName("contoso.com"): ZoneSettings(
          updateKey: site.named.folder.path.appending("updates.key"))
      ]
      try await body(site)
    }
  }

  /// nsupdate behind a script, which takes down what is remembered at that moment.
  private func watchUpdates(
    _ site: LiveSite, then: String = "exec \"$program\" \"$@\""
  ) throws -> LiveSite {
    var site = site
    let folder = site.named.folder.path
    let script = try site.script(
      "nsupdate",
      """
      cp \(site.state)/dynamic-records \(folder)/rig/remembered 2>/dev/null
      echo sent >>\(folder)/rig/updates
      program=\(try site.tools.nsupdate.get())
      \(then)
      """)
    site.tools = NamedTools(
      checkconf: site.tools.checkconf, checkzone: site.tools.checkzone,
      compilezone: site.tools.compilezone, rndc: site.tools.rndc, nsupdate: script)
    return site
  }

  private func updates(_ site: LiveSite) -> Int {
    ((try? site.text("rig/updates")) ?? "").split(separator: "\n").count
  }

  @Test("an UPDATE is sent → whose the record is was written down before")
  func remembered() async throws {
    try await withDynamicSite { site in
      let site = try watchUpdates(site)
      try await site.expectServed()
      #expect(try site.text("rig/remembered").contains("foo.contoso.com. \(LiveSite.target)"))
      #expect(updates(site) == 1)
      try await site.expectUntouched()
      #expect(updates(site) == 1)
    }
  }

  @Test("the answer to an UPDATE is lost → the next pass knows the record as its own")
  func answerLost() async throws {
    try await withDynamicSite { site in
      let deaf = try watchUpdates(site, then: "\"$program\" \"$@\"; exit 1")
      let result = try await deaf.run()
      #expect(result.problems.map(\.subject) == ["alias foo.contoso.com"], "\(result.problems)")
      #expect(result.attempts.map(\.isSeenServed) == [false])
      #expect(try await site.target() == LiveSite.target)
      // Neither somebody else's, nor sent once more.
      let next = try await site.expectUntouched()
      #expect(next.problems.isEmpty, "\(next.problems)")
      var none = site
      none.desired.aliases = []
      let removed = try await none.run(accepted: ["prod"])
      #expect(removed.problems.isEmpty, "\(removed.problems)")
      #expect(try await site.target() == nil)
    }
  }

  @Test("whose a record is cannot be written down → no UPDATE, no file, no command")
  func unwritable() async throws {
    try await withDynamicSite { site in
      let site = try watchUpdates(site)
      try site.named.folder.write("state/dynamic-records/x", "")
      let before = try site.files()
      let error = await #expect(throws: PassError.self) { try await site.run() }
      #expect(error?.description.hasPrefix("nothing was changed: ") == true, "\(error as Any)")
      #expect(try site.files() == before)
      #expect(site.commands == [] && updates(site) == 0 && site.history.entries.isEmpty)
      #expect(try await site.target() == nil)
    }
  }

  @Test("what an alias leads into is not served → no UPDATE at all, and no history")
  func notBefore() async throws {
    try await withDynamicSite { site in
      let site = try watchUpdates(site)
      let result = try await site.run(at: once(.swap) { site.failMasters() })
      #expect(result.attempts.first?.putBack == [site.named.namedConfLocal], "\(result.problems)")
      #expect(updates(site) == 0)
      #expect(site.history.entries.isEmpty)
      #expect(try await site.target() == nil)
    }
  }

  @Test(
    "names come to stand below an alias by DNS UPDATE → told and counted, out of journal and file, until they go"
  )
  func namesThatCameLater() async throws {
    try await withLiveSite(
      LiveSite.local("update-policy { grant updates zonesub ANY; };"), statements: Self.key,
      files: ["db": LiveSite.zone, "updates.key": Self.key]
    ) { site in
      var site = site
      let key = site.named.folder.path.appending("updates.key")
      site.desired.zones = [try DomainName("contoso.com"): ZoneSettings(updateKey: key)]
      try await site.expectServed()
      let client = UpdateClient(
        tool: try site.tools.nsupdate.get(), server: site.desired.bind.query)
      func update(_ changes: DynamicUpdate.Change...) async throws {
        var update = DynamicUpdate(zone: try DomainName("contoso.com."))
        update.changes = changes
        try await client.send(update, key: key)
      }
      func text(_ owner: String) throws -> ZoneRecord {
        ZoneRecord(owner: try DomainName(owner), type: "TXT", rdata: "\"x\"")
      }
      // named may write the file meanwhile, so that only the pass is looked at.
      func pass() async throws -> PassResult {
        try site.forgetWhatWasTold()
        let result = try await site.run()
        #expect(result.plan.isEmpty && result.problems.isEmpty, "\(result.problems)")
        #expect(site.commands == [])
        return result
      }
      // As an ACME client does it; the other names are not below the alias.
      let challenge = try text("_acme-challenge.FOO.contoso.com.")
      try await update(
        .add(challenge, ttl: 60), .add(try text("_acme-challenge.contoso.com."), ttl: 60),
        .add(try text("xfoo.contoso.com."), ttl: 60))
      for _ in 1...2 {
        let result = try await pass()
        let hidden = try #require(result.plan.hidden.first, "\(result.plan)")
        #expect(hidden.count == 1 && result.plan.hidden.count == 1)
        let place = "(\(site.named.namedConfLocal):1)"
        expect(
          hidden.cause.lowercased(), has: "_acme-challenge.foo.contoso.com \(place.lowercased())")
        #expect(site.record(of: result).aliases.first?.hiddenNames == 1)
        // named writes the file, and the journal is gone.
        try await site.named.rndc("sync", "-clean", "contoso.com")
        // Which it goes on with after it has answered.
        try await eventually("named has written the file") { try site.text("db").contains("xfoo") }
      }
      site.desired.aliases[0].allow = [.hidesNames]
      #expect(try await pass().plan.hidden == [])
      site.desired.aliases[0].allow = []
      try await update(.delete(challenge))
      let result = try await pass()
      #expect(result.plan.hidden == [])
      #expect(site.record(of: result).aliases.first?.hiddenNames == 0)
    }
  }

  @Test("named refuses one of two names → the history has the other one, and rollback takes it out")
  func partlyRefused() async throws {
    try await withDynamicSite(aliases: ["foo.contoso.com", "bar.contoso.com"]) { site in
      let result = try await site.run()
      #expect(result.problems.map(\.subject) == ["alias bar.contoso.com"], "\(result.problems)")
      #expect(result.problems.first?.reason.contains("named refused the update") == true)
      #expect(try await site.target() == LiveSite.target)
      #expect(try await site.target(of: "bar.contoso.com") == nil)
      let entry = try #require(site.history.entries.first)
      #expect(entry.updates.map(\.owner) == ["foo.contoso.com."])
      #expect(entry.files.map(\.path) == [site.named.namedConfLocal.string])

      let back = try await site.rollBack()
      #expect(back.problems.isEmpty, "\(back.problems)")
      #expect(try await site.target() == nil)
      #expect(try !site.text("named.conf.local").contains("zonebridge"), "\(back.plan.hints)")
    }
  }

  @Test("named refuses all → rollback takes back the change before, which was made")
  func allRefused() async throws {
    try await withDynamicSite { site in
      try await site.expectServed()
      var next = site
      next.desired.aliases.append(try LiveSite.alias("bar.contoso.com"))
      let result = try await next.run()
      #expect(result.problems.map(\.subject) == ["alias bar.contoso.com"], "\(result.problems)")
      #expect(site.history.entries.map(\.number) == [1])
      let back = try await site.rollBack()
      #expect(back.problems.isEmpty, "\(back.problems)")
      #expect(try await site.target() == nil)
    }
  }

  @Test("the last change in a dynamic zone is refused → what is remembered is not narrowed to it")
  func refusedRemoval() async throws {
    try await withDynamicSite { site in
      try await site.expectServed()
      // The key may change nothing any more.
      try site.named.write(
        "named.conf.local",
        try site.text("named.conf.local").replacing("grant updates", with: "deny updates"))
      try await site.named.rndc("reconfig")
      var none = site
      none.desired.aliases = []
      let result = try await none.run(accepted: ["prod"], now: 1001)
      #expect(
        result.problems.map(\.subject).contains("alias foo.contoso.com"), "\(result.problems)")
      #expect(
        OwnedRecords.read(in: StateDirectory(site.state)).records.map(\.owner.description) == [
          "foo.contoso.com."
        ])
      // So it is taken out when the key may again.
      try site.named.write(
        "named.conf.local",
        try site.text("named.conf.local").replacing("deny updates", with: "grant updates"))
      try await site.named.rndc("reconfig")
      let again = try await none.run(accepted: ["prod"], now: 1002)
      #expect(again.problems.isEmpty, "\(again.problems)")
      #expect(try await site.target() == nil)
    }
  }

  @Test("somebody else's DNAME stands where ours was → rollback leaves it, and says so")
  func somebodyElses() async throws {
    try await withDynamicSite { site in
      try await site.expectServed()
      let client = UpdateClient(
        tool: try site.tools.nsupdate.get(), server: site.desired.bind.query)
      var update = DynamicUpdate(zone: try DomainName("contoso.com."))
      let owner = try DomainName("foo.contoso.com.")
      update.changes = [
        .delete(ZoneRecord(owner: owner, type: .dname, rdata: LiveSite.target)),
        .add(
          ZoneRecord(owner: owner, type: .dname, rdata: "theirs.example.net."),
          ttl: 60),
      ]
      try await client.send(update, key: site.named.folder.path.appending("updates.key"))
      #expect(try await site.target() == "theirs.example.net.")
      let back = try await site.rollBack()
      #expect(
        back.problems.map(\.subject) == ["alias foo.contoso.com"], "\(back.problems)")
      #expect(try await site.target() == "theirs.example.net.")
    }
  }

  @Test(
    "an alias is renamed, and named refuses the new name → the old one stays; it takes it → the old one goes after it",
    arguments: [false, true])
  func renamed(isGranted: Bool) async throws {
    let granted = ["foo.contoso.com."] + (isGranted ? ["bar.contoso.com."] : [])
    try await withDynamicSite(granted: granted) { site in
      try await site.expectServed()
      var renamed = try watchUpdates(site)
      renamed.desired.aliases = [try LiveSite.alias("bar.contoso.com")]
      let result = try await renamed.run()
      #expect(
        result.problems.map(\.subject) == (isGranted ? [] : ["alias bar.contoso.com"]),
        "\(result.problems)")
      #expect(try await site.target() == (isGranted ? nil : LiveSite.target))
      #expect(
        try await site.target(of: "bar.contoso.com") == (isGranted ? LiveSite.target : nil))
      #expect(updates(site) == (isGranted ? 2 : 1))
      let preview = try await renamed.pass().propose(
        observers: try ClusterObservers(renamed.desired.clusters), isPreview: true, now: 1000)
      #expect(preview.plan.updates.flatMap(\.parts).count == (isGranted ? 0 : 2))
    }
  }

  // MARK: A removal that is rolled back

  /// A site whose alias was removed, and then its forward zone, each in a change of its own.
  private func withRemovedAlias(_ body: (LiveSite) async throws -> Void) async throws {
    try await withDynamicSite { site in
      try await site.expectServed()
      var none = site
      none.desired.clusters = []
      none.desired.aliases = []
      let removed = try await none.pass().run(
        observers: nil, operation: .clearance, now: { 1000 }, prepared: { _ in })
      #expect(removed.problems.isEmpty, "\(removed.problems)")
      #expect(try await site.target() == nil)
      #expect(try !site.text("named.conf.local").contains(Site.ids[0]))
      #expect(site.history.entries.map(\.number) == [3, 2, 1])
      try await body(none)
    }
  }

  @Test("a removed alias is rolled back → what it leads into is served when the UPDATE is sent")
  func makeBeforeBreak() async throws {
    try await withRemovedAlias { site in
      let query = site.desired.bind.query
      let target = LiveSite.target
      let watched = try watchUpdates(
        site,
        then: """
          dig +short @127.0.0.1 -p \(query.port) \(target) SOA >\(site.named.folder.path)/rig/seen
          exec "$program" "$@"
          """)
      let back = try await watched.rollBack(2)
      #expect(back.problems.isEmpty, "\(back.problems)")
      #expect(back.isSeenServed && updates(site) == 1)
      expect(try site.text("rig/seen"), has: " 3600 ")
      #expect(try await site.target() == target)
    }
  }

  @Test("a removal and its rollback are rolled back together → nothing is sent")
  func rolledBackTogether() async throws {
    try await withDynamicSite { site in
      try await site.expectServed()
      var none = site
      none.desired.aliases = []
      let removed = try await none.pass().run(
        observers: nil, operation: .removal(of: ["foo.contoso.com"]), now: { 1000 },
        prepared: { _ in })
      #expect(removed.problems.isEmpty, "\(removed.problems)")
      #expect(try await site.rollBack().problems.isEmpty)
      #expect(try await site.target() == LiveSite.target)
      let watched = try watchUpdates(site)
      let back = try await watched.rollBack(2)
      #expect(back.problems.isEmpty && back.plan.updates.isEmpty, "\(back.problems)")
      #expect(updates(site) == 0, "it would have been out in between")
      #expect(try await site.target() == LiveSite.target)
    }
  }

  @Test("the removal of the DNAME alone is rolled back → refused, since nothing leads on from it")
  func rolledBackAlone() async throws {
    try await withRemovedAlias { site in
      let watched = try watchUpdates(site)
      let before = try site.files()
      let entry = try #require(site.history.entries.first { $0.number == 2 })
      let error = await #expect(throws: PassError.self) {
        try await watched.pass().proposeRollback(of: [entry], now: 2000)
      }
      expect(error?.description, has: "named.conf has no forward zone \(Site.ids[0])")
      expect(error?.description, has: "--last")
      #expect(updates(site) == 0)
      #expect(try site.files() == before)
    }
  }

  @Test("its masters are dead by now → no UPDATE, and named.conf is as it was")
  func rolledBackToDeadMasters() async throws {
    try await withRemovedAlias { site in
      let watched = try watchUpdates(site)
      let local = try site.text("named.conf.local")
      site.failMasters()
      let back = try await watched.rollBack(2)
      #expect(back.putBack == [site.named.namedConfLocal], "\(back.problems)")
      #expect(updates(site) == 0)
      #expect(try site.text("named.conf.local") == local)
      #expect(try await site.target() == nil)
      #expect(site.history.entries.map(\.number) == [3, 2, 1])
    }
  }

  @Test("nsupdate is not installed → the alias fails and says so; the forward zone is written")
  func noProgram() async throws {
    try await withDynamicSite { site in
      let result = try await watchUpdates(site, then: "exit 127").run()
      #expect(result.problems.map(\.subject) == ["alias foo.contoso.com"], "\(result.problems)")
      #expect(try site.text("named.conf.local").contains("BEGIN zonebridge prod"))
      #expect(site.history.entries.first?.updates.isEmpty == true)
    }
  }
}

/// What named has of a dynamic zone: the answers are the test's, the zone's files are read by BIND's own
/// program.
@Suite("What is read of a dynamic zone", .timeLimit(.minutes(2)))
struct DynamicZoneReaderTests {
  private static let owner = "foo.contoso.com."
  private static let other = "mesos.\(Site.ids[1]).dcos.directory."

  private func withReader(
    _ zone: String = LiveSite.zone,
    _ body: (DynamicZoneReader, Zone, ScriptedNameServer) async throws -> Void
  ) async throws {
    let files = [
      "named.conf":
        "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; update-policy local; };\n",
      "db": zone,
    ]
    try await withSite(files, aliases: ["foo.contoso.com"]) { site in
      let server = try ScriptedNameServer { _ in .silence }
      let actual = try await site.propose().actual
      let zone = try #require(actual.zones.first { $0.name.withoutTrailingDot == "contoso.com" })
      let reader = DynamicZoneReader(
        tree: actual.tree,
        client: DNSClient(
          server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(30)),
        compiler: ZoneCompiler(tool: try NamedTools.locate().compilezone), scratch: nil)
      try await body(reader, zone, server)
    }
  }

  @Test("named has what is wanted → it is believed, and the zone is not read")
  func seen() async throws {
    try await withReader { reader, zone, server in
      server.follow { ScriptedAnswer(answers: [.dname($0.name, to: LiveSite.target, ttl: 7)]) }
      let name = try DomainName(Self.owner)
      let live = try await reader.read(zone, wanted: [name], owned: [])
      #expect(
        live.aliases == [name: LiveAlias(target: try DomainName(LiveSite.target), ttl: 7)])
      #expect(live.content == nil && live.authority == nil)
      #expect(server.questions.map(\.name) == [Self.owner])
    }
  }

  @Test("a DNAME above is in the answer → it is none of the name's, and the zone is read")
  func above() async throws {
    try await withReader { reader, zone, server in
      server.follow { _ in
        ScriptedAnswer(answers: [.dname("contoso.com.", to: LiveSite.target)])
      }
      let name = try DomainName(Self.owner)
      let live = try await reader.read(zone, wanted: [name], owned: [])
      #expect(live.aliases[name] == nil)
      #expect(live.authority?.split(separator: " ").dropFirst(2).first == "41")
    }
  }

  @Test("another view answers (no AA) → what it says is not believed, the zone's files are")
  func anotherView() async throws {
    let zone = LiveSite.zone + "foo 300 IN DNAME \(LiveSite.target)\n"
    try await withReader(zone) { reader, zone, server in
      server.follow {
        ScriptedAnswer(isAuthoritative: false, answers: [.dname($0.name, to: Self.other)])
      }
      let name = try DomainName(Self.owner)
      let live = try await reader.read(zone, wanted: [name], owned: [])
      #expect(
        live.aliases == [name: LiveAlias(target: try DomainName(LiveSite.target), ttl: 300)])
      #expect(live.content != nil)
    }
  }

  @Test("our record is gone and none is wanted → the zone is not read for it")
  func ownedOnly() async throws {
    try await withReader { reader, zone, server in
      server.follow { _ in .nameError }
      let live = try await reader.read(zone, wanted: [], owned: [try DomainName(Self.owner)])
      #expect(live.aliases.isEmpty && live.content == nil)
      let none = try await reader.read(zone, wanted: [], owned: [])
      #expect(none.aliases.isEmpty && none.content == nil)
      #expect(server.questions.count == 1, "nothing is asked where nothing matters")
    }
  }

  @Test("named is silent, or the zone's files are damaged → an error that names the zone")
  func unreadable() async throws {
    try await withReader("@ IN SOA broken\n") { reader, zone, server in
      let name = try DomainName(Self.owner)
      let hasty = DynamicZoneReader(
        tree: reader.tree,
        client: DNSClient(server: reader.client.server, timeout: .milliseconds(200)),
        compiler: reader.compiler, scratch: nil)
      let silence = await #expect(throws: InspectionError.self) {
        try await hasty.read(zone, wanted: [name], owned: [])
      }
      #expect(
        silence?.description.hasPrefix("zone contoso.com: ") == true
          && silence?.description.contains("did not answer") == true)
      server.follow { _ in .nameError }
      let damage = await #expect(throws: InspectionError.self) {
        try await reader.read(zone, wanted: [name], owned: [])
      }
      #expect(
        damage?.description.hasPrefix("zone contoso.com cannot be read from ") == true,
        "\(damage as Any)")
    }
  }
}
