import BINDText
import DCOS
import DNSNames
import Named
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// Make before break, for what a rollback takes out: a forward zone that something leads into stays.
@Suite("Forward zones that a rollback would take out", .timeLimit(.minutes(5)))
struct PlanRollbackDepartureTests {
  private static let new = Site.ids[1]

  /// A plan's named.conf: the clusters whose forward zones it has, and whether all its blocks are whole.
  private func forwardZones(
    _ text: String?, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws -> Set<String> {
    let text = try #require(text, sourceLocation: sourceLocation)
    let outline = try NamedConfOutline(parsing: Array(text.utf8))
    for block in try outline.blocks() {
      #expect(
        !block.isEdited(in: outline.bytes, digest: blockDigest), sourceLocation: sourceLocation)
    }
    return Set(Site.ids.filter { text.contains("zone \"\($0).dcos.directory\"") })
  }

  @Test(
    "an alias moved to another cluster, and is led back → the other's forward zone outlives the DNAME's TTL",
    arguments: [nil, 300] as [UInt32?])
  func moved(ttl: UInt32?) async throws {
    try await withPlanning { planning in
      planning.desired.bind.reload = .rndc(.init())
      if let ttl { planning.desired.aliases[0].ttl = ttl }
      try await planning.carryOut()
      planning.desired.clusters.append(try Site.cluster("next", id: Self.new))
      planning.desired.aliases[0].cluster = "next"
      let entry = try await planning.change()
      planning.now = 1000
      let plan = try await planning.rollback(entry)
      #expect(plan.text("named.conf") == nil, "all of named.conf stays")
      expect(plan.text("db"), has: "DNAME mesos.\(Site.ids[0]).dcos.directory.")
      #expect(plan.retained.until == [try ClusterID(Self.new): 1005 + Int64(ttl ?? 60)])
      expect(
        plan.hints.first?.text, has: "resolvers may have a DNAME into it in their caches until")
      #expect(plan.commandLines.last == "rndc reload contoso.com")
    }
  }

  @Test(
    "a cluster got another ID, and is reverted → its block has the former forward zone, and the later one for now"
  )
  func otherID() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.retained = RetainedZones()
      planning.desired.clusters = [try Site.cluster("prod", id: Self.new)]
      planning.accepted = ["prod"]
      let entry = try await planning.change()
      let plan = try await planning.rollback(entry)
      expect(plan.text("db"), has: "DNAME mesos.\(Site.ids[0]).dcos.directory.")
      let text = try plan.text("named.conf") ?? planning.text("named.conf")
      #expect(try forwardZones(text) == [Site.ids[0], Self.new])
      #expect(text.split(separator: "BEGIN zonebridge").count == 2, "in one block")
      try planning.write(plan)
      // That is what the next pass finds, and takes for its own.
      let next = try await planning.plan()
      #expect(next.warnings.isEmpty, "\(next.warnings)")
    }
  }

  @Test(
    "another alias leads into it since → it stays; that one gone as well → it goes, after the DNAMEs"
  )
  func laterAlias() async throws {
    try await withPlanning { planning in
      planning.desired.bind.reload = .rndc(.init())
      let conf = try planning.text("named.conf")
      let first = try await planning.change(number: 1)
      planning.desired.aliases.append(
        Alias(owner: try DomainName("y.contoso.com"), cluster: "prod"))
      let second = try await planning.change(number: 2)
      let one = try await planning.rollback(first)
      #expect(one.text("named.conf") == nil)
      #expect(one.text("db")?.contains("x.contoso.com") == false)
      expect(one.hints.first?.text, has: "db:")
      expect(one.hints.first?.text, has: "leads into it")
      let both = try await planning.rollback(second, first)
      #expect(both.text("named.conf") == conf && both.hints.isEmpty && both.retained.until.isEmpty)
      #expect(both.commandLines.prefix(2) == ["rndc reload contoso.com", "rndc reconfig"])
    }
  }

  @Test(
    "a DNAME in a zone of somebody else leads into it → it stays; one that is commented out → it goes"
  )
  func foreign() async throws {
    try await withPlanning { planning in
      let entry = try await planning.change()
      let id = try ClusterID(Site.ids[0])
      try planning.folder.write(
        "db", "; was \(id) once\n" + (try planning.text("db")))
      #expect(try await forwardZones(planning.rollback(entry).text("named.conf")) == [])
      planning.dependents[id] = [
        Dependent(owner: nil, id: id, place: .foreign, location: "db.other:7")
      ]
      let plan = try await planning.rollback(entry)
      #expect(plan.text("named.conf") == nil)
      expect(plan.hints.first?.text, has: "db.other:7 leads into it")
      planning.dependents[id]?[0].view = "elsewhere"
      #expect(try await forwardZones(planning.rollback(entry).text("named.conf")) == [])
    }
  }

  @Test("in a view, between what the operator has there → the forward zone stays within its braces")
  func views() async throws {
    let files = [
      "named.conf": Planning.options + """
        view inside {
          zone "contoso.com" { type primary; file "FOLDER/db"; };
        };
        view outside { match-clients { none; }; };

        """, "db": Planning.zone,
    ]
    try await withPlanning(files, views: ["inside"]) { planning in
      try await planning.carryOut()
      planning.desired.clusters = [try Site.cluster("prod", id: Self.new)]
      planning.accepted = ["prod"]
      let entry = try await planning.change()
      let plan = try await planning.rollback(entry)
      let text = try plan.text("named.conf") ?? planning.text("named.conf")
      #expect(try forwardZones(text) == [Site.ids[0], Self.new])
      let outline = try NamedConfOutline(parsing: Array(text.utf8))
      #expect(outline.zones.allSatisfy { $0.view == 0 }, "all stand in the first view")
    }
  }
}
