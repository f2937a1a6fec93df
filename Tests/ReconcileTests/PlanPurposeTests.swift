import BINDText
import DCOS
import DNSNames
import FileChange
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// An adoption and a removal touch what they are for, and nothing else; what a reconciliation takes
/// out is ours alone.
@Suite("Purposes of a plan", .timeLimit(.minutes(5)))
struct PlanPurposeTests {
  private static let record = "x DNAME mesos.\(Site.ids[0]).dcos.directory.\n"

  /// Two clusters with an alias each, all of it in place.
  private func withTwo(_ body: (inout Planning) async throws -> Void) async throws {
    let files = [
      "named.conf": Planning.conf
        + "zone \"other.example\" { type primary; file \"FOLDER/other\"; };\n",
      "db": Planning.zone, "other": Planning.zone,
    ]
    try await withPlanning(files, aliases: ["x.contoso.com", "y.other.example"]) { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      planning.desired.aliases[1].cluster = "lab"
      try await planning.carryOut()
      try await body(&planning)
    }
  }

  private func blocks(_ planning: Planning) throws -> [String] {
    try ["named.conf", "db", "other"].flatMap { name in
      try planning.text(name).split(separator: "\n").filter { $0.contains("BEGIN zonebridge") }
        .compactMap { $0.split(separator: " ").dropFirst(3).first.map(String.init) }
    }
  }

  // MARK: Removal

  @Test("an alias is removed → it alone goes, though much else is other than it should be")
  func removal() async throws {
    try await withTwo { planning in
      planning.operation = .removal(of: ["x.contoso.com"])
      planning.desired.aliases = []
      planning.desired.clusters[1] = try Site.cluster("lab", id: Site.ids[1], masters: ["10.0.0.9"])
      planning.desired.clusters.append(try Site.cluster("new", id: Site.ids[2]))
      planning.desired.bind.reload = .rndc(.init())
      let plan = try await planning.plan()
      #expect(plan.troubles == [] && plan.zoneFiles == ["contoso.com"])
      #expect(!plan.changesConfiguration)
      #expect(plan.commandLines == ["rndc reload contoso.com"])
      #expect(Set(plan.attempts.keys) == [.alias("x.contoso.com")])
      try planning.write(plan)
      #expect(try blocks(planning) == ["prod:", "lab:", "y.other.example:"])
    }
  }

  @Test(
    "a cluster is removed that is still configured, or that a DNAME leads into → its block stays")
  func configuredCluster() async throws {
    try await withTwo { planning in
      planning.operation = .removal(of: ["prod"])
      let plan = try await planning.plan()
      plan.expectNothing()
      planning.desired.clusters.removeFirst()
      planning.desired.aliases.removeFirst()
      let held = try await planning.plan()
      held.expectNothing()
      #expect(held.troubles == ["held cluster prod"])
      expect(held.problems.first?.reason, has: "the DNAME of x.contoso.com leads into it")
      planning.operation = .removal(of: ["prod", "x.contoso.com"])
      let gone = try await planning.plan()
      #expect(gone.changesConfiguration && gone.zoneFiles == ["contoso.com"])
      try planning.write(gone)
      #expect(try blocks(planning) == ["lab:", "y.other.example:"])
    }
  }

  @Test("an alias that cannot be put in → is not told in a removal, nor in an adoption of others")
  func silence() async throws {
    try await withPlanning(aliases: ["x.elsewhere.example"]) { planning in
      #expect(try await planning.plan().troubles == ["failed alias x.elsewhere.example"])
      for operation in [
        Operation.removal(of: ["y"]), .adoption(of: ["lab"]), .adoption(of: ["prod"]),
      ] {
        planning.operation = operation
        let plan = try await planning.plan()
        plan.expectNothing()
        #expect(plan.troubles == [])
      }
    }
  }

  @Test("a cluster is not seen at all → what stands under a name that goes stays, with a word")
  func renamedUnseen() async throws {
    try await withTwo { planning in
      planning.desired.clusters[0].name = "production"
      planning.desired.aliases[0].cluster = "production"
      planning.unseen = ["production"]
      let plan = try await planning.plan()
      #expect(!plan.changesConfiguration)
      #expect(plan.warnings.count == 1)
      expect(
        plan.warnings.first, has: "prod is no longer needed, and stays until cluster production")
      // An operator who removes it does not wait for that.
      planning.operation = .removal(of: ["prod", "x.contoso.com"])
      planning.desired.aliases.removeFirst()
      #expect(try await planning.plan().changesConfiguration)
    }
  }

  // MARK: Adoption

  @Test("a DNAME by hand is adopted → it alone becomes a block; what else is due is not done")
  func adoption() async throws {
    let files = ["named.conf": Planning.conf, "db": Planning.zone + Self.record]
    try await withPlanning(files, aliases: ["x.contoso.com", "z.contoso.com"]) { planning in
      #expect(try await planning.plan().troubles == ["held alias x.contoso.com"])
      planning.operation = .adoption(of: ["lab"])
      try await planning.plan().expectNothing()
      planning.operation = .adoption(of: ["prod"])
      let plan = try await planning.plan()
      #expect(plan.troubles == [] && plan.zoneFiles == ["contoso.com"])
      #expect(!plan.changesConfiguration, "its forward zone is not begun by an adoption")
      #expect(Set(plan.attempts.keys) == [.alias("x.contoso.com")])
      try planning.write(plan)
      let text = try planning.text("db")
      #expect(text.contains("BEGIN zonebridge x.contoso.com") && !text.contains("z.contoso.com"))
      #expect(text.split(separator: "DNAME").count == 2)
    }
  }

  @Test("an adoption → takes nothing out that is ours and wanted no longer, nor puts it right")
  func adoptionKeeps() async throws {
    try await withTwo { planning in
      planning.desired.aliases = []
      planning.desired.clusters.removeLast()
      planning.desired.clusters[0].dnsPort = 5353
      planning.operation = .adoption(of: ["prod", "lab"])
      try await planning.plan().expectNothing()
      planning.operation = .reconcile
      #expect(try await !planning.plan().isEmpty)
    }
  }

  @Test("an alias's block says something else than it should → put right by a whole pass alone")
  func adoptionOfRight() async throws {
    try await withTwo { planning in
      planning.desired.aliases[0].ttl = 5
      for operation in [Operation.adoption(of: ["prod"]), .removal(of: ["y.other.example"])] {
        planning.operation = operation
        let plan = try await planning.plan()
        #expect(plan.zoneFiles == [] && plan.attempts[.alias("x.contoso.com")] == nil)
        #expect(plan.alreadyServed.contains { $0.alias == planning.desired.aliases[0].owner })
      }
      planning.operation = .reconcile
      #expect(try await planning.plan().zoneFiles == ["contoso.com"])
    }
  }

  // MARK: Zones that were made

  private func withMade(
    _ aliases: [String] = ["a.example"], _ body: (inout Planning) async throws -> Void
  ) async throws {
    try await withPlanning(["named.conf": Planning.options], aliases: aliases) { planning in
      planning.desired.zones[try DomainName("a.example")] = ZoneSettings(
        create: CreatedZone(
          file: planning.path("made"), primary: try DomainName("ns.example.net"),
          contact: try DomainName("h.example.net")))
      let plan = try await planning.carryOut()
      #expect(
        plan.files.map(\.kind) == [.zone(try DomainName("a.example"), view: nil), .configuration])
      #expect(plan.files.first?.before == nil)
      try await body(&planning)
    }
  }

  @Test(
    "two aliases in a zone that is to be made → one statement, one file with both",
    arguments: [("", 1), ("view a { };\nview b { };\n", 2)])
  func twoAliases(views: String, statements: Int) async throws {
    let files = ["named.conf": Planning.options + views]
    try await withPlanning(files, aliases: ["a.a.example", "b.a.example"]) { planning in
      planning.desired.zones[try DomainName("a.example")] = ZoneSettings(
        create: CreatedZone(
          file: planning.path("made"), primary: try DomainName("ns.example.net"),
          contact: try DomainName("h.example.net")))
      let plan = try await planning.carryOut()
      #expect(plan.problems == [])
      let (conf, made) = (try planning.text("named.conf"), try planning.text("made"))
      #expect(conf.split(separator: "zone \"a.example\" {").count == statements + 1, "\(conf)")
      #expect(made.split(separator: " DNAME ").count == 3)
      let second = try await planning.plan()
      second.expectNothing()
      #expect(second.problems == [])
    }
  }

  @Test("a made zone's last alias goes → its statement goes first, and then its file")
  func departure() async throws {
    for serial in ["1", "4294967295"] {
      try await withMade { planning in
        let text = try planning.text("made")
        try planning.folder.write(
          "made", text.replacing("\t\t1\t; serial", with: "\t\t\(serial)\t; serial"))
        planning.desired.aliases = []
        planning.accepted = ["prod"]
        let plan = try await planning.plan()
        #expect(plan.troubles == [])
        #expect(
          plan.files.map(\.kind) == [.configuration, .zone(try DomainName("a.example"), view: nil)])
        #expect(plan.files.map { $0.contents == nil } == [false, true])
        #expect(plan.attempts[.zone("a.example")] != nil)
        try planning.write(plan)
        #expect(try !planning.text("named.conf").contains("a.example"))
      }
    }
  }

  @Test(
    "somebody has added to a made zone, or changed it → neither its statement nor its file goes",
    arguments: [
      ("@\tIN NS ns.example.net.\n", "@\tIN NS ns.example.net.\nwww A 192.0.2.1\n"),
      ("@\tIN NS ns.example.net.\n", "@\tIN NS ns.example.net.\n; mine\n"),
      ("$TTL 3600", "$TTL 3601"), ("IN NS ns.example.net.", "IN NS ns2.example.net."),
      ("\t\t900\t; retry", "\t\t901\t; retry"), ("; Zone a.example", "; zone a.example"),
      ("@\tIN SOA", "$INCLUDE FOLDER/none\n@\tIN SOA"),
    ])
  func addedTo(old: String, new: String) async throws {
    try await withMade { planning in
      let text = try planning.text("made")
      #expect(text.contains(old))
      try planning.folder.write("made", text.replacing(old, with: new))
      planning.desired.aliases = []
      planning.accepted = ["prod"]
      let plan = try await planning.plan()
      #expect(plan.troubles.contains("held zone a.example"), "\(plan.problems)")
      #expect(plan.attempts[.zone("a.example")] == nil)
      #expect(plan.files.allSatisfy { $0.contents != nil })
      #expect(plan.text("named.conf")?.contains("zone \"a.example\"") != false)
    }
  }

  @Test("a made zone has another alias → it stays, and that alias too")
  func stillNeeded() async throws {
    try await withMade(["a.a.example", "b.a.example"]) { planning in
      for operation in [Operation.reconcile, .removal(of: ["a.a.example"])] {
        planning.operation = operation
        planning.desired.aliases.removeAll { $0.blockName == "a.a.example" }
        let plan = try await planning.plan()
        #expect(plan.problems == [])
        #expect(plan.files.map(\.kind) == [.zone(try DomainName("a.example"), view: nil)])
        let text = try #require(plan.text("made"))
        #expect(text.contains("BEGIN zonebridge b.a.example") && !text.contains("a.a.example"))
      }
    }
  }

  @Test(
    "all aliases of a made zone are removed → it goes; one is not → it stays; adopted → it stays")
  func removedZone() async throws {
    try await withMade(["a.a.example", "b.a.example"]) { planning in
      planning.desired.aliases = []
      planning.operation = .removal(of: ["a.a.example", "b.a.example"])
      let both = try await planning.plan()
      #expect(both.problems == [] && both.files.contains { $0.contents == nil })
      planning.operation = .removal(of: ["a.a.example"])
      let one = try await planning.plan()
      #expect(one.files.count == 1 && one.files[0].contents != nil && !one.changesConfiguration)
      planning.operation = .removal(of: ["prod"])
      #expect(try await planning.plan().files.isEmpty)
      planning.operation = .adoption(of: ["prod"])
      #expect(try await planning.plan().files.isEmpty)
    }
  }

  // MARK: Zones that named would not load

  @Test("a zone is refused → it, and what shares its file, stay; other zones get their aliases")
  func refused() async throws {
    let files = [
      "named.conf": Planning.conf
        + "zone \"contoso.net\" { type primary; file \"FOLDER/db\"; };\n"
        + "zone \"other.example\" { type primary; file \"FOLDER/other\"; };\n",
      "db": Planning.zone, "other": Planning.zone,
    ]
    let aliases = ["x.contoso.com", "x.contoso.net", "y.other.example"]
    for refused in ["contoso.com", "contoso.net"] {
      try await withPlanning(files, aliases: aliases) { planning in
        for index in 0..<2 { planning.desired.aliases[index].allow = [.sharedFile] }
        #expect(try await planning.plan().zoneFiles == ["contoso.com", "other.example"])
        planning.refusals = [try DomainName(refused): "named-checkzone says no"]
        let plan = try await planning.plan()
        #expect(plan.zoneFiles == ["other.example"], "\(refused)")
        #expect(plan.troubles == ["failed zone \(refused)"])
        #expect(plan.attempts[.alias("x.\(refused)")] == nil)
      }
    }
  }

  // MARK: Hand edits

  @Test("somebody edited inside a block → told and put right; outside of it → neither")
  func handEdits() async throws {
    try await withTwo { planning in
      let (zone, conf) = (try planning.text("db"), try planning.text("named.conf"))
      try planning.folder.write("db", zone.replacing(" 60 IN DNAME", with: " 61 IN DNAME"))
      let plan = try await planning.plan()
      #expect(plan.handEdits.map(\.block) == ["x.contoso.com"] && plan.zoneFiles == ["contoso.com"])
      expect(
        plan.handEdits.first?.description,
        has: "db:4: the managed block x.contoso.com was edited by hand")
      #expect(plan.reasons[.alias("x.contoso.com")] == "edited by hand, restored")
      try planning.folder.write("db", zone.replacing(" 7 ", with: " 70 ") + "; mine\n")
      try planning.folder.write("named.conf", "# mine\n" + conf)
      let quiet = try await planning.plan()
      quiet.expectNothing()
      #expect(quiet.handEdits == [] && quiet.warnings == [])
      // What is wanted has changed: the old text is ours, and nobody's edit is lost.
      planning.desired.aliases[0].ttl = 5
      let ours = try await planning.plan()
      #expect(ours.zoneFiles == ["contoso.com"] && ours.handEdits == [] && ours.warnings == [])
      #expect(ours.reasons[.alias("x.contoso.com")] == "TTL 60 -> 5 (configuration)")
    }
  }

  // MARK: Order

  @Test(
    "whatever changes → zone files before named.conf, and what goes last; edits that clash → none")
  func order() async throws {
    try await withPlanning { planning in
      let actual = try await planning.actual()
      let conf = try #require(actual.tree.files.first)
      let zone = try #require(actual.text(of: try DomainName("contoso.com"), in: nil)?.files.first)
      let name = try DomainName("contoso.com")
      func edit(_ range: Range<Int>, _ replacement: [UInt8]) -> FileEdit {
        FileEdit(
          conf, as: .configuration, .edit(TextEdit(range: range, replacement: replacement)))
      }
      var planned = PlannedFiles()
      planned.add(FileEdit(zone, as: .zone(name, view: nil), .takeAway))
      planned.add(edit(0..<2, [1]))
      planned.create("/new", as: .zone(name, view: nil), contents: [7])
      planned.add(edit(4..<5, []))
      let files = try planned.inOrder()
      #expect(files.map(\.path) == ["/new", conf.snapshot.realPath, zone.snapshot.realPath])
      #expect(files.map { $0.contents == nil } == [false, false, true])
      #expect(files[0].before == nil && files[0].contents?.bytes == [7])
      let bytes = conf.snapshot.bytes
      #expect(files[1].contents?.bytes == [1] + bytes[2..<4] + bytes[5...])
      planned.add(edit(1..<3, []))
      #expect(throws: TextEditError.self) { try planned.inOrder() }
    }
  }
}
