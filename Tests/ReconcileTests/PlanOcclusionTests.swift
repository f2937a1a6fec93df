import DNSNames
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// What stands above an alias's zone, in the zones of named.conf around it.
@Suite("Occlusion from enclosing zones", .timeLimit(.minutes(5)))
struct PlanOcclusionTests {
  /// What the zone around the alias's has, and what becomes of the alias.
  struct Row: Sendable, CustomTestStringConvertible {
    var parent = ""
    /// The zone around it, and its type; where it is in a view of its own, the alias's is in another one.
    var around = "contoso.com"
    var alias = "x.lab.sub.contoso.com"
    /// The words by which it is held; nil if it is not.
    var held: String?
    /// What is told of it besides.
    var hint: String?

    var testDescription: String { "\(around): \(parent) → \(held ?? hint ?? "goes in")" }
  }

  private static let inner =
    "zone \"lab.sub.contoso.com\" { type primary; file \"FOLDER/lab\"; };\n"

  private static func files(_ row: Row, _ inner: String = inner) -> [String: String] {
    [
      "named.conf": Planning.options
        + "zone \"\(row.around)\" { type primary; file \"FOLDER/db\"; };\n" + inner,
      "db": Planning.zone + row.parent, "lab": Planning.zone,
      "more": "sub DNAME www.example.\n",
    ]
  }

  @Test(
    "a DNAME above the zone → held with its place; a delegation → told; what is beside or below it → neither",
    arguments: [
      Row(
        parent: "sub DNAME www.example.\n",
        held: "db:4: sub.contoso.com has a DNAME record in the enclosing zone contoso.com"),
      Row(parent: "@ DNAME www.example.\n", held: "db:4: contoso.com has a DNAME record"),
      Row(parent: "lab.sub DNAME www.example.\n", held: "db:4: lab.sub.contoso.com has a DNAME"),
      Row(parent: "$INCLUDE FOLDER/more\n", held: "more:1: sub.contoso.com has a DNAME record"),
      Row(parent: "contoso DNAME www.example.\n", around: "com", held: "db:4: contoso.com has"),
      Row(parent: "com DNAME www.example.\n", around: ".", held: "db:4: com has a DNAME record"),
      Row(
        parent: "sub NS ns.example.net.\n", hint: "db:4: sub.contoso.com is delegated to other name"
      ),
      // The delegation of the alias's own zone is as it should be.
      Row(parent: "lab.sub NS ns.example.net.\n"), Row(parent: "@ NS ns2.example.net.\n"),
      Row(parent: "x.lab.sub DNAME www.example.\nub DNAME www.example.\nlab DNAME a.example.\n"),
      Row(parent: "b DNAME www.example.\n", around: "a.contoso.com"),
    ])
  func enclosing(row: Row) async throws {
    try await withPlanning(Self.files(row), aliases: [row.alias]) { planning in
      let plan = try await planning.plan()
      if let words = row.held {
        #expect(plan.troubles == ["held alias \(row.alias)"])
        expect(plan.problems.first?.reason, has: words)
        expect(plan.problems.first?.remedy, has: "Remove that DNAME")
        #expect(plan.zoneFiles == [])
      } else {
        #expect(plan.problems.isEmpty, "\(plan.problems)")
        #expect(plan.zoneFiles == ["lab.sub.contoso.com"])
      }
      if let hint = row.hint { expect(plan.hints.first?.description, has: hint) }
      #expect(plan.hints.isEmpty == (row.hint == nil), "\(plan.hints)")
    }
  }

  @Test("the alias stands already, and a DNAME comes above its zone → it is kept right")
  func standing() async throws {
    let row = Row()
    try await withPlanning(Self.files(row), aliases: [row.alias]) { planning in
      try await planning.carryOut()
      try planning.folder.write("db", Planning.zone + "sub DNAME www.example.\n")
      planning.desired.aliases[0].ttl = 30
      let plan = try await planning.plan()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(plan.zoneFiles == ["lab.sub.contoso.com"])
    }
  }

  @Test("a hand-written DNAME below such a one → it can be adopted")
  func adoption() async throws {
    let row = Row(parent: "sub DNAME www.example.\n")
    var files = Self.files(row)
    files["lab"] = Planning.zone + "x 60 IN DNAME mesos.\(Site.ids[0]).dcos.directory.\n"
    try await withPlanning(files, aliases: [row.alias]) { planning in
      planning.operation = .adoption(of: ["prod"])
      let plan = try await planning.plan()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(plan.zoneFiles == ["lab.sub.contoso.com"])
    }
  }

  @Test("the DNAME above is our alias that is removed → the alias below is added") func moved()
    async throws
  {
    let row = Row(alias: "sub.contoso.com")
    try await withPlanning(Self.files(row), aliases: [row.alias]) { planning in
      planning.desired.aliases[0].allow = [.hidesNames]
      try await planning.carryOut()
      #expect(try planning.text("db").contains("sub.contoso.com. 60 IN DNAME"))
      planning.desired.aliases[0].owner = try DomainName("x.lab.sub.contoso.com")
      let plan = try await planning.plan()
      #expect(plan.problems.isEmpty, "\(plan.problems)")
      #expect(Set(plan.zoneFiles) == ["contoso.com", "lab.sub.contoso.com"])
    }
  }

  @Test("a zone that is still to be made below a DNAME → held, and it is not made") func made()
    async throws
  {
    for (parent, isHeld) in [
      ("sub DNAME www.example.\n", true), ("ub DNAME www.example.\n", false),
    ] {
      let row = Row(parent: parent)
      try await withPlanning(Self.files(row, ""), aliases: [row.alias]) { planning in
        planning.desired.zones[try DomainName("lab.sub.contoso.com")] = ZoneSettings(
          create: CreatedZone(
            file: planning.path("made"), primary: try DomainName("ns.example.net"),
            contact: try DomainName("h.example.net")))
        let plan = try await planning.plan()
        #expect(plan.troubles == (isHeld ? ["held alias \(row.alias)"] : []))
        #expect((plan.text("made") == nil) == isHeld)
      }
    }
  }

  @Test("a DNAME above in another view → not held; in a zone that the view borrows → held")
  func views() async throws {
    for (clause, isHeld) in [("", false), ("zone \"contoso.com\" { in-view other; };", true)] {
      let files = [
        "named.conf": Planning.options + """
          view other { match-clients { none; };
            zone "contoso.com" { type primary; file "FOLDER/db"; };
          };
          view inside { \(clause)
          \(Self.inner)
          };

          """,
        "db": Planning.zone + "sub DNAME www.example.\n", "lab": Planning.zone,
      ]
      try await withPlanning(files, views: ["inside"], aliases: ["x.lab.sub.contoso.com"]) {
        planning in
        let plan = try await planning.plan()
        #expect(plan.troubles == (isHeld ? ["held alias x.lab.sub.contoso.com"] : []))
      }
    }
  }
}
