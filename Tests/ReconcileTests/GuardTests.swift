import BINDText
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What is held before a byte is written, since named would not load it, or names would be lost.
@Suite(.timeLimit(.minutes(5))) struct GuardTests {
  private static let zone =
    "$TTL 60\n@ SOA ns.example.net. h.example.net. 7 1 1 1 1\n@ NS ns.example.net.\n"

  /// The problems of a pass over a zone whose statement is given.
  private func problems(
    _ clauses: String, before: String = "", after: String = "", zone: String = zone,
    alias: String = "x.contoso.com", ttl: UInt32 = 3600
  ) async throws -> [Problem] {
    let files = [
      "named.conf": before
        + "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; \(clauses) };\n"
        + after,
      "db": zone,
    ]
    var problems: [Problem] = []
    try await withSite(files, aliases: [alias]) { site in
      var site = site
      site.desired.aliases[0].ttl = ttl
      let plan = try await site.propose().plan
      problems = plan.problems
      #expect(plan.files.contains { $0.kind != .configuration } == problems.isEmpty)
    }
    return problems
  }

  @Test(
    "a TTL that named would not load, which named-checkzone does not mind",
    arguments: [
      ("max-zone-ttl 3599;", "", 3599), ("max-zone-ttl 59m;", "", 3540),
      ("max-zone-ttl PT59M59S;", "", 3599), ("", "options { max-zone-ttl 60; };\n", 60),
      (
        "dnssec-policy p; inline-signing yes;",
        "dnssec-policy p { keys { csk lifetime unlimited algorithm 13; }; max-zone-ttl PT1M; };\n",
        60
      ),
    ])
  func tooGreat(clauses: String, before: String, limit: Int) async throws {
    let problems = try await problems(clauses, before: before)
    #expect(problems.map(\.severity) == [.held])
    #expect(problems.first?.reason.contains("allows at most \(limit) s") == true)
  }

  @Test(
    "a TTL that named loads",
    arguments: [
      ("max-zone-ttl 3600;", ""), ("max-zone-ttl unlimited;", "options { max-zone-ttl 60; };\n"),
      ("max-zone-ttl 0;", ""), ("max-zone-ttl P1DT1H;", ""),
      ("dnssec-policy default; inline-signing yes; max-zone-ttl 60;", ""),
      ("dnssec-policy none; max-zone-ttl 2h;", ""),
    ])
  func smallEnough(clauses: String, before: String) async throws {
    #expect(try await problems(clauses, before: before) == [])
  }

  @Test("a day is the most that a policy takes which does not say")
  func defaultOfPolicies() async throws {
    let clauses = "dnssec-policy default; inline-signing yes;"
    #expect(try await problems(clauses, ttl: 86_400) == [])
    #expect(try await problems(clauses, ttl: 86_401).map(\.severity) == [.held])
  }

  @Test("a file that is no text, by the zone's word or that of options")
  func format() async throws {
    for (clause, before) in [("raw", ""), ("", "options { masterfile-format RAW; };\n")] {
      let held = try await problems(
        clause.isEmpty ? "" : "masterfile-format \(clause);", before: before)
      #expect(held.map(\.severity) == [.held])
      #expect(held.first?.reason.contains("in the format raw") == true)
    }
    #expect(try await problems("masterfile-format text;") == [])
  }

  @Test("a zone of named.conf below the alias")
  func zoneBelow() async throws {
    let after =
      "zone \"a.x.contoso.com\" { type hint; file \"h\"; };\nzone \"b.contoso.com\" { type hint; file \"h\"; };\n"
    let problems = try await problems("", after: after)
    #expect(problems.map(\.severity) == [.held])
    #expect(
      problems.first?.reason.contains("1 name of the zone: a.x.contoso.com (a zone, ") == true)
  }

  @Test("the cure says so where waiving would not help: a name server below the alias")
  func nameServerBelow() async throws {
    let zone = "$TTL 60\n@ SOA ns h 7 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n"
    let held = try await problems("", zone: zone, alias: "contoso.com")
    #expect(held.first?.remedy.contains("A name server of the zone is among them") == true)
    let other = try await problems("", zone: Self.zone + "www A 192.0.2.1\n", alias: "contoso.com")
    #expect(other.first?.remedy.contains("name server") == false)
  }

  @Test("a serial that another zone has as well, by an included file")
  func sharedAuthority() async throws {
    let files = [
      "named.conf": """
      zone "contoso.com" { type primary; file "FOLDER/db"; };
      zone "contoso.net" { type primary; file "FOLDER/other"; };

      """,
      "soa": "@ SOA ns.example.net. h.example.net. 7 1 1 1 1\n",
      "db": "$TTL 60\n$INCLUDE FOLDER/soa\n@ NS ns.example.net.\n",
      "other": "$TTL 60\n$include FOLDER/more\n@ NS ns.example.net.\n",
      "more": "$INCLUDE \"FOLDER/./soa\"\n",
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      var site = site
      let plan = try await site.pass()
      let (folder, conf) = (site.folder.path, site.desired.bind.namedConf)
      #expect(plan.problems.map(\.severity) == [.held])
      #expect(plan.problems.first?.reason.hasPrefix("\(folder)/soa:1: the SOA record") == true)
      #expect(plan.problems.first?.reason.contains("zone contoso.net (\(conf):2)") == true)
      #expect(try site.text("soa").contains(" 7 "))
      site.desired.aliases[0].allow = [.sharedFile]
      #expect(try await site.pass().problems.isEmpty)
      #expect(try site.text("soa").contains(" 8 "))
      try await site.expectSettled()
      // Of its own, the included record is nobody else's.
      try await site.removeAll()
      site.desired.aliases[0].allow = []
      try site.folder.write("more", "a TXT b\n")
      #expect(try await site.pass().problems.isEmpty)
      #expect(try site.text("soa").contains(" 10 "))
    }
  }

  @Test("a block from which the next record has its owner is neither changed nor taken out")
  func heir() async throws {
    let files = [
      "named.conf": "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
      "db": Self.zone,
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      try await site.pass()
      let moved = try site.text("db") + "  TXT mine\n"
      try site.folder.write("db", moved)
      let held = try await site.propose().plan.problems
      #expect(held.map(\.severity) == [.held])
      #expect(held.first?.reason.contains("db:7: the record there has no owner") == true)
      let plan = try await site.removeAll()
      // The forward zone stays with the DNAME that leads into it.
      #expect(plan.problems.map(\.severity) == [.held, .held])
      #expect(plan.problems.first?.reason.contains("db:7") == true)
      #expect(try site.text("db") == moved)
    }
  }

  @Test("a zone that named would not load does not keep the others from their aliases")
  func refusedZone() async throws {
    let files = [
      "named.conf": """
      zone "contoso.com" { type primary; file "FOLDER/db"; };
      zone "contoso.net" { type primary; file "FOLDER/broken"; };

      """,
      "db": Self.zone, "broken": Self.zone + "a A 192.0.2.256\n",
    ]
    try await withSite(files, aliases: ["x.contoso.com", "x.contoso.net"]) { site in
      let plan = try await site.pass()
      #expect(plan.problems.map(\.severity) == [.failed], "\(plan.problems)")
      #expect(plan.problems.first?.subject == "zone contoso.net")
      #expect(plan.problems.first?.reason.contains("broken:4: near '192.0.2.256'") == true)
      #expect(try site.text("db").contains("; BEGIN zonebridge x.contoso.com"))
      #expect(try site.text("broken") == files["broken"])
      #expect(try site.text("named.conf").contains("BEGIN zonebridge prod"))
      let again = try await site.propose().plan
      #expect(again.isEmpty && again.problems == plan.problems)
      // Nor is it touched to take something out.
      let marked =
        (files["broken"] ?? "")
        + "; BEGIN zonebridge x.contoso.net: managed, edits here are overwritten\n"
        + "; END zonebridge x.contoso.net sha256:000000000000\n"
      try site.folder.write("broken", marked)
      let removal = try await site.removeAll()
      #expect(removal.problems.map(\.subject) == ["zone contoso.net"])
      #expect(try site.text("broken") == marked)
      #expect(try !site.text("db").contains("zonebridge"))
    }
  }

  @Test("a block in a file that is included twice goes once")
  func includedTwice() async throws {
    let files = [
      "named.conf": "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
      "db": Self.zone + "$INCLUDE FOLDER/more\n$INCLUDE FOLDER/more\n",
    ]
    try await withSite(files.merging(["more": ""]) { $1 }, aliases: ["x.contoso.com"]) { site in
      try await site.pass()
      let text = try site.text("db")
      let start = try #require(text.firstRange(of: "; BEGIN")?.lowerBound)
      try site.folder.write("more", String(text[start...]))
      try site.folder.write("db", String(text[..<start]))
      try await site.expectSettled()
      #expect(try site.text("more").contains("; BEGIN zonebridge x.contoso.com"))
      let plan = try await site.removeAll()
      #expect(plan.problems.isEmpty)
      #expect(try site.text("more").isEmpty)
    }
  }

  @Test("a file included behind the block, whose first record has its owner from before")
  func heirInIncludedFile() async throws {
    let files = [
      "named.conf": "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
      "db": Self.zone, "more": "  TXT mine\n", "other": "y TXT mine\n",
    ]
    try await withSite(files, aliases: ["x.contoso.com"]) { site in
      try await site.pass()
      let own = try site.text("db")
      for (name, isHeld) in [("more", true), ("other", false)] {
        let path = site.folder.path.appending(name)
        try site.folder.write("db", own + "$INCLUDE \(path)\n")
        let problems = try await site.propose().plan.problems
        #expect(problems.map(\.severity) == (isHeld ? [.held] : []))
        #expect(problems.allSatisfy { $0.reason.contains("\(path):1: the record there") })
      }
    }
  }
}
