import BINDText
import DCOS
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What somebody wrote by hand after the documentation is never doubled, and taken over on demand.
@Suite(.timeLimit(.minutes(5))) struct AdoptionTests {
  private static let id = Site.ids[0]
  private static let options = "options { dnssec-validation no; };\n"
  private static let block = """
    zone "\(id).dcos.directory" {
    \ttype forward;
    \tforward only;
    \tforwarders { 10.0.0.1; };
    };

    """

  private func held(_ site: Site) async throws -> [Problem] {
    let plan = try await site.propose().plan
    #expect(!plan.files.contains { $0.kind == .configuration })
    return plan.problems
  }

  @Test(
    "a forward zone by hand is held, with file, line and the command; adopted, it is a block",
    arguments: [
      "zone \"ID\" {\n  type forward;\n  forward only;\n  forwarders { 10.0.0.1; 10.0.0.9; };\n};\n",
      "zone \"ID\" IN { forwarders { 10.0.0.1; }; type forward; };\n",
      "zone \"ID\" {\n\ttype forward;\n\tforwarders {\n\t\t10.0.0.1 port 53;\n\t\t2001:db8::1;\n\t};\n};",
      "ZONE ID. { TYPE forward; forward first; forwarders port 5353 { 10.0.0.1; }; };\n",
      "zone \"ID\" {\r\n  type forward;\r\n  forwarders { 10.0.0.1; };\r\n};\r\n",
    ])
  func forwardZone(statement: String) async throws {
    let text = statement.replacing("ID", with: "\(Self.id).dcos.directory")
    try await withSite(["named.conf": Self.options + text]) { site in
      let problems = try await held(site)
      #expect(problems.map(\.severity) == [.held])
      let path = site.folder.path.appending("named.conf")
      #expect(problems.first?.reason.contains("\(path):2: zone \"\(Self.id)") == true)
      #expect(problems.first?.remedy.contains("zonebridge adopt prod") == true)
      let plan = try await site.pass(.adoption(of: ["prod"]))
      #expect(plan.problems.isEmpty)
      let adopted = try site.text("named.conf").replacing("\r\n", with: "\n")
      #expect(adopted.contains(Self.block))
      #expect(adopted.split(separator: Self.id).count == 2)
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.text("named.conf") == Self.options)
    }
  }

  @Test("comments in the statement stay, before the block; what stands around it stays as well")
  func comments() async throws {
    let conf = """
      // the cluster in the cellar
        zone "\(Self.id).dcos.directory" { // ask Kim
          type forward; # as documented
          /* the masters
             of May */
          forwarders { 10.0.0.1/*old*/; };
        }; // end
      acl a { any; };

      """
    try await withSite(["named.conf": conf + Self.options]) { site in
      try await site.pass(.adoption(of: ["prod"]))
      let indented = Self.block.split(separator: "\n").map { line in
        "  \(line)".replacing("  \t", with: "    ")
      }
      let expected =
        [
          "// the cluster in the cellar", "  // ask Kim", "  # as documented", "  /* the masters",
          "       of May */", "  /*old*/",
          "  // BEGIN zonebridge prod: managed, edits here are overwritten",
        ] + indented
      let lines = try site.text("named.conf").split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init)
      #expect(Array(lines.prefix(expected.count)) == expected)
      #expect(lines[expected.count].hasPrefix("  // END zonebridge prod sha256:"))
      #expect(lines[(expected.count + 1)...].prefix(2) == [" // end", "acl a { any; };"])
      try await site.expectSettled()
    }
  }

  @Test("a comment that would be a marker on a line of its own does not become one")
  func markerInStatement() async throws {
    let statement =
      "zone \"\(Self.id).dcos.directory\" { type // END zonebridge prod sha256:0123456789ab\nforward; };\n"
    try await withSite(["named.conf": Self.options + statement]) { site in
      try await site.pass(.adoption(of: ["prod"]))
      let conf = try site.text("named.conf")
      #expect(conf.contains("\n// // END zonebridge prod sha256:0123456789ab\n// BEGIN"))
      try await site.expectSettled()
    }
    let behind =
      "zone \"\(Self.id).dcos.directory\" { type forward; }; // END zonebridge prod sha256:0123456789ab\n"
    try await withSite(["named.conf": Self.options + behind]) { site in
      let error = await #expect(throws: PassError.self) {
        try await site.propose(.adoption(of: ["prod"]))
      }
      #expect(error?.description.contains("line 2: ") == true, "\(error as Any)")
    }
  }

  @Test("only what was written by hand changes, and only for the named clusters")
  func nothingElse() async throws {
    let conf = Self.options + Self.block
    try await withSite(["named.conf": conf]) { site in
      var two = site
      two.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      #expect(try await two.propose(.adoption(of: ["lab"])).plan.isEmpty)
      try await two.pass(.adoption(of: ["prod", "lab"]))
      #expect(try site.text("named.conf").contains("BEGIN zonebridge prod"))
      #expect(try !site.text("named.conf").contains(Site.ids[1]))
    }
  }

  @Test("beside a block that is there already, the statement goes")
  func besideABlock() async throws {
    try await withSite(["named.conf": Self.options]) { site in
      try await site.pass()
      let managed = try site.text("named.conf")
      try site.folder.write("named.conf", managed + Self.block)
      #expect(try await held(site).map(\.severity) == [.held])
      try await site.pass(.adoption(of: ["prod"]))
      #expect(try site.text("named.conf") == managed)
    }
  }

  @Test("in views: where it stands in each of them, and added where it is missing")
  func views() async throws {
    let conf = """
      options { dnssec-validation no; };
      view a {
        zone "\(Self.id).dcos.directory" { type forward; forwarders { 10.0.0.1; }; };
      };
      view b {
      };

      """
    try await withSite(["named.conf": conf]) { site in
      #expect(try await held(site).map(\.severity) == [.held])
      try await site.pass(.adoption(of: ["prod"]))
      let outline = try NamedConfOutline(parsing: site.folder.read("named.conf"))
      #expect(outline.zones.map(\.view) == [0, 1])
      #expect(try outline.blocks().map(\.name) == ["prod", "prod"])
      try await site.expectSettled()
    }
  }

  @Test("a statement in another file than zones-in is moved, its comments stay")
  func elsewhere() async throws {
    let files = [
      "named.conf": Self.options + "include \"FOLDER/old\";\ninclude \"FOLDER/new\";\n",
      "old": "acl a { any; };\nzone \"\(Self.id).dcos.directory\" { // mine\ntype forward; };\n",
      "new": "",
    ]
    try await withSite(files, zonesIn: "new") { site in
      try await site.pass(.adoption(of: ["prod"]))
      #expect(try site.text("old") == "acl a { any; };\n// mine\n")
      #expect(try site.text("new").contains(Self.block))
      try await site.expectSettled()
    }
  }

  @Test("a zone of that name that is no forward zone is not taken over")
  func anotherType() async throws {
    let conf = Self.options + "zone \"\(Self.id).dcos.directory\" { type primary; file \"x\"; };\n"
    try await withSite(["named.conf": conf]) { site in
      let plan = try await site.propose(.adoption(of: ["prod"])).plan
      #expect(plan.isEmpty)
      #expect(plan.problems.first?.reason.contains("not of type forward") == true)
    }
  }

  @Test(
    "a DNAME by hand is held, and adopted from where it stands",
    arguments: [
      ("x IN DNAME mesos.ID.dcos.directory.\n", ""),
      ("x 60 DNAME mesos.ID.dcos.directory. ; the cluster\n", "; the cluster\n"),
      ("x.contoso.com. DNAME (\n mesos.ID.dcos.directory. )\n", ""),
    ])
  func record(line: String, rest: String) async throws {
    let zone = """
      $TTL 60
      @ SOA ns.example.net. h.example.net. 7 1 1 1 1
      @ NS ns.example.net.

      """
    let files = [
      "named.conf": Self.options + "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
      "db": zone + line.replacing("ID", with: Self.id) + "y A 192.0.2.1\n",
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      let problems = try await site.propose().plan.problems
      #expect(problems.map(\.severity) == [.held])
      #expect(problems.first?.reason.contains("db:4: it has a DNAME record already") == true)
      #expect(problems.first?.remedy.contains("zonebridge adopt prod") == true)
      #expect(try await site.pass(.adoption(of: ["prod"])).problems.isEmpty)
      #expect(
        try site.text("db").hasPrefix(
          zone.replacing(" 7 ", with: " 8 ") + rest + "y A 192.0.2.1\n; BEGIN zonebridge x."))
      try await site.pass()
      try await site.expectSettled()
    }
  }

  @Test("a DNAME that leads elsewhere, or from which the next record has its owner, stays")
  func recordThatStays() async throws {
    for (lines, words) in [
      ("x DNAME www.example.\n", "no DC/OS cluster"),
      ("( x DNAME mesos.\(Self.id).dcos.directory. )\n", "cannot be removed alone"),
      ("x DNAME mesos.\(Self.id).dcos.directory.\n  TXT y\n", "has no owner of its own"),
    ] {
      let files = [
        "named.conf": Self.options
          + "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
        "db": "$TTL 60\n@ SOA a. b. 7 1 1 1 1\n@ NS ns.example.net.\n" + lines,
      ]
      try await withSite(files, aliases: ["x.contoso.com"]) { site in
        let plan = try await site.propose(.adoption(of: ["prod"])).plan
        #expect(!plan.files.contains { $0.kind != .configuration })
        let alias = try await site.propose(.adoption(of: ["prod"])).plan.problems
        #expect(alias.contains { $0.reason.contains(words) }, "\(alias)")
      }
    }
  }
}
