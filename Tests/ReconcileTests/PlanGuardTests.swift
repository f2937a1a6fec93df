import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// Each guard on both of its sides: what is held is not touched, and what is sound is not held.
@Suite("Guards of an alias", .timeLimit(.minutes(5)))
struct PlanGuardTests {
  /// A zone with an alias, and what becomes of the alias.
  struct Row: Sendable, CustomTestStringConvertible {
    /// What the zone has besides its SOA and NS records.
    var records = ""
    /// What the zone's statement says besides.
    var clauses = ""
    /// What stands behind the zone's statement.
    var behind = ""
    var alias = "x.contoso.com"
    var allow: Set<Safeguard> = []
    /// The words by which it is held; nil if it is not.
    var held: String?
    var remedy: String?

    var testDescription: String {
      "\(records)\(clauses)\(behind) \(alias) \(allow.map(\.rawValue)) → \(held ?? "goes in")"
    }
  }

  private static let target = "mesos.\(Site.ids[0]).dcos.directory."

  /// Plans the alias, beside another one in a sound zone, which has to go in whatever happens.
  private func check(_ row: Row) async throws {
    let files = [
      "named.conf": Planning.options
        + "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; \(row.clauses) };\n"
        + "zone \"other.example\" { type primary; file \"FOLDER/other\"; };\n" + row.behind,
      "db": Planning.zone + row.records, "other": Planning.zone,
      "more": "below A 192.0.2.1\nbelow.x A 192.0.2.2\n", "deep": "x NS ns.example.net.\n",
    ]
    try await withPlanning(files, aliases: [row.alias, "y.other.example"]) { planning in
      planning.desired.aliases[0].allow = row.allow
      let plan = try await planning.plan()
      let subject = Subject.alias(row.alias)
      #expect(plan.changesConfiguration)
      guard let words = row.held else {
        #expect(plan.problems.isEmpty, "\(plan.problems)")
        #expect(plan.zoneFiles == ["contoso.com", "other.example"])
        #expect(plan.attempts[subject] != nil)
        return
      }
      #expect(plan.troubles == ["held alias \(row.alias)"])
      expect(plan.problems.first?.reason, has: words)
      expect(plan.problems.first?.remedy, has: row.remedy ?? "")
      #expect(plan.zoneFiles == ["other.example"], "the held one's zone is not touched")
      #expect(plan.attempts[subject] == nil && plan.attempts[.alias("y.other.example")] != nil)
      let owners = (plan.servedAfterwards + plan.alreadyServed).compactMap(
        \.alias?.withoutTrailingDot)
      #expect(owners == ["y.other.example"], "and nothing is expected of it")
    }
  }

  @Test(
    "a record at the alias's own name → held where a DNAME cannot stand beside it, else not",
    arguments: [
      Row(
        records: "x NS ns.example.net.\n",
        held: "db:4: x.contoso.com has a NS record already, and a DNAME cannot be beside it",
        remedy: "Remove that record"),
      Row(records: "X.CONTOSO.COM. NS ns.example.net.\n", held: "has a NS record"),
      Row(records: "x A 192.0.2.1\n  NS ns.example.net.\n", held: "db:5: x.contoso.com has a NS"),
      Row(records: "$INCLUDE FOLDER/deep\n", held: "deep:1: x.contoso.com has a NS record"),
      Row(records: "x CNAME www.example.\n", held: "db:4: x.contoso.com has a CNAME record"),
      Row(
        records: "x DNAME www.example.\n", held: "db:4: it has a DNAME record already",
        remedy: "zonebridge adopt prod"),
      Row(records: "@ DNAME www.example.\n", alias: "contoso.com", held: "has a DNAME record"),
      // To waive what would be hidden does not waive what cannot stand beside it.
      Row(records: "x NS ns.example.net.\n", allow: [.hidesNames], held: "has a NS record"),
      Row(records: "x CNAME www.example.\n", allow: [.hidesNames], held: "has a CNAME record"),
      Row(
        records: "x DNAME www.example.\n", allow: [.hidesNames, .sharedFile],
        held: "has a DNAME record"),
      Row(
        records: "$GENERATE 1-300 x${-6,0} CNAME a$.example.\n", alias: "x7.contoso.com",
        held: "db:4: x7.contoso.com has a CNAME record"),
      Row(
        records: "$GENERATE 0-15 ${0,1,x} NS ns$.example.net.\n", alias: "c.contoso.com",
        held: "db:4: c.contoso.com has a NS record"),
      Row(
        records: "$GENERATE 8-9 x$ DNAME mesos.\(Site.ids[1]).dcos.directory.\n",
        alias: "x9.contoso.com", held: "db:4: it has a DNAME record already"),
      Row(records: "$GENERATE 1-9/2 x$ CNAME a$.example.\n", alias: "x8.contoso.com"),
      Row(records: "x A 192.0.2.1\nx MX 5 m.example.\nx TXT \"NS\"\n"),
      Row(records: "y NS ns.example.net.\nz CNAME x\nxx DNAME www.example.\n"),
      // The zone's own NS records are no delegation.
      Row(alias: "contoso.com"), Row(records: "@ NS ns2.example.net.\n", alias: "CONTOSO.com"),
    ])
  func rivals(row: Row) async throws { try await check(row) }

  @Test(
    "a delegation or a DNAME above the alias → held, wherever it stands; beside it or at the apex → not",
    arguments: [
      Row(
        records: "sub NS ns.example.net.\n", alias: "x.sub.contoso.com",
        held: "db:4: sub.contoso.com is delegated to other name servers",
        remedy: "where the delegated zone is primary"),
      Row(
        records: "SUB DNAME www.example.\n", alias: "a.x.sub.contoso.com",
        held: "db:4: sub.contoso.com has a DNAME record", remedy: "not below it"),
      Row(records: "@ DNAME www.example.\n", held: "db:4: contoso.com has a DNAME record"),
      Row(
        records: "$INCLUDE FOLDER/deep\n", alias: "y.x.contoso.com",
        held: "deep:1: x.contoso.com is delegated"),
      Row(
        records: "$GENERATE 1-9 sub$ NS ns.example.net.\n", alias: "x.sub4.contoso.com",
        held: "db:4: sub4.contoso.com is delegated"),
      Row(
        records: "$GENERATE 0-255 ${0,3,n}.6 DNAME ${1}.example.net.\n",
        alias: "x.1.2.6.contoso.com", held: "db:4: 1.2.6.contoso.com has a DNAME record"),
      Row(records: "$GENERATE 1-9 sub$ NS ns.example.net.\n", alias: "x.sub10.contoso.com"),
      // What is waived for names below it does not make it seen.
      Row(
        records: "sub NS ns.example.net.\n", alias: "x.sub.contoso.com", allow: [.hidesNames],
        held: "is delegated"),
      Row(
        behind:
          "zone \"sub.contoso.com\" { type static-stub; server-addresses { 127.0.0.1; }; };\n",
        alias: "x.sub.contoso.com", held: "named asks other servers for"),
      Row(
        behind:
          "zone \"sub.contoso.com\" { type static-stub; server-addresses { 127.0.0.1; }; };\n",
        alias: "xsub.contoso.com"),
      Row(records: "@ NS ns2.example.net.\n", alias: "x.sub.contoso.com"),
      Row(records: "ub NS ns.example.net.\nsub A 192.0.2.1\n", alias: "x.sub.contoso.com"),
      Row(records: "x.sub A 192.0.2.1\ny.sub NS ns.example.net.\n", alias: "x.sub.contoso.com"),
    ])
  func occlusion(row: Row) async throws { try await check(row) }

  @Test("our DNAME above the alias is removed → the alias is added; it stays → held")
  func movedDown() async throws {
    try await withPlanning(aliases: ["contoso.com"]) { planning in
      try await planning.carryOut()
      planning.desired.aliases[0].owner = try DomainName("x.contoso.com")
      let plan = try await planning.plan()
      #expect(plan.troubles == [])
      let text = try #require(plan.text("db"))
      #expect(
        text.contains("BEGIN zonebridge x.contoso.com") && !text.contains("zonebridge contoso"))
      planning.operation = .adoption(of: ["prod"])
      #expect(try await planning.plan().files.isEmpty)
    }
  }

  @Test("a delegation above the alias in a dynamic zone → held")
  func occlusionInDynamicZone() async throws {
    let files = ["named.conf": Planning.dynamic, "db": Planning.zone]
    for (records, isHeld) in [("", false), ("sub.contoso.com. 60 IN NS ns.example.net.\n", true)] {
      try await withPlanning(files, aliases: ["x.sub.contoso.com"]) { planning in
        planning.named = Planning.named(configuredAt: 1)
        planning.status["contoso.com"] = Planning.status(serial: 7, "dynamic: yes\n")
        planning.live["contoso.com"] = .success(
          "contoso.com. 60 IN SOA ns.example.net. h.example.net. 7 1 1 1 1\n" + records)
        let plan = try await planning.plan()
        #expect(plan.troubles == (isHeld ? ["held alias x.sub.contoso.com"] : []))
        #expect(plan.updates.isEmpty == isHeld)
      }
    }
  }

  @Test(
    "names below the alias → held with the names, wherever they stand; waived or beside it → not",
    arguments: [
      Row(records: "a.x A 192.0.2.1\n", held: "hide 1 name of the zone: a.x.contoso.com"),
      Row(records: "*.x A 192.0.2.1\n", held: "hide 1 name of the zone: *.x.contoso.com"),
      Row(records: "a.b.x A 192.0.2.1\na.b.x MX 5 m.\n", held: "hide 1 name of the zone: a.b.x."),
      Row(records: "a.x NS ns.example.net.\n", held: "hide 1 name"),
      Row(
        records: (1...7).map { "n\($0).x A 192.0.2.\($0)\n" }.joined(),
        held: "hide 7 names of the zone: n1.x.contoso.com, n2.x.contoso.com, n3.x.contoso.com, "
          + "n4.x.contoso.com, n5.x.contoso.com and 2 more", remedy: "[hides-names]"),
      Row(records: "$INCLUDE FOLDER/more\n", held: "hide 1 name of the zone: below.x.contoso.com"),
      Row(
        records: "$GENERATE 1-2 h$.x A 192.0.2.$\n",
        held: "hide 2 names of the zone: h1.x.contoso.com, h2.x.contoso.com"),
      Row(
        records: "$GENERATE 1-3 a.d$ A 192.0.2.$\n", alias: "d2.contoso.com",
        held: "hide 1 name of the zone: a.d2.contoso.com"),
      Row(
        records: "$GENERATE 1-3000000 $.d${0,1,d} A 192.0.2.1\n", alias: "d1999999.contoso.com",
        held: "hide 1 name of the zone: 1999999.d1999999.contoso.com"),
      Row(records: "$GENERATE 1-3 a.d$ A 192.0.2.$\n", alias: "d4.contoso.com"),
      Row(
        behind: "zone \"a.x.contoso.com\" { type forward; };\n",
        held: "a.x.contoso.com (a zone, "),
      Row(records: "a.x A 192.0.2.1\n", allow: [.hidesNames]),
      Row(behind: "zone \"a.x.contoso.com\" { type forward; };\n", allow: [.hidesNames]),
      // Another safeguard that is waived is not this one.
      Row(records: "a.x A 192.0.2.1\n", allow: [.sharedFile], held: "hide 1 name"),
      Row(records: "ax A 192.0.2.1\nx A 192.0.2.1\nx.y A 192.0.2.1\n"),
      Row(behind: "zone \"ax.contoso.com\" { type forward; };\n"),
      Row(behind: "zone \"a.x.contoso.com\" CH { type primary; file \"ch\"; };\n"),
    ])
  func hiddenNames(row: Row) async throws { try await check(row) }

  @Test(
    "a zone that is not edited here, or not as a text → held; the plain one → not",
    arguments: [
      Row(clauses: "type secondary;", held: "is not a primary here"),
      Row(
        clauses: "masterfile-format raw;", held: "in the format raw", remedy: "named-compilezone"),
      Row(clauses: "masterfile-format map;", held: "in the format map"),
      Row(clauses: "masterfile-format text;"), Row(clauses: "allow-update { none; };"),
      Row(clauses: "max-zone-ttl 59;", held: "allows at most 59 s (max-zone-ttl)"),
      Row(clauses: "max-zone-ttl 60;"),
      Row(
        behind: "zone \"contoso.net\" { type primary; file \"FOLDER/db\"; };\n",
        held: "belongs to zone contoso.net as well", remedy: "[shared-file]"),
      Row(
        behind: "zone \"contoso.net\" { type primary; file \"FOLDER/./db\"; };\n",
        held: "belongs to zone contoso.net as well"),
      Row(
        behind: "zone \"contoso.net\" { type primary; file \"FOLDER/db\"; };\n",
        allow: [.hidesNames], held: "belongs to zone contoso.net as well"),
      Row(
        behind: "zone \"contoso.net\" { type primary; file \"FOLDER/db\"; };\n",
        allow: [.sharedFile]),
      Row(behind: "zone \"contoso.net\" { type primary; file \"FOLDER/db2\"; };\n"),
    ])
  func zones(row: Row) async throws {
    guard row.clauses != "type secondary;" else {
      for type in ["secondary", "slave", "stub", "mirror"] { try await checkType(type) }
      return
    }
    try await check(row)
  }

  private func checkType(_ type: String) async throws {
    let conf = Planning.conf.replacing("type primary", with: "type \(type)")
    try await withPlanning(["named.conf": conf, "db": Planning.zone]) { planning in
      let plan = try await planning.plan()
      #expect(plan.troubles == ["held alias x.contoso.com"], "\(type)")
      expect(plan.problems.first?.reason, has: "zone contoso.com is not a primary here")
      #expect(plan.zoneFiles.isEmpty && plan.attempts[.alias("x.contoso.com")] == nil)
    }
  }

  @Test("a zone without file, without SOA, with an unreadable file → nothing of it is written")
  func texts() async throws {
    let bare = Planning.conf.replacing(" file \"FOLDER/db\";", with: "")
    for (conf, zone, severity, words) in [
      (bare, Planning.zone, "held", "zone contoso.com has no file"),
      (Planning.conf, "$TTL 60\n@ NS ns.example.net.\n", "failed", "there is no SOA record in it"),
      (Planning.conf, "@ SOA (\n", "failed", "db:1"),
      (Planning.conf, Planning.zone + "$INCLUDE FOLDER/none\n", "failed", "db:4: $INCLUDE"),
      (Planning.conf.replacing("/db", with: "/none"), "", "failed", "none"),
    ] {
      try await withPlanning(["named.conf": conf, "db": zone]) { planning in
        let plan = try await planning.plan()
        #expect(plan.troubles == ["\(severity) alias x.contoso.com"], "\(plan.problems)")
        expect(plan.problems.first?.reason, has: words)
        #expect(plan.zoneFiles.isEmpty && plan.attempts[.alias("x.contoso.com")] == nil)
        // The recipe goes in whole: a cluster whose alias has failed is not begun.
        #expect(!plan.changesConfiguration && !plan.warnings.isEmpty, "\(plan.warnings)")
      }
    }
  }

  @Test("the alias is in place, and names or a delegation are below it → kept right, not held")
  func inPlace() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      let text = try planning.text("db")
      try planning.folder.write("db", text + "a.x A 192.0.2.1\n")
      planning.desired.aliases[0].ttl = 30
      let plan = try await planning.plan()
      #expect(plan.troubles == [] && plan.zoneFiles == ["contoso.com"])
      // It is told, with its line, unless it is said to be meant so.
      let hidden = try #require(plan.hidden.first)
      #expect(plan.hidden.count == 1 && hidden.count == 1)
      expect(hidden.description, has: "hides 1 name of the zone")
      expect(hidden.description, has: "a.x.contoso.com (\(planning.path("db")):7)")
      planning.desired.aliases[0].allow = [.hidesNames]
      #expect(try await planning.plan().hidden.isEmpty)
      planning.desired.aliases[0].allow = []
      // A block of another alias is not this one's.
      planning.desired.aliases[0].owner = try DomainName("contoso.com")
      let held = try await planning.plan()
      // Nor does the one go that stands before the other can.
      #expect(held.troubles == ["held alias contoso.com", "held alias x.contoso.com"])
    }
  }

  @Test("an alias moves up to the zone's name → its old block goes, and does not hold the new one")
  func movedUp() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.desired.aliases[0].owner = try DomainName("contoso.com")
      for records in ["", "www A 192.0.2.1\n"] {
        try planning.folder.write("db", planning.text("db") + records)
        let plan = try await planning.plan()
        guard records.isEmpty else {
          // What somebody else has there is hidden all the same.
          #expect(plan.troubles == ["held alias contoso.com", "held alias x.contoso.com"])
          expect(plan.problems.first?.reason, has: "hide 1 name of the zone: www.contoso.com")
          continue
        }
        #expect(plan.troubles == [] && plan.zoneFiles == ["contoso.com"])
        let text = try #require(plan.text("db"))
        #expect(text.contains("; BEGIN zonebridge contoso.com:") && !text.contains("x.contoso.com"))
      }
    }
  }

  @Test("an alias below another → the upper one is held, the lower one goes in")
  func nesting() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "a.x.contoso.com"]) { planning in
      let plan = try await planning.plan()
      #expect(plan.troubles == ["held alias x.contoso.com"])
      expect(plan.problems.first?.reason, has: "hide the alias a.x.contoso.com, which lies below")
      #expect(plan.attempts[.alias("x.contoso.com")] == nil)
      #expect(plan.attempts[.alias("a.x.contoso.com")] != nil)
      planning.desired.aliases[1].owner = try DomainName("ax.contoso.com")
      #expect(try await planning.plan().troubles == [])
    }
  }

  // MARK: Zones that are made

  private static func created(_ planning: Planning, _ file: String = "made") throws -> ZoneSettings
  {
    ZoneSettings(
      create: CreatedZone(
        file: planning.path(file), primary: try DomainName("ns.example.net"),
        contact: try DomainName("h.example.net")))
  }

  @Test("an alias below another in a zone to be made → the upper one is held")
  func nestingInMadeZone() async throws {
    let files = ["named.conf": Planning.options]
    try await withPlanning(files, aliases: ["a.example", "b.a.example"]) { planning in
      planning.desired.zones[try DomainName("a.example")] = try Self.created(planning)
      let plan = try await planning.plan()
      #expect(plan.troubles == ["held alias a.example"])
      #expect(plan.attempts[.alias("b.a.example")] != nil)
      #expect(plan.attempts[.alias("a.example")] == nil)
    }
  }

  @Test("create over an existing zone → held; over the one that was made so → not")
  func createOver() async throws {
    try await withPlanning { planning in
      planning.desired.zones[try DomainName("contoso.com")] = try Self.created(planning, "db")
      let plan = try await planning.plan()
      #expect(plan.troubles == ["held alias x.contoso.com"])
      expect(plan.problems.first?.reason, has: "is there already")
      expect(plan.problems.first?.remedy, has: "Remove `create`")
      #expect(plan.zoneFiles.isEmpty)
    }
    try await withPlanning(["named.conf": Planning.options]) { planning in
      let zone = try DomainName("contoso.com")
      planning.desired.zones[zone] = try Self.created(planning)
      try await planning.carryOut()
      #expect(try await planning.plan().isEmpty)
      // The configuration says another file by now.
      planning.desired.zones[zone] = try Self.created(planning, "moved")
      let moved = try await planning.plan()
      #expect(moved.troubles == ["held alias x.contoso.com"])
      expect(moved.problems.first?.reason, has: "was made with the file \(planning.path("made"))")
      moved.expectNothing()
      planning.desired.zones[zone] = try Self.created(planning)
      planning.desired.aliases[0].ttl = 30
      #expect(try await planning.plan().zoneFiles == ["contoso.com"])
    }
  }

  @Test(
    "create with the file of another zone, by whatever name, there yet or not → held, and nothing is written"
  )
  func createTaken() async throws {
    let files = [
      "named.conf": Planning.conf
        + "zone \"far.example\" { type secondary; file \"FOLDER/copy\"; primaries { 192.0.2.1; }; };\n"
        + "include \"FOLDER/conf.d/*.conf\";\n"
        + "logging { channel queries { file \"q.log\" versions 3; }; };\n",
      "db": Planning.zone, "folder/x": "", "conf.d/x.conf": "",
    ]
    try await withPlanning(files, aliases: ["x.a.example"]) { planning in
      try makeLink(planning.path("link"), to: "db")
      for (name, owner) in [
        ("db", "the file of zone contoso.com"), ("folder/../db", "the file of zone contoso.com"),
        ("link", "the file of zone contoso.com"), ("copy", "the file of zone far.example"),
        ("db.jnl", "a file that named keeps for zone contoso.com"),
        ("folder/../copy.jbk", "a file that named keeps for zone far.example"),
        ("conf.d/db.conf", "a file that named.conf includes"),
        ("folder/../named_dump.db", "the file of named's dump-file"),
        ("q.log", "the file of named's log channel queries"),
      ] {
        planning.desired.zones[try DomainName("a.example")] = try Self.created(planning, name)
        let plan = try await planning.plan()
        #expect(plan.troubles == ["held alias x.a.example"], "\(name)")
        expect(plan.problems.first?.reason, has: "is \(owner)")
        expect(plan.problems.first?.remedy, has: "nothing else uses")
        plan.expectNothing()
      }
      // Beside them is nobody's.
      planning.desired.zones[try DomainName("a.example")] = try Self.created(planning, "conf.d/db")
      #expect(try await planning.plan().troubles == [])
    }
  }

  // MARK: Zones that hold no data

  @Test(
    "hint, forward, redirect, static-stub or one borrowed of them around the alias → no zone encloses it",
    arguments: [
      "zone \".\" { type hint; file \"h\"; };\n", "zone \"com\" { type forward; };\n",
      "zone \".\" { type redirect; file \"FOLDER/db\"; };\n",
      "zone \"com\" { type static-stub; server-addresses { 127.0.0.1; }; };\n",
    ])
  func noData(statement: String) async throws {
    let views = "view a { \(statement)};\nview b { \(statement)};\n"
    let lent = statement.contains("\"com\"") ? "view c { zone com { in-view b; }; };\n" : ""
    for conf in [statement, views, lent + views] {
      let files = ["named.conf": Planning.options + conf, "db": Planning.zone]
      try await withPlanning(files) { planning in
        let plan = try await planning.plan()
        #expect(plan.troubles == ["failed alias x.contoso.com"], "\(conf)")
        expect(plan.problems.first?.reason, has: "encloses it")
        // Nor is its cluster begun.
        plan.expectNothing()
        expect(plan.warnings.first, has: "waiting: the forward zone is written together with alias")
      }
    }
  }

  @Test(
    "a zone that named has and named.conf does not → held, with what can be done; one farther off → not"
  )
  func unlisted() async throws {
    for (name, report, remedy) in [
      ("contoso.com", "type: primary\nfiles: db.x\n", "rndc delzone contoso.com"),
      ("contoso.com", "type: primary\nfiles: db.x\ndynamic: yes\n", "with nsupdate"),
      ("x.contoso.com", "type: primary\nfiles: db.x\n", "rndc delzone x.contoso.com"),
      (
        "contoso.com", "type: secondary\nfiles: __catz___default_c.db\n",
        "where the zone is primary"
      ),
      ("com", "type: primary\nfiles: db.x\n", nil),
    ] as [(String, String, String?)] {
      let conf = name == "contoso.com" ? Planning.options : Planning.conf
      try await withPlanning(["named.conf": conf, "db": Planning.zone]) { planning in
        var actual = try await planning.actual()
        let zone = ZoneInView(name: try DomainName(name))
        actual.unlisted = [try #require(UnlistedZone(zone, ZoneStatus(parsing: report)))]
        let plan = try planning.plan(of: actual)
        guard let remedy else {
          #expect(plan.troubles == [])
          return
        }
        #expect(plan.troubles == ["held alias x.contoso.com"])
        expect(plan.problems.first?.reason, has: "named has zone \(name) (file ")
        expect(plan.problems.first?.remedy, has: remedy)
        plan.expectNothing()
        planning.desired.zones[zone.name] = try Self.created(planning)
        let created = try planning.plan(of: actual)
        #expect(created.troubles == ["held alias x.contoso.com"])
        expect(created.problems.first?.remedy, has: "Remove `create`")
      }
    }
  }

  @Test(
    "a held alias, whatever is remembered → its cluster is not begun; another alias of it → it is")
  func heldCluster() async throws {
    let files = ["named.conf": Planning.conf, "db": Planning.zone + "x CNAME y\n"]
    try await withPlanning(files) { planning in
      try await planning.plan().expectNothing()
      planning.desired.aliases.append(
        Alias(owner: try DomainName("z.contoso.com"), cluster: "prod"))
      #expect(try await planning.plan().changesConfiguration)
    }
  }

  @Test("a file where a zone is to be made → what stands in it stays, and has to be a zone")
  func waitingFile() async throws {
    for (text, troubles) in [
      (
        "; Zone a.example, made by zonebridge. It is yours: outside the managed block\n"
          + Planning.zone + "www A 192.0.2.1\n", [] as [String]
      ),
      // What somebody else wrote is not taken.
      (Planning.zone, ["held alias x.a.example"]),
      ("; Zone b.example, made by zonebridge. It\n" + Planning.zone, ["held alias x.a.example"]),
      ("@ SOA (\n", ["held alias x.a.example"]), ("", ["held alias x.a.example"]),
    ] {
      let files = ["named.conf": Planning.options, "made": text]
      try await withPlanning(files, aliases: ["x.a.example"]) { planning in
        planning.desired.zones[try DomainName("a.example")] = try Self.created(planning)
        let plan = try await planning.plan()
        #expect(plan.troubles == troubles)
        let file = plan.files.first { $0.kind != .configuration }
        #expect((file == nil) == !troubles.isEmpty)
        let kept = text.replacing(" 7 ", with: " 8 ")
        if troubles.isEmpty { #expect(plan.text("made")?.hasPrefix(kept) == true) }
      }
    }
  }
}

@Suite("Where an alias goes", .timeLimit(.minutes(5)))
struct PlacementTests {
  @Test("several zones enclose the alias → the closest one has it, and the others are not touched")
  func closest() async throws {
    let files = [
      "named.conf": Planning.conf
        + "zone \"sub.contoso.com\" { type primary; file \"FOLDER/sub\"; };\n"
        + "zone \"com\" { type primary; file \"FOLDER/com\"; };\n",
      "db": Planning.zone, "sub": Planning.zone, "com": Planning.zone,
    ]
    for (alias, zone) in [
      ("x.sub.contoso.com", "sub.contoso.com"), ("sub.contoso.com", "sub.contoso.com"),
      ("xsub.contoso.com", "contoso.com"), ("x.com", "com"),
    ] {
      try await withPlanning(files, aliases: [alias]) { planning in
        let plan = try await planning.plan()
        #expect(plan.troubles == [] && plan.zoneFiles == [zone], "\(alias)")
      }
    }
  }

  @Test("a zone to be made is closer than the one that is there → it is made, else not")
  func made() async throws {
    for (name, alias, isMade) in [
      ("sub.contoso.com", "x.sub.contoso.com", true), ("com", "x.contoso.com", false),
      ("sub.contoso.com", "x.contoso.com", false),
    ] {
      try await withPlanning(aliases: [alias]) { planning in
        planning.desired.zones[try DomainName(name)] = ZoneSettings(
          create: CreatedZone(
            file: planning.path("made"), primary: try DomainName("ns.example.net"),
            contact: try DomainName("h.example.net")))
        let plan = try await planning.plan()
        #expect(plan.zoneFiles == [isMade ? name : "contoso.com"])
        #expect(plan.files.contains { $0.before == nil } == isMade)
        let text = try #require(plan.text("named.conf"))
        #expect(text.contains("BEGIN zonebridge zone \(name)") == isMade)
      }
    }
  }

  private static let views = [
    "named.conf": Planning.options + """
      view "a" { zone "contoso.com" { type primary; file "FOLDER/a"; }; };
      view "b" { zone "contoso.com" { type primary; file "FOLDER/b"; }; };
      view "c" { zone "contoso.com" { in-view "a"; }; };
      view "d" { };

      """, "a": Planning.zone, "b": Planning.zone,
  ]

  @Test(
    "the views that are chosen → the alias is in those alone, and what they lack is reported",
    arguments: [
      (nil, nil, ["a", "b"], []), (["a"], nil, ["a"], []), (["a", "c"], nil, ["a"], []),
      (["b", "c"], nil, ["b"], ["held"]), (["a", "d"], nil, ["a"], ["failed"]),
      (nil, ["b"], ["b"], []), (["a", "b"], ["b"], ["b"], []), (nil, ["c"], [], ["held"]),
      (nil, ["a", "d"], ["a"], ["failed"]), (["a"], ["b"], [], ["held"]),
    ] as [([String]?, [String]?, [String], [String])])
  func views(
    views: [String]?, zone: [String]?, files: [String], troubles: [String]
  ) async throws {
    try await withPlanning(Self.views, views: views) { planning in
      planning.desired.zones[try DomainName("contoso.com")] = ZoneSettings(views: zone)
      let plan = try await planning.plan()
      let changed = plan.files.filter { $0.kind != .configuration }
      #expect(changed.compactMap(\.path.lastComponent?.string) == files)
      #expect(plan.problems.map(\.severity.rawValue) == troubles, "\(plan.problems)")
      let seen = plan.servedAfterwards.filter { if case .alias = $0 { true } else { false } }
      #expect(seen.count == files.count)
    }
  }

  @Test(
    "a view that named.conf does not have → no plan, and the key is named",
    arguments: [
      (["x"], nil, "bind.views: named.conf has no view \"x\" of class IN. There are: a, b, c, d"),
      (nil, ["y"], "zones.contoso.com.views: named.conf has no view \"y\" of class IN"),
    ] as [([String]?, [String]?, String)])
  func unknownViews(views: [String]?, zone: [String]?, words: String) async throws {
    try await withPlanning(Self.views, views: views) { planning in
      planning.desired.zones[try DomainName("contoso.com")] = ZoneSettings(views: zone)
      let actual = try await planning.actual()
      let error = #expect(throws: PlanError.self) { try planning.plan(of: actual) }
      expect(error?.description, has: words)
    }
  }

  @Test("views named where there are none → no plan; an empty list → as if it did not stand there")
  func noViews() async throws {
    try await withPlanning(views: ["a"]) { planning in
      let actual = try await planning.actual()
      let error = #expect(throws: PlanError.self) { try planning.plan(of: actual) }
      expect(error?.description, has: "named.conf has no views. Remove the key")
    }
    try await withPlanning(views: []) { planning in
      let plan = try await planning.plan()
      #expect(plan.zoneFiles == ["contoso.com"])
    }
  }

  @Test("a name that cannot stand in a marker → no plan, and nothing is guessed")
  func unusableNames() async throws {
    try await withPlanning(["named.conf": Planning.options], aliases: []) { planning in
      planning.desired.clusters[0].name = "a: b"
      let actual = try await planning.actual()
      let error = #expect(throws: PlanError.self) { try planning.plan(of: actual) }
      expect(error?.description, has: "named.conf: \"a: b\" cannot name a managed block")
    }
    try await withPlanning(aliases: [#"a\:b.contoso.com"#]) { planning in
      let actual = try await planning.actual()
      let error = #expect(throws: PlanError.self) { try planning.plan(of: actual) }
      expect(error?.description, has: "zone contoso.com: \"a:b.contoso.com\" cannot name")
    }
    // A blank is written by its number, which can.
    try await withPlanning(aliases: [#"a\032b\032c.contoso.com"#]) { planning in
      let plan = try await planning.plan()
      #expect(plan.zoneFiles == ["contoso.com"])
    }
  }

  @Test("a path that would be a second line of the statement → no plan")
  func unusablePath() async throws {
    try await withPlanning(["named.conf": Planning.options], aliases: ["a.example"]) { planning in
      planning.desired.zones[try DomainName("a.example")] = ZoneSettings(
        create: CreatedZone(
          file: planning.path("two\nlines"), primary: try DomainName("ns.example.net"),
          contact: try DomainName("h.example.net")))
      let actual = try await planning.actual()
      let error = #expect(throws: PlanError.self) { try planning.plan(of: actual) }
      expect(error?.description, has: "cannot be in a managed block")
    }
  }
}
