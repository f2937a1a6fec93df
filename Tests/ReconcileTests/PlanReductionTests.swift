import DCOS
import DNSNames
import FileChange
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// A plan without what is to blame: that goes, with what rests on it, and nothing else.
@Suite("A plan without some of its changes", .timeLimit(.minutes(5)))
struct PlanReductionTests {
  private static let x = Subject.alias("x.contoso.com")
  private static let y = Subject.alias("y.contoso.com")

  private func subjects(_ plan: Plan) -> Set<Subject> { Set(plan.changes.map(\.subject)) }

  @Test("the forward zone is to blame → its aliases go too, those of another cluster do not")
  func cluster() async throws {
    let aliases = ["x.contoso.com", "y.contoso.com", "z.contoso.com"]
    try await withPlanning(aliases: aliases) { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      planning.desired.aliases[2].cluster = "lab"
      let plan = try await planning.plan()
      let reduction = try PlanReduction(of: plan, without: [.cluster("prod")])
      #expect(reduction.reverted == [.cluster("prod"), Self.x, Self.y])
      let rest = reduction.plan
      #expect(subjects(rest) == [.cluster("lab"), .alias("z.contoso.com")])
      #expect(Set(rest.attempts.keys) == subjects(rest))
      #expect(rest.servedAfterwards.compactMap(\.alias?.withoutTrailingDot) == ["z.contoso.com"])
      let conf = try #require(rest.text("named.conf"))
      #expect(conf.contains(Site.ids[1]) && !conf.contains(Site.ids[0]))
    }
  }

  @Test(
    "one of two aliases in a file is to blame → the file is as if it alone had not been planned")
  func oneOfTwo() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      let plan = try await planning.plan()
      let rest = try PlanReduction(of: plan, without: [Self.y]).plan
      planning.desired.aliases.removeLast()
      let alone = try await planning.plan()
      #expect(rest.text("db") == alone.text("db") && rest.text("db") != nil)
      #expect(rest.text("named.conf") == alone.text("named.conf"))
      let zone = ZoneInView(name: try DomainName("contoso.com"))
      let raised = try PlanReduction(of: plan, without: [Self.y], serials: [zone: SerialNumber(99)])
        .plan
      #expect(raised.text("db") == alone.text("db")?.replacing(" 8 ", with: " 99 "))
    }
  }

  @Test(
    "both aliases of a file are to blame → nothing of the file is left, and nothing expected of it")
  func both() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      let plan = try await planning.plan()
      let rest = try PlanReduction(of: plan, without: [Self.x, Self.y]).plan
      #expect(subjects(rest) == [.cluster("prod")] && rest.zoneFiles == [])
      #expect(rest.serialEdits.isEmpty)
      #expect(
        !rest.servedAfterwards.contains { if case .serial = $0 { true } else { $0.alias != nil } })
    }
  }

  @Test(
    "an alias in a zone that is made is to blame → the zone is not made, nor its other alias written"
  )
  func madeZone() async throws {
    let files = ["named.conf": Planning.options]
    try await withPlanning(files, aliases: ["a.a.example", "b.a.example"]) { planning in
      planning.desired.zones[try DomainName("a.example")] = ZoneSettings(
        create: CreatedZone(
          file: planning.path("made"), primary: try DomainName("ns.example.net"),
          contact: try DomainName("h.example.net")))
      let plan = try await planning.plan()
      let rest = try PlanReduction(of: plan, without: [.alias("b.a.example")]).plan
      #expect(subjects(rest) == [.cluster("prod")])
      #expect(rest.files.map(\.kind) == [.configuration])
      #expect(!rest.servedAfterwards.contains { if case .serial = $0 { true } else { false } })
    }
  }

  @Test("an alias that left its cluster is to blame → what it led into stays")
  func departure() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      planning.desired.aliases[1].cluster = "lab"
      try await planning.carryOut()
      planning.desired.clusters.removeFirst()
      planning.desired.aliases[0].cluster = "lab"
      let plan = try await planning.plan()
      #expect(subjects(plan) == [.cluster("prod"), Self.x])
      let rest = try PlanReduction(of: plan, without: [Self.x]).plan
      #expect(rest.changes.isEmpty && rest.files.isEmpty)
      // The other way round nothing rests on it.
      let other = try PlanReduction(of: plan, without: [.cluster("prod")]).plan
      #expect(subjects(other) == [Self.x] && other.files.count == 1)
    }
  }

  @Test("nothing of the plan is to blame → all of it stays")
  func nothing() async throws {
    try await withPlanning { planning in
      let plan = try await planning.plan()
      let reduction = try PlanReduction(of: plan, without: [.alias("z.contoso.com")])
      #expect(reduction.reverted == [.alias("z.contoso.com")])
      #expect(reduction.plan.files.map(\.contents?.bytes) == plan.files.map(\.contents?.bytes))
      #expect(reduction.plan.servedAfterwards == plan.servedAfterwards)
    }
  }
}
