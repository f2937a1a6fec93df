import DCOSSimulator
import TestSupport
import Testing

@Suite(
  "check, with named kept from forwarding in each way in turn", .serialized,
  .timeLimit(.minutes(10)))
struct ObstacleTests {
  /// What somebody puts into named.conf, how it shows, and what helps.
  struct Obstacle: CustomTestStringConvertible, Sendable {
    var title: String
    /// Into `options`.
    var options = ""
    /// Behind all else.
    var statements = ""
    /// A zone file that the statements name.
    var zone = ""
    /// What `check` says of the place.
    var finding: String
    var remedy: String
    /// What is put in the place of what, by the remedy.
    var cure: (from: String, to: String)
    /// Whether the question for the label's SOA is answered in spite of it.
    var isForAddressesOnly = false

    var testDescription: String { title }
  }

  private static let id = SimulatedCluster.Configuration.publishedID
  private static let soa =
    "$TTL 60\n@ SOA ns.example.net. h.example.net. 1 60 60 600 60\n@ NS ns.example.net.\n"
  private static let stub =
    "zone \"dcos.directory\" { type static-stub; server-addresses { 127.0.0.1; }; };\n"

  private static func parent(_ name: String, delegating child: String) -> Obstacle {
    Obstacle(
      title: "authoritative for \(name)",
      statements: "zone \"\(name)\" { type primary; file \"db.extra\"; };\n",
      zone: soa + (name == "." ? "ns.example.net. A 192.0.2.1\n" : ""),
      finding: "this server is authoritative for \(name)", remedy: "Delegate \(child)",
      cure: ("@ NS", "\(child). NS ns.example.net.\n@ NS"))
  }

  private static let obstacles = [
    parent("dcos.directory", delegating: "\(id).dcos.directory"),
    parent("directory", delegating: "dcos.directory"),
    parent(".", delegating: "directory"),
    Obstacle(
      title: "a private root, cured by a static-stub zone",
      statements: "zone \".\" { type primary; file \"db.extra\"; };\n",
      zone: soa + "ns.example.net. A 192.0.2.1\n", finding: "this server is authoritative for .",
      remedy: stub.trimmed, cure: ("zone \".\"", "\(stub)zone \".\"")),
    Obstacle(
      title: "a parent zone that named cannot load",
      statements: "zone \"directory\" { type secondary; primaries { 127.0.0.9; }; };\n",
      finding: "this server is authoritative for directory", remedy: "dd zone",
      cure: ("zone \"directory\"", "\(stub)zone \"directory\"")),
    Obstacle(
      title: "a zone for a label, written by hand",
      statements: "zone \"mesos.\(id).dcos.directory\" { type primary; file \"db.extra\"; };\n",
      zone: soa, finding: "takes the names below it", remedy: "Remove that zone",
      cure: ("zone \"mesos.\(id).dcos.directory\" { type primary; file \"db.extra\"; };\n", "")),
    Obstacle(
      title: "a forward zone for a label, written by hand",
      statements:
        "zone \"mesos.\(id).dcos.directory\" { type forward; forward only; forwarders { 127.0.0.9; }; };\n",
      finding: "takes the names below it", remedy: "Remove that zone",
      cure: (
        "zone \"mesos.\(id).dcos.directory\" { type forward; forward only; forwarders { 127.0.0.9; }; };\n",
        ""
      )),
    Obstacle(
      title: "blackhole", options: "blackhole { 127.0.20.0/24; };",
      finding: "contains all masters of prod",
      remedy: "!127.0.20.11; first",
      cure: ("blackhole {", "blackhole { !127.0.20.11; !127.0.20.12; !127.0.20.13;")),
    Obstacle(
      title: "bogus servers", statements: "server 127.0.20.0/24 { bogus yes; };\n",
      finding: "all masters of prod",
      remedy: "add server 127.0.20.11 { bogus no; };",
      cure: (
        "server",
        "server 127.0.20.11 { bogus no; }; server 127.0.20.12 { bogus no; }; server 127.0.20.13 { bogus no; }; server"
      )),
    Obstacle(
      title: "a response policy for names", options: "response-policy { zone \"rpz.test\"; };",
      statements: "zone \"rpz.test\" { type primary; file \"db.extra\"; };\n",
      zone: soa + "*.directory CNAME .\n",
      finding: "policy zone rpz.test rewrites", remedy: "*.dcos.directory CNAME rpz-passthru.",
      cure: ("*.directory", "*.dcos.directory CNAME rpz-passthru.\n*.directory")),
    Obstacle(
      title: "a response policy for addresses", options: "response-policy { zone \"rpz.test\"; };",
      statements: "zone \"rpz.test\" { type primary; file \"db.extra\"; };\n",
      zone: soa + "8.0.0.0.127.rpz-ip CNAME .\n",
      finding: "policy zone rpz.test rewrites", remedy: "*.dcos.directory CNAME rpz-passthru.",
      cure: ("8.0.0.0.127", "*.dcos.directory CNAME rpz-passthru.\n8.0.0.0.127"),
      isForAddressesOnly: true),
    Obstacle(
      title: "protection against rebinding", options: "deny-answer-addresses { 127.0.0.0/8; };",
      finding: "deny-answer-addresses makes named reject answers",
      remedy: "except-from { \"dcos.directory\"; }",
      cure: ("127.0.0.0/8; };", "127.0.0.0/8; } except-from { \"dcos.directory\"; };"),
      isForAddressesOnly: true),
  ]

  @Test(
    "an obstacle → named with its place and its cure; cured → all is well", arguments: obstacles)
  func obstacle(_ obstacle: Obstacle) async throws {
    try await withSoundHost { host in
      try host.named.write("db.extra", obstacle.zone)
      try await host.edit(
        "named.conf", "empty-zones-enable no;", to: "empty-zones-enable no;\n\(obstacle.options)")
      try host.overwrite("named.conf", try host.text("named.conf") + obstacle.statements)
      try await host.restart()
      let (status, report) = try await host.check()
      #expect(status == 1, "\(report.complaints)")
      let link = try report.link("forwarding", "/named.conf:")
      #expect(
        link.state == "broken" && link.finding.contains(obstacle.finding), "\(report.complaints)")
      #expect(link.cure.contains(obstacle.remedy), "\(link.cure)")
      let line = try host.text("named.conf").split(
        separator: "\n", omittingEmptySubsequences: false
      ).firstIndex {
        $0.hasPrefix(
          obstacle.options.isEmpty ? obstacle.statements.prefix(12) : obstacle.options.prefix(12))
      }
      let number = try #require(line) + 1
      #expect(link.subject == "prod: \(host.named.namedConf):\(number)")
      let hurt =
        obstacle.isForAddressesOnly
        ? try report.link("aliases", "address") : try report.link("forwarding", "forward zone")
      #expect(hurt.state == "broken" && hurt.cure.hasSuffix("/named.conf:\(number)"), "\(hurt)")
      let unhurt = obstacle.isForAddressesOnly ? report.state("forwarding", "forward zone") : "ok"
      #expect(unhurt == "ok")

      for name in ["named.conf", "db.extra"] {
        let text = try host.text(name).replacing(obstacle.cure.from, with: obstacle.cure.to)
        try host.named.write(name, text)
      }
      try await host.restart()
      let (_, sound) = try await host.check()
      // As root it is told who it is looked at as; and a zone's name servers are none of this.
      let complaints = sound.complaints.filter { !$0.hasPrefix("warning") }
      #expect(complaints.isEmpty, "\(complaints)")
    }
  }

  @Test("validation without the exception → its cure where it bites") func validation() async throws
  {
    try await withSoundHost { host in
      try await host.configure(
        bind: "rndc: { config: \(host.named.rndcConf) }\n  dnssec-exempt: false")
      try await host.edit("named.conf", "dnssec-validation no", to: "dnssec-validation auto")
      try await host.restart()
      let (status, report) = try await host.check()
      #expect(status == 1)
      let link = try report.link("forwarding", "forward zone")
      #expect(
        link.state == "broken" && link.cure.contains("validate-except { \"dcos.directory\"; };"),
        "\(link)")
    }
  }

  @Test("an access list without this host → named, with its place") func accessList() async throws {
    try await withSoundHost { host in
      try await host.edit("named.conf", "{ localnets; localhost; }", to: "{ 10.0.0.0/8; }")
      let (status, report) = try await host.check()
      #expect(status == 1)
      let link = try report.link("recursion", "for this host")
      #expect(
        link.state == "broken" && link.cure.contains("Add 127.0.0.1 to allow-recursion"), "\(link)")
      #expect(link.cure.contains("\(host.named.namedConf):"))
    }
  }

  @Test("one master of three that named must not ask → a warning") func partial() async throws {
    try await withSoundHost { host in
      try host.overwrite(
        "named.conf", try host.text("named.conf") + "server 127.0.20.12 { bogus yes; };\n")
      try await host.restart()
      let (status, report) = try await host.check()
      #expect(status == 3, "\(report.complaints)")
      let link = try report.link("forwarding", "/named.conf:")
      #expect(link.state == "warning" && link.finding.contains("127.0.20.12 of prod's masters"))
      #expect(report.state("forwarding", "forward zone") == "ok")
    }
  }

  @Test("obstacles that are there and do nothing → not a word of them") func harmless() async throws
  {
    try await withSoundHost { host in
      try host.named.write("db.extra", Self.soa + "*.example CNAME .\n")
      try await host.edit(
        "named.conf", "empty-zones-enable no;",
        to: """
          empty-zones-enable no;
          response-policy { zone "rpz.test"; };
          deny-answer-addresses { 192.168.0.0/16; };
          rate-limit { responses-per-second 50; exempt-clients { 10.0.0.0/8; }; };
          """)
      try host.overwrite(
        "named.conf",
        try host.text("named.conf")
          + "zone \"rpz.test\" { type primary; file \"db.extra\"; };\n\(Self.stub)")
      try await host.restart()
      let (status, report) = try await host.check()
      // As root it is told who it is looked at as, which is a warning.
      #expect(status != 1, "\(report.complaints)")
      #expect(report.links("forwarding", "/named.conf:").isEmpty)
    }
  }

  @Test("a pass into an obstacle → reverted, and reported with the obstacle's place and remedy")
  func pass() async throws {
    try await withHost(zone: Host.ownZone) { host in
      try host.named.write("db.extra", Self.soa)
      try host.overwrite(
        "named.conf",
        try host.text("named.conf")
          + "zone \"dcos.directory\" { type primary; file \"db.extra\"; };\n")
      try await host.restart()
      let pass = try await host.zonebridge("--once")
      #expect(pass.status == 1)
      #expect(
        pass.standardError.contains("authoritative for dcos.directory"), "\(pass.standardError)")
      #expect(pass.standardError.contains("Delegate \(Self.id).dcos.directory"))
      // The forward zone went back, and what stood in its way is told all the same.
      let (_, report) = try await host.check()
      let link = try report.link("forwarding", "/named.conf:")
      #expect(link.state == "broken" && link.finding.contains("authoritative for dcos.directory"))
    }
  }
}

extension Host {
  /// Without what named has cached, and with zones that it asks others for given up.
  fileprivate func restart() async throws {
    try await named.restart()
  }
}

extension String {
  fileprivate var trimmed: String {
    String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
