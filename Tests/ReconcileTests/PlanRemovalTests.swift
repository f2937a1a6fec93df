import BINDText
import DCOS
import DNSNames
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// What the configuration does not have any more: it goes, or is held where that looks like a mistake.
@Suite("Removals by configuration", .timeLimit(.minutes(5)))
struct PlanRemovalTests {
  struct Row: Sendable, CustomTestStringConvertible {
    /// The aliases that stand, and those that are wanted then; names in contoso.com.
    var standing: [String]
    var wanted: [String]
    var operation = Operation.reconcile
    var accepted: Set<String> = []
    /// The words by which all that would go is held; nil if it goes.
    var held: String?

    var testDescription: String {
      "\(standing) to \(wanted), \(operation), accepted \(accepted) → \(held ?? "goes")"
    }
  }

  private static func owner(_ name: String) throws -> DomainName {
    try DomainName("\(name).contoso.com")
  }

  @Test(
    "aliases are not in the configuration any more → the last one and most of them are held, else they go",
    arguments: [
      Row(standing: ["a"], wanted: [], held: "has no alias any more, and a.contoso.com would"),
      Row(standing: ["a"], wanted: [], accepted: ["prod"]),
      Row(standing: ["a"], wanted: [], accepted: ["lab"], held: "has no alias any more"),
      Row(standing: ["a"], wanted: [], operation: .clearance),
      Row(standing: ["a"], wanted: [], operation: .removal(of: ["a.contoso.com"])),
      Row(standing: ["a"], wanted: [], operation: .removal(of: ["A.CONTOSO.com"])),
      Row(standing: ["a", "b"], wanted: ["a"]),
      Row(standing: ["a", "b"], wanted: [], held: "a.contoso.com, b.contoso.com would stop"),
      Row(
        standing: ["a", "b", "c"], wanted: ["a"], held: "lacks 2 of 3 aliases, and b.contoso.com"),
      Row(standing: ["a", "b", "c"], wanted: ["a"], accepted: ["prod"]),
      Row(standing: ["a", "b", "c", "d"], wanted: ["a", "b"]),
      // One that comes in another's place makes up for it.
      Row(standing: ["a"], wanted: ["b"]),
      Row(standing: ["a", "b", "c"], wanted: ["a", "d", "e"]),
      Row(standing: ["a", "b", "c"], wanted: ["d"], held: "lacks 2 of 3 aliases"),
    ])
  func aliases(row: Row) async throws {
    try await withPlanning(aliases: row.standing.map { "\($0).contoso.com" }) { planning in
      try await planning.carryOut()
      planning.desired.aliases = try row.wanted.map {
        Alias(owner: try Self.owner($0), cluster: "prod")
      }
      planning.operation = row.operation
      planning.accepted = row.accepted
      let plan = try await planning.carryOut()
      let gone = Set(row.standing).subtracting(row.wanted).sorted()
      let text = try planning.text("db")
      for name in gone {
        #expect(text.contains("BEGIN zonebridge \(name).contoso.com:") == (row.held != nil))
      }
      guard let words = row.held else {
        #expect(plan.problems == [])
        return
      }
      #expect(plan.troubles == gone.map { "held alias \($0).contoso.com" })
      expect(plan.problems.first?.reason, has: words)
      expect(plan.problems.first?.remedy, has: "zonebridge run --once --accept prod")
      #expect(try planning.text("named.conf").contains(Site.ids[0]), "what it leads into stays")
    }
  }

  @Test(
    "an alias goes while another one cannot be written → held if that may be the same, else not")
  func successor() async throws {
    for (cluster, isHeld) in [("prod", true), ("lab", false)] {
      try await withPlanning(aliases: ["a.contoso.com", "b.contoso.com"]) { planning in
        planning.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
        try await planning.carryOut()
        planning.desired.aliases[1] = Alias(
          owner: try DomainName("b.elsewhere.example"), cluster: cluster)
        let plan = try await planning.plan()
        #expect(plan.troubles.contains("failed alias b.elsewhere.example"))
        #expect(plan.troubles.contains("held alias b.contoso.com") == isHeld, "\(cluster)")
        #expect(plan.zoneFiles.isEmpty == isHeld)
        planning.accepted = ["prod"]
        #expect(try await planning.plan().zoneFiles == ["contoso.com"])
      }
    }
  }

  @Test("an alias is written in another case → it stays one alias, and is put right")
  func caseOfName() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.desired.aliases[0].owner = try DomainName("X.Contoso.COM")
      let plan = try await planning.carryOut()
      #expect(plan.problems == [])
      let text = try planning.text("db")
      #expect(text.split(separator: " DNAME ").count == 2, "\(text)")
      try await planning.plan().expectNothing()
    }
  }

  @Test(
    "an alias goes from one view → it goes there if it stands in the other one, else it is held")
  func otherView() async throws {
    let files = [
      "named.conf": Planning.options + """
        view "a" { zone "contoso.com" { type primary; file "FOLDER/a"; }; };
        view "b" { zone "contoso.com" { type primary; file "FOLDER/b"; }; };

        """, "a": Planning.zone, "b": Planning.zone,
    ]
    for isRefused in [false, true] {
      try await withPlanning(files) { planning in
        planning.desired.bind.views = ["b"]
        try await planning.carryOut()
        planning.desired.bind.views = ["a"]
        if isRefused {
          try planning.folder.write("a", Planning.zone + "x NS ns.example.net.\n")
        }
        let plan = try await planning.carryOut()
        #expect(try planning.text("b").contains("BEGIN zonebridge x.contoso.com") == isRefused)
        #expect(plan.problems.contains { $0.reason.contains("belongs elsewhere") } == isRefused)
        let conf = try planning.text("named.conf")
        #expect(conf.split(separator: "zone \"\(Site.ids[0])").count == (isRefused ? 3 : 2))
      }
    }
  }

  // MARK: Blocks of others

  @Test(
    "an unneeded block that another zonebridge wrote → held; our own, or accepted → removed"
  )
  func foreignBlocks() async throws {
    for (blocks, operation, accepted, isHeld) in [
      (["prod", "x.contoso.com", "y.contoso.com"], .reconcile, [], false),
      (["x.contoso.com", "y.contoso.com"], .reconcile, [], true),
      (["x.contoso.com", "y.contoso.com"], .reconcile, ["prod"], false),
      (["x.contoso.com", "y.contoso.com"], .clearance, [], false),
      (["x.contoso.com", "y.contoso.com"], .removal(of: ["prod"]), [], false),
      (nil, .reconcile, [], false),
    ] as [(Set<String>?, Operation, Set<String>, Bool)] {
      try await withPlanning { planning in
        try await planning.carryOut()
        try planning.folder.write("db", Planning.zone)
        planning.desired.clusters = []
        planning.desired.aliases = []
        planning.blocks = blocks
        planning.operation = operation
        planning.accepted = accepted
        let plan = try await planning.carryOut()
        #expect(plan.troubles == (isHeld ? ["held cluster prod"] : []), "\(operation)")
        #expect(try planning.text("named.conf").contains("BEGIN zonebridge prod") == isHeld)
      }
    }
  }

  @Test(
    "two configurations over the same files → neither takes the other's blocks out, nor its exception"
  )
  func twoConfigurations() async throws {
    let files = [
      "named.conf": Planning.conf.replacing("dnssec-validation no;", with: ""), "db": Planning.zone,
    ]
    try await withPlanning(files) { planning in
      planning.blocks = []
      try await planning.carryOut()
      var other = planning
      other.desired.clusters = [try Site.cluster("lab", id: Site.ids[1])]
      other.desired.aliases = [Alias(owner: try DomainName("y.contoso.com"), cluster: "lab")]
      other.blocks = []
      let second = try await other.carryOut()
      #expect(Set(second.troubles) == ["held alias x.contoso.com", "held cluster prod"])
      planning.blocks = ["prod", "x.contoso.com", BlockNames.exemption]
      other.blocks = ["lab", "y.contoso.com", BlockNames.exemption]
      for both in [planning, other, planning] {
        let plan = try await both.carryOut()
        #expect(plan.files.isEmpty && plan.problems.count == 2, "\(plan.problems)")
      }
      let conf = try planning.text("named.conf")
      for id in Site.ids.prefix(2) { #expect(conf.contains("\"\(id).dcos.directory\";")) }
    }
  }
}
