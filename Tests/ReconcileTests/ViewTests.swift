import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// Where zone statements go in a configuration with views: named refuses them outside.
@Suite(.timeLimit(.minutes(5))) struct ViewTests {
  private static let options = "options { directory \"FOLDER\"; dnssec-validation no; };\n"
  private static let twoViews =
    options + """
      view "internal" {
          match-clients { 127.0.0.0/8; };
          zone "a.example" { type primary; file "db.a"; };
      };
      view "external" IN {
      \tmatch-clients { any; };
      };

      """
  private static let zone = """
    $TTL 60
    @ SOA ns.example.net. h.example.net. 7 1 1 1 1
    @ NS ns.example.net.

    """

  private func blocks(_ site: Site, _ name: String = "named.conf") throws -> [Substring] {
    try site.text(name).split(separator: "\n").filter { $0.contains("BEGIN zonebridge prod") }
  }

  @Test("each view gets its block, indented as its surroundings are, and gives it back")
  func eachView() async throws {
    try await withSite(["named.conf": Self.twoViews]) { site in
      let before = try site.files()
      let plan = try await site.pass()
      #expect(plan.problems.isEmpty)
      let begin = "// BEGIN zonebridge prod: managed, edits here are overwritten"
      #expect(try blocks(site) == ["    \(begin)", "\t\(begin)"])
      #expect(try site.text("named.conf").contains("\n        type forward;\n"))
      #expect(try site.text("named.conf").contains("\n\t\ttype forward;\n"))
      try await site.expectSettled()
      let canonical = try await site.canonical()
      #expect(canonical.filter { $0.contains("\(Site.ids[0]).dcos.directory") }.count == 2)
      try await site.removeAll()
      #expect(try site.files() == before)
    }
  }

  @Test("only the chosen views get one, and the others' goes")
  func chosenViews() async throws {
    try await withSite(["named.conf": Self.twoViews]) { site in
      try await site.pass()
      var chosen = site
      chosen.desired.bind.views = ["external"]
      try await chosen.pass()
      #expect(try blocks(site).map { $0.prefix { $0 != "/" } } == ["\t"])
      try await chosen.expectSettled()
    }
  }

  @Test(
    "views that are not there are told, with those that are",
    arguments: [
      (twoViews, ["intern"], "bind.views", "There are: internal, external"),
      (options, ["internal"], "bind.views", "has no views"),
      (options + "view \"c\" CH { };\n", ["c"], "named.conf", "no view of class IN"),
      (twoViews + "view \"c\" CH { };\n", ["c"], "bind.views", "no view \"c\" of class IN"),
    ])
  func unknownViews(conf: String, views: [String], key: String, words: String) async throws {
    try await withSite(["named.conf": conf], views: views) { site in
      let error = await #expect(throws: PassError.self) { try await site.propose() }
      #expect(error?.description.contains(key) == true)
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
  }

  @Test("a view of class CH is left alone")
  func chaos() async throws {
    let conf = Self.twoViews + "view \"c\" CH { match-clients { any; }; };\n"
    try await withSite(["named.conf": conf]) { site in
      try await site.pass()
      #expect(try blocks(site).count == 2)
      #expect(try site.text("named.conf").hasSuffix("view \"c\" CH { match-clients { any; }; };\n"))
    }
  }

  @Test("a view on one line, and one without anything in it")
  func oneLine() async throws {
    let conf = Self.options + "view a { match-clients { any; }; }; view b {};"
    try await withSite(["named.conf": conf]) { site in
      let before = try site.files()
      try await site.pass()
      #expect(try blocks(site).count == 2)
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.files() == before)
    }
  }

  @Test("zones-in may be a file that a view includes; the other views get theirs in their braces")
  func includedByAView() async throws {
    let files = [
      "named.conf": Self.options + """
        view "internal" { include "zones.internal"; };
        view "external" {
        };

        """,
      "zones.internal": "  zone \"a.example\" { type primary; file \"db.a\"; };\n",
    ]
    try await withSite(files, zonesIn: "zones.internal") { site in
      let before = try site.files()
      try await site.pass()
      #expect(try blocks(site, "zones.internal").first?.hasPrefix("  // BEGIN") == true)
      #expect(try blocks(site).count == 1)
      try await site.expectSettled()
      try await site.removeAll()
      #expect(try site.files() == before)
    }
  }

  @Test("a file that two views include gets one block for both, and is refused for one of them")
  func sharedByViews() async throws {
    let files = [
      "named.conf": Self.options + """
        view "internal" { match-clients { 127.0.0.1; }; include "shared"; };
        view "external" { include "shared"; };

        """,
      "shared": "",
    ]
    try await withSite(files, zonesIn: "shared") { site in
      try await site.pass()
      #expect(try blocks(site, "shared").count == 1)
      #expect(try blocks(site).isEmpty)
      let canonical = try await site.canonical()
      #expect(canonical.filter { $0.contains("\(Site.ids[0]).dcos.directory") }.count == 2)
      var one = site
      one.desired.bind.views = ["internal"]
      let error = await #expect(throws: PassError.self) { try await one.propose() }
      #expect(error?.description.contains("included by the view external as well") == true)
    }
  }

  @Test("a file is in a view, or in several, however deep it is included there")
  func includedDeeply() async throws {
    let files = [
      "named.conf": Self.options + """
        view "a" { match-clients { 127.0.0.1; }; include "one"; };
        view "b" { include "one"; };

        """,
      "one": "include \"two\";\n", "two": "zone \"contoso.com\" { type hint; file \"x\"; };\n",
    ]
    try await withSite(files, zonesIn: "two") { site in
      try await site.pass()
      #expect(try blocks(site, "two").count == 1)
      #expect(try blocks(site).isEmpty)
      let zones = try await Inspector(
        desired: site.desired, control: nil, context: PassContext(tools: try NamedTools.locate())
      ).inspect().zones
      #expect(zones.filter { $0.name.description == "contoso.com." }.map(\.view) == ["a", "b"])
      try await site.expectSettled()
    }
  }

  @Test("views in a file that named.conf includes, through a link of another name too")
  func viewsElsewhere() async throws {
    let files = [
      "named.conf": "include \"FOLDER/views/*.conf\";\n",
      "views/one.conf": "view \"a\" {\n};\n",
      "views/two.conf": "view \"b\" {\n};\n",
    ]
    try await withSite(files) { site in
      let link = site.folder.path.appending("views/two.conf")
      let real = try site.folder.write("elsewhere/two", try site.folder.text("views/two.conf"))
      try removeFile(link)
      try makeLink(link, to: real)
      try await site.pass()
      #expect(try blocks(site, "views/one.conf").count == 1)
      #expect(try blocks(site, "elsewhere/two").count == 1)
      #expect(try link.stat(followTargetSymlink: false).type == .symbolicLink)
      try await site.expectSettled()
    }
  }

  @Test("an alias goes into its zone in each chosen view that has it, with a file each")
  func aliasInViews() async throws {
    let files = [
      "named.conf": Self.options + """
        view "a" { match-clients { 10.0.0.0/8; }; zone "contoso.com" { type primary; file "db.a"; }; };
        view "b" { match-clients { any; }; zone "contoso.com" { type primary; file "db.b"; }; };
        view "c" { zone "contoso.com" { in-view "a"; }; };

        """,
      "db.a": Self.zone, "db.b": Self.zone,
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      let plan = try await site.propose().plan
      #expect(plan.problems.isEmpty)
      #expect(
        plan.files.map(\.kind) == [
          .zone(try DomainName("contoso.com"), view: "a"),
          .zone(try DomainName("contoso.com"), view: "b"), .configuration,
        ])
      var one = site
      one.desired.zones = [try DomainName("contoso.com"): ZoneSettings(views: ["b"])]
      try await one.pass()
      #expect(try site.text("db.a") == Self.zone)
      #expect(try site.text("db.b").contains("x.contoso.com. 60 IN DNAME"))
      try await one.expectSettled()
      // Borrowed from a view that is not chosen.
      one.desired.zones = [try DomainName("contoso.com"): ZoneSettings(views: ["c"])]
      let held = try await one.propose().plan
      // What stands in view b stays until then.
      #expect(held.problems.map(\.severity) == [.held, .held])
      #expect(held.problems.first?.reason.contains("borrowed from view a") == true)
    }
  }

  @Test("an alias without a zone in a view: told if the view was chosen, else no matter")
  func zoneInOneViewOnly() async throws {
    let files = [
      "named.conf": Self.options + """
        view "a" { zone "contoso.com" { type primary; file "db.a"; }; };
        view "b" { };

        """,
      "db.a": Self.zone,
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      #expect(try await site.propose().plan.problems.isEmpty)
      var chosen = site
      chosen.desired.bind.views = ["a", "b"]
      let problems = try await chosen.propose().plan.problems
      #expect(problems.map(\.severity) == [.failed])
      #expect(problems.first?.reason.contains("in view b") == true)
      chosen.desired.bind.views = nil
      chosen.desired.zones = [try DomainName("contoso.com"): ZoneSettings(views: ["a", "b"])]
      let told = try await chosen.propose().plan.problems
      #expect(told == problems)
    }
  }

  @Test("a zone is made in the first view, and lent to the others; all of it goes with its alias")
  func madeZone() async throws {
    try await withSite(["named.conf": Self.twoViews], aliases: ["dcos.example"]) { site in
      var made = site
      let before = try site.files()
      made.desired.zones = [
        try DomainName("dcos.example"): ZoneSettings(
          create: CreatedZone(
            file: site.folder.path.appending("db.dcos"), primary: try DomainName("ns.example.net"),
            contact: try DomainName("h.example.net")))
      ]
      let plan = try await made.pass()
      #expect(plan.problems.isEmpty)
      #expect(try site.text("named.conf").contains("in-view \"internal\";"))
      #expect(try site.text("db.dcos").contains("dcos.example. 60 IN DNAME"))
      try await made.expectSettled()
      made.desired.aliases = []
      let departure = try await made.pass(accepted: ["prod"])
      #expect(departure.problems.isEmpty)
      #expect(try site.files()["db.dcos"] == nil)
      try await made.removeAll()
      #expect(try site.files() == before)
    }
  }
}
