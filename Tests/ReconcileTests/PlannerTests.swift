import DCOS
import DNSNames
import FileChange
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Plans over real files in a folder, for a named that is not told anything.
@Suite(.timeLimit(.minutes(5))) struct PlannerTests {
  private static let old = SampleID.published
  private static let new = SampleID.other

  private static let zoneFile = """
    $TTL 3600
    @ IN SOA ns.example.net. hostmaster.example.net. ( 7 ; serial
      3600 900 1209600 60 )
    @ IN NS ns.example.net.
    www IN A 192.0.2.80
    mail.www IN A 192.0.2.81

    """

  private func withSite(
    conf: String? = nil, zone: String = zoneFile, alias: String = "cluster.contoso.com",
    _ body: (Site) async throws -> Void
  ) async throws {
    let statement = "zone \"contoso.com\" { type primary; file \"FOLDER/db.contoso.com\"; };\n"
    let files = ["named.conf": (conf ?? "options { };\n") + statement, "db.contoso.com": zone]
    try await ReconcileTests.withSite(files, aliases: [alias]) { site in
      var site = site
      site.desired.clusters = [try Site.cluster(masters: ["10.0.0.2", "10.0.0.1"])]
      try await body(site)
    }
  }

  @Test("the documented recipe is planned, and a second pass has nothing to do")
  func recipe() async throws {
    try await withSite { site in
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty)
      #expect(plan.files.count == 2)
      let conf = try site.folder.text("named.conf")
      #expect(conf.contains("zone \"\(Self.old).dcos.directory\" {"))
      #expect(conf.contains("forwarders { 10.0.0.1; 10.0.0.2; };"))
      let zone = try site.folder.text("db.contoso.com")
      #expect(zone.contains("( 8 ; serial"))
      #expect(
        zone.contains("cluster.contoso.com. 60 IN DNAME mesos.\(Self.old).dcos.directory.\n"))
      #expect(try await site.propose().plan.isEmpty)
    }
  }

  @Test("taken out of the configuration, all bytes but the serial are back")
  func takenOut() async throws {
    try await withSite(conf: "# no final newline follows the last line\n") { site in
      let before = try (site.folder.text("named.conf"), site.folder.text("db.contoso.com"))
      _ = try await site.pass()
      var empty = site
      empty.desired.clusters = []
      empty.desired.aliases = []
      let held = try await empty.propose().plan
      #expect(held.problems.map(\.severity) == [.held] && held.files.isEmpty)
      let plan = try await empty.pass(accepted: ["prod"])
      #expect(plan.problems.isEmpty)
      #expect(try site.folder.text("named.conf") == before.0)
      let serial = "( 9 ; serial"
      #expect(
        try site.folder.text("db.contoso.com")
          == before.1.replacing("( 7 ; serial", with: serial))
    }
  }

  @Test("another ID is held until it is let through")
  func identity() async throws {
    try await withSite { site in
      _ = try await site.pass()
      var changed = site
      let view = ClusterView(id: try ClusterID(Self.new), masters: [try IPAddress("10.0.0.1")])
      changed.desired.clusters[0].source = .fixed(view)
      let held = try await changed.propose().plan
      #expect(held.files.isEmpty)
      #expect(held.problems.map(\.severity) == [.held])
      let accepted = try await changed.pass(accepted: ["prod"])
      #expect(accepted.problems.isEmpty)
      #expect(try site.folder.text("named.conf").contains(Self.new))
      #expect(try !site.folder.text("named.conf").contains(Self.old))
      #expect(try site.folder.text("db.contoso.com").contains(Self.new))
    }
  }

  @Test("a DNAME that would hide names is held, with the names, unless the operator waives it")
  func hiddenNames() async throws {
    try await withSite(alias: "contoso.com") { site in
      let plan = try await site.propose().plan
      #expect(plan.problems.map(\.severity) == [.held])
      #expect(plan.problems.first?.reason.contains("2 names") == true)
      #expect(plan.problems.first?.reason.contains("www.contoso.com") == true)
      #expect(plan.files.isEmpty)
      var waived = site
      waived.desired.aliases[0].allow = [.hidesNames]
      let allowed = try await waived.propose().plan
      #expect(allowed.problems.isEmpty)
      #expect(allowed.files.count == 2)
    }
  }

  @Test(
    "a zone that cannot take the alias is held",
    arguments: [
      ("allow-update { any; };", "dynamic"), ("update-policy local;", "dynamic"),
    ])
  func dynamic(clause: String, words: String) async throws {
    try await withSite { site in
      let conf = try site.folder.text("named.conf")
      try site.folder.write(
        "named.conf", conf.replacing("type primary;", with: "type primary; \(clause)"))
      let plan = try await site.propose().plan
      #expect(plan.problems.map(\.severity) == [.held])
      #expect(plan.problems.first?.reason.contains(words) == true)
    }
  }

  @Test("an alias without a zone fails, and its cluster is not begun")
  func unplaceable() async throws {
    try await withSite(alias: "elsewhere.example") { site in
      let plan = try await site.propose().plan
      #expect(plan.problems.map(\.severity) == [.failed])
      #expect(plan.isEmpty)
    }
  }

  @Test("a forward zone written by hand is not doubled")
  func handWritten() async throws {
    let statement =
      "zone \"\(Self.old).dcos.directory\" { type forward; forwarders { 10.9.9.9; }; };\n"
    try await withSite(conf: statement) { site in
      let plan = try await site.propose().plan
      #expect(plan.problems.map(\.severity) == [.held])
      #expect(plan.problems.first?.reason.contains("named.conf:1") == true)
      #expect(!plan.files.contains { $0.kind == .configuration })
    }
  }

  @Test("a damaged marker ends the pass with file and line")
  func damagedMarker() async throws {
    try await withSite { site in
      _ = try await site.pass()
      let conf = try site.folder.text("named.conf")
      let damaged = conf.split(separator: "\n").filter { !$0.hasPrefix("// END zonebridge prod") }
        .joined(separator: "\n")
      try site.folder.write("named.conf", damaged)
      let error = await #expect(throws: PassError.self) { try await site.propose().plan }
      #expect(
        error?.description.contains("named.conf: line 8: the managed block \"prod\" begins") == true
      )
    }
  }

  @Test("a hand edit inside a block is put right and told")
  func handEdit() async throws {
    try await withSite { site in
      _ = try await site.pass()
      let conf = try site.folder.text("named.conf")
      try site.folder.write("named.conf", conf.replacing("10.0.0.1; ", with: ""))
      let plan = try await site.pass()
      #expect(plan.handEdits.map(\.block) == ["prod"])
      #expect(try site.folder.text("named.conf") == conf)
    }
  }

  @Test("a serial that cannot follow its convention without a step back is reported")
  func serialAhead() async throws {
    try await withSite { site in
      var dated = site
      dated.desired.zones[try DomainName("contoso.com")] = ZoneSettings(serial: .date)
      #expect(try await dated.propose().plan.warnings.isEmpty)
      let zone = try site.folder.text("db.contoso.com")
      try site.folder.write("db.contoso.com", zone.replacing("( 7 ;", with: "( 2026112400 ;"))
      // The pass is made in 1970.
      let plan = try await dated.pass()
      #expect(plan.warnings.count == 1)
      #expect(
        plan.warnings.first?.contains(
          "its serial becomes 2026112401, which is ahead of 1970010100, the current value of date")
          == true, "\(plan.warnings)")
      #expect(try site.folder.text("db.contoso.com").contains("( 2026112401 ;"))
    }
  }

  @Test("a zone is made, with its statement")
  func madeZone() async throws {
    try await withSite(alias: "dcos.example") { site in
      var made = site
      let file = site.folder.path.appending("db.dcos.example")
      made.desired.zones = [
        try DomainName("dcos.example"): ZoneSettings(
          create: CreatedZone(
            file: file, primary: try DomainName("ns.example.net"),
            contact: try DomainName("hostmaster.example.net")))
      ]
      // The zone file beside it is not everybody's to read, and the copy of another is named's own.
      let copy = try site.folder.write("copy", "")
      #expect(unsafe chmod(copy.string, 0o600) == 0)
      let conf = try site.folder.text("named.conf")
      try site.folder.write(
        "named.conf",
        "zone \"a\" { type secondary; primaries { 10.0.0.1; }; file \"\(copy)\"; };\n" + conf)
      let neighbour = site.folder.path.appending("db.contoso.com")
      let mode: FilePermissions = [.ownerReadWrite, .groupReadWrite]
      #expect(unsafe chmod(neighbour.string, mode.rawValue) == 0)
      if geteuid() == 0 { #expect(unsafe chown(neighbour.string, 12, 34) == 0) }
      let plan = try await made.pass()
      #expect(plan.problems.isEmpty)
      #expect(FileMetadata(try file.stat()) == FileMetadata(try neighbour.stat()))
      #expect(try file.stat().permissions == mode)
      #expect(
        try site.folder.text("named.conf").contains("// BEGIN zonebridge zone dcos.example:"))
      let text = try site.folder.text("db.dcos.example")
      #expect(text.contains("dcos.example. 60 IN DNAME mesos.\(Self.old).dcos.directory."))
      #expect(try await made.propose().plan.isEmpty)
    }
  }
}
