import BINDText
import DCOS
import DNSNames
import FileChange
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// A forward zone that is wanted no longer: what keeps it, and when it goes.
@Suite("Forward zones that are wanted no longer", .timeLimit(.minutes(5)))
struct PlanDepartureTests {
  private static let old = Site.ids[0]
  private static let new = Site.ids[1]

  /// An alias in one cluster; then the configuration has another cluster instead.
  private func withReplaced(
    _ files: [String: String] = Planning.files, _ body: (inout Planning) async throws -> Void
  ) async throws {
    try await withPlanning(files) { planning in
      try await planning.carryOut()
      planning.desired.clusters = [try Site.cluster("next", id: Self.new)]
      planning.desired.aliases[0].cluster = "next"
      planning.broken = []
      planning.now = 1000
      try await body(&planning)
    }
  }

  private func hasForwardZone(_ planning: Planning, _ id: String) throws -> Bool {
    try planning.text("named.conf").contains("zone \"\(id).dcos.directory\" {")
  }

  @Test(
    "an alias was moved, and held → the old forward zone stays for the old DNAME's TTL, and then goes"
  )
  func timeToLive() async throws {
    try await withReplaced { planning in
      let plan = try await planning.carryOut()
      #expect(plan.problems == [] && plan.zoneFiles == ["contoso.com"])
      #expect(plan.retained.until.map { "\($0) \($1)" } == ["\(Self.old) 1065"])
      #expect(plan.departing.isEmpty, "nobody looks for it before its time")
      expect(plan.hints.first?.text, has: "stays: resolvers may have a DNAME")
      #expect(try hasForwardZone(planning, Self.old) && hasForwardZone(planning, Self.new))
      planning.retained = plan.retained
      for (now, stays) in [(1064, true), (1065, false)] as [(Int64, Bool)] {
        planning.now = now
        let later = try await planning.carryOut()
        #expect(try hasForwardZone(planning, Self.old) == stays, "at \(now)")
        #expect(later.retained == (stays ? plan.retained : RetainedZones()))
        #expect(later.departing.isEmpty == stays)
      }
    }
  }

  @Test(
    "a pass was killed before named served what it wrote → the TTL counts from the next pass, until one sees it served"
  )
  func notSeenServed() async throws {
    try await withReplaced { planning in
      let old = try ClusterID(Self.old)
      let cut = try await planning.plan()
      try planning.write(cut)
      #expect(cut.retained == RetainedZones(until: [old: 1065], pending: [old: 65]))
      planning.retained = cut.retained
      for now in [1010, 9000] as [Int64] {
        planning.now = now
        let plan = try await planning.plan()
        #expect(plan.retained == RetainedZones(until: [old: now + 65], pending: [old: 65]))
        #expect(plan.departing.isEmpty && plan.files.isEmpty)
        planning.retained = plan.retained
      }
      planning.retained = RetainedZones(until: [old: 9065])
      planning.now = 9065
      #expect(try await planning.carryOut().retained == RetainedZones())
      #expect(try !hasForwardZone(planning, Self.old))
    }
  }

  @Test(
    "an alias was moved to another cluster, and the old one goes later → it stays for the TTL all the same"
  )
  func movedBefore() async throws {
    try await withReplaced { planning in
      planning.desired.clusters.append(try Site.cluster("prod", id: Self.old))
      planning.retained = try await planning.carryOut().retained
      planning.desired.clusters.removeLast()
      planning.now = 1010
      let plan = try await planning.carryOut()
      #expect(try hasForwardZone(planning, Self.old))
      #expect(plan.retained.until.values.sorted() == [1065])
    }
  }

  @Test("a TTL was lowered before the alias is moved → the longer one counts")
  func loweredTTL() async throws {
    try await withPlanning { planning in
      planning.desired.aliases[0].ttl = 3600
      try await planning.carryOut()
      planning.broken = []
      planning.now = 1000
      planning.desired.aliases[0].ttl = 60
      planning.retained = try await planning.carryOut().retained
      planning.now = 1010
      planning.desired.clusters = [try Site.cluster("next", id: Self.new)]
      planning.desired.aliases[0].cluster = "next"
      let plan = try await planning.carryOut()
      #expect(plan.retained.until.values.sorted() == [4605])
      #expect(try hasForwardZone(planning, Self.old))
    }
  }

  @Test("the alias did not resolve before → the old forward zone goes with its DNAME")
  func broken() async throws {
    try await withReplaced { planning in
      planning.broken = [try DomainName("x.contoso.com")]
      let plan = try await planning.carryOut()
      #expect(plan.retained.until.isEmpty && !plan.continues)
      #expect(try !hasForwardZone(planning, Self.old) && hasForwardZone(planning, Self.new))
    }
  }

  @Test("the alias is removed → nothing waits")
  func removed() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      planning.desired.clusters.append(try Site.cluster("next", id: Self.new))
      planning.desired.aliases[1].cluster = "next"
      try await planning.carryOut()
      planning.broken = []
      planning.desired.clusters.removeFirst()
      planning.desired.aliases.removeFirst()
      let plan = try await planning.carryOut()
      #expect(plan.problems == [] && plan.hints == [] && plan.retained.until.isEmpty)
      #expect(try !hasForwardZone(planning, Self.old))
    }
  }

  @Test("what was remembered is lost → it counts from now")
  func unknown() async throws {
    try await withReplaced { planning in
      planning.retained = try await planning.carryOut().retained
      planning.retained = nil
      planning.now = 5000
      let plan = try await planning.carryOut()
      #expect(plan.retained.until.values.sorted() == [5305])
      #expect(try hasForwardZone(planning, Self.old))
      planning.retained = plan.retained
      planning.now = 5305
      try await planning.carryOut()
      #expect(try !hasForwardZone(planning, Self.old))
    }
  }

  @Test("the zone of the alias cannot be written → its DNAME and what it leads into stay")
  func refused() async throws {
    for isBroken in [false, true] {
      try await withReplaced { planning in
        planning.broken = isBroken ? nil : []
        planning.refusals = [try DomainName("contoso.com"): "named-checkzone says no"]
        let plan = try await planning.carryOut()
        #expect(plan.zoneFiles == [] && plan.departing.isEmpty)
        expect(plan.hints.first?.text, has: "db:5: the DNAME of x.contoso.com leads into it")
        #expect(try hasForwardZone(planning, Self.old) && !hasForwardZone(planning, Self.new))
        planning.refusals = [:]
        planning.broken = nil
        try await planning.carryOut()
        #expect(try !hasForwardZone(planning, Self.old))
      }
    }
  }

  @Test(
    "a change took some seconds → what it retains counts from its end, what was retained before does not"
  )
  func delayed() throws {
    let (old, new) = (try ClusterID(Self.old), try ClusterID(Self.new))
    let retained = RetainedZones(until: [old: 1065, new: 1090])
    let delayed = retained.delayed(by: 12, after: RetainedZones(until: [old: 1065, new: 1000]))
    #expect(delayed.until == [old: 1065, new: 1102])
  }

  @Test(
    "something else was found to lead into it → it stays, with the place; in another view → it goes"
  )
  func found() async throws {
    let id = try ClusterID(Self.old)
    for (view, stays) in [(nil, true), ("other", false)] as [(String?, Bool)] {
      try await withReplaced { planning in
        planning.broken = nil
        #expect(try await planning.plan().departing == [id], "it has to be looked for")
        planning.dependents = [
          id: [Dependent(owner: nil, id: id, view: view, place: .foreign, location: "db.far:9")]
        ]
        let plan = try await planning.carryOut()
        #expect(try hasForwardZone(planning, Self.old) == stays)
        if stays {
          expect(plan.hints.first?.text, has: "db.far:9: a record there may lead into it")
        }
      }
    }
  }

  @Test("the alias comes back → so does what it leads into, and nothing is left to wait for")
  func movedBack() async throws {
    try await withReplaced { planning in
      planning.retained = try await planning.carryOut().retained
      planning.desired.clusters = [try Site.cluster()]
      planning.desired.aliases[0].cluster = "prod"
      planning.now = 1010
      let back = try await planning.carryOut()
      #expect(back.problems == [])
      #expect(try hasForwardZone(planning, Self.old) && hasForwardZone(planning, Self.new))
      planning.retained = back.retained
      planning.now = 2000
      try await planning.carryOut()
      #expect(try hasForwardZone(planning, Self.old) && !hasForwardZone(planning, Self.new))
      try await planning.plan().expectNothing()
    }
  }

  @Test("two aliases are swapped between their clusters → neither forward zone goes")
  func swapped() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Self.new))
      planning.desired.aliases[1].cluster = "lab"
      try await planning.carryOut()
      planning.broken = []
      planning.desired.aliases[0].cluster = "lab"
      planning.desired.aliases[1].cluster = "prod"
      let plan = try await planning.carryOut()
      #expect(
        plan.problems == [] && plan.zoneFiles == ["contoso.com"] && !plan.changesConfiguration)
    }
  }

  @Test("two clusters exchange their IDs, and one is let through → held, for none stands twice")
  func exchanged() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Self.new))
      planning.desired.aliases[1].cluster = "lab"
      try await planning.carryOut()
      planning.desired.clusters = [
        try Site.cluster(id: Self.new), try Site.cluster("lab", id: Self.old),
      ]
      planning.accepted = ["prod"]
      let one = try await planning.plan()
      #expect(one.files.isEmpty)
      #expect(Set(one.troubles) == ["held cluster prod", "held cluster lab"])
      planning.accepted = ["prod", "lab"]
      let both = try await planning.carryOut()
      #expect(both.problems == [] && both.changesConfiguration)
      let conf = try planning.text("named.conf")
      for id in [Self.old, Self.new] {
        #expect(conf.split(separator: "zone \"\(id).dcos.directory\"").count == 2)
      }
    }
  }

  @Test("a cluster comes to have the ID of the one behind it → it is held, for none stands twice")
  func sameID() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Self.new))
      planning.desired.aliases[1].cluster = "lab"
      try await planning.carryOut()
      planning.desired.clusters[0] = try Site.cluster(id: Self.new)
      planning.accepted = ["prod", "lab"]
      let plan = try await planning.plan()
      #expect(plan.files.isEmpty)
      #expect(plan.troubles == ["held cluster prod"])
      expect(plan.problems.first?.reason, has: "it is the same DC/OS cluster as lab")
    }
  }

  @Test("a cluster comes to have an ID whose forward zone another block keeps for now → it waits")
  func formerID() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Self.new))
      planning.desired.aliases[1].cluster = "lab"
      try await planning.carryOut()
      planning.broken = []
      planning.now = 1000
      planning.desired.clusters[0] = try Site.cluster(id: Site.ids[2])
      planning.accepted = ["prod", "lab"]
      planning.retained = try await planning.carryOut().retained
      #expect(try hasForwardZone(planning, Self.old) && hasForwardZone(planning, Site.ids[2]))
      planning.desired.clusters[1] = try Site.cluster("lab", id: Self.old)
      planning.now = 1010
      let early = try await planning.plan()
      #expect(early.files.isEmpty && early.troubles == ["held cluster lab"])
      for now in [2000, 2001] as [Int64] {
        planning.now = now
        planning.retained = try await planning.carryOut().retained
      }
      let conf = try planning.text("named.conf")
      #expect(conf.split(separator: "zone \"\(Self.old).dcos.directory\"").count == 2)
      #expect(try await planning.plan().problems == [])
    }
  }

  @Test("the same cluster under another name → one change, and nothing waits")
  func renamed() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.broken = []
      planning.desired.clusters = [try Site.cluster("production")]
      planning.desired.aliases[0].cluster = "production"
      let plan = try await planning.carryOut()
      #expect(plan.problems == [] && plan.hints == [] && plan.zoneFiles == [])
      let conf = try planning.text("named.conf")
      #expect(conf.contains("BEGIN zonebridge production") && !conf.contains("zonebridge prod:"))
      try await planning.plan().expectNothing()
    }
  }

  @Test(
    "a view is chosen no longer, and something leads into its forward zone → that stays there alone"
  )
  func views() async throws {
    let files = [
      "named.conf": Planning.options + """
        view "a" { zone "contoso.com" { type primary; file "FOLDER/a"; }; };
        view "b" { };

        """, "a": Planning.zone,
    ]
    let id = try ClusterID(Self.old)
    for (view, stays) in [("a", false), ("b", true)] {
      try await withPlanning(files) { planning in
        planning.desired.zones[try DomainName("contoso.com")] = ZoneSettings(views: ["a"])
        try await planning.carryOut()
        planning.desired.bind.views = ["a"]
        planning.dependents = [
          id: [Dependent(owner: nil, id: id, view: view, place: .foreign, location: "db.far:9")]
        ]
        #expect(try await planning.plan().departing == [id] || stays)
        try await planning.carryOut()
        let conf = try planning.text("named.conf")
        #expect(conf.split(separator: "zone \"\(Self.old)").count == (stays ? 3 : 2), "\(view)")
      }
    }
  }

  // MARK: Text

  @Test(
    "a former forward zone stays beside the new one → behind it in its block, as it stood, in the file's own way",
    arguments: [("\n", "\t"), ("\r\n", "\t"), ("\n", "  ")])
  func text(ending: String, indentation: String) async throws {
    let conf = """
      options { dnssec-validation no; };
      view "a" {
      \(indentation)zone "contoso.com" { type primary; file "FOLDER/db"; };
      };

      """.replacing("\n", with: ending)
    try await withPlanning(["named.conf": conf, "db": Planning.zone]) { planning in
      planning.broken = []
      planning.accepted = ["prod"]
      try await planning.carryOut()
      let first = try planning.text("named.conf")
      planning.desired.clusters[0] = try Site.cluster(id: Self.new)
      planning.retained = try await planning.carryOut().retained
      let both = try planning.text("named.conf")
      let statement = try #require(
        first.split(separator: "zonebridge prod", omittingEmptySubsequences: false).dropFirst()
          .first?
          .split(separator: ending, omittingEmptySubsequences: false).dropFirst().dropLast()
          .joined(separator: ending))
      let (new, former) = (statement.replacing(Self.old, with: Self.new), String(statement))
      #expect(both.contains(new + ending + former + ending), "\(both)")
      try expectDigests(planning)
      try await planning.plan().expectNothing()
      planning.now = 100_000
      try await planning.carryOut()
      let single = try planning.text("named.conf")
      #expect(single.contains(new) && !single.contains(Self.old))
      try expectDigests(planning)
      #expect(single.replacing(ending, with: "").contains("\r") == false)
    }
  }

  private func expectDigests(_ planning: Planning) throws {
    let bytes = try planning.folder.read("named.conf")
    let blocks = try NamedConfOutline(parsing: bytes).blocks()
    #expect(!blocks.isEmpty && blocks.allSatisfy { !$0.isEdited(in: bytes, digest: blockDigest) })
  }
}
