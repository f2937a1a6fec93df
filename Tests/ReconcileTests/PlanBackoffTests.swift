import DCOS
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What was put back is not made again in each pass, is made again when that was promised, and is
/// not forgotten in between.
@Suite("Changes that were reverted", .timeLimit(.minutes(5)))
struct PlanBackoffTests {
  /// Puts back what a plan would do to a subject, at 1000 s, so that it is tried again at 1060 s.
  private func putBack(
    _ subject: Subject, in planning: inout Planning, attempts: Int = 1,
    isHeldByOperator: Bool = false
  ) async throws {
    let digest = try #require(try await planning.plan().attempts[subject])
    planning.fingerprint = "c"
    planning.now = 1000
    planning.revertedChanges[subject] = RevertedChange(
      subject: subject, digest: isHeldByOperator ? nil : digest, fingerprint: "c",
      attempts: attempts, time: 1000, reason: "named says no")
  }

  private static let alias = Subject.alias("x.contoso.com")
  private static let cluster = Subject.cluster("prod")

  struct Row: Sendable {
    var given: String
    var now: Int64 = 1000
    var fingerprint = "c"
    var accepted: Set<String> = []
    var ttl: UInt32 = 60
    var isHeldByOperator = false
    var attempts = 1
    /// Whether it waits.
    var isHeld: Bool
    /// Whether it is still known that it was put back.
    var isRemembered: Bool
  }

  @Test(
    "an alias that was put back",
    arguments: [
      Row(given: "at once → held", isHeld: true, isRemembered: true),
      Row(given: "a second before it is due → held", now: 1059, isHeld: true, isRemembered: true),
      Row(
        given: "when it is due → tried again, and counted on", now: 1060, isHeld: false,
        isRemembered: true),
      Row(given: "long after → tried again", now: 99_999, isHeld: false, isRemembered: true),
      Row(
        given: "before a clock was set back by a day → tried again, and not a day later",
        now: 1000 - 86_400, attempts: 9, isHeld: false, isRemembered: true),
      Row(
        given: "by an operator, before a clock was set back → held for ever", now: 1000 - 86_400,
        isHeldByOperator: true, isHeld: true, isRemembered: true),
      Row(
        given: "for the third time, when the first was due → held", now: 1060, attempts: 3,
        isHeld: true, isRemembered: true),
      Row(
        given: "for the third time, when it is due → tried again", now: 1240, attempts: 3,
        isHeld: false, isRemembered: true),
      Row(
        given: "something around it was changed → tried again at once, from the beginning",
        fingerprint: "d", isHeld: false, isRemembered: false),
      Row(
        given: "something else is wanted by now → made at once", ttl: 30, isHeld: false,
        isRemembered: false),
      Row(
        given: "let through → made", accepted: ["prod"], isHeld: false, isRemembered: true),
      Row(
        given: "another cluster is let through → held", accepted: ["lab"], isHeld: true,
        isRemembered: true),
      Row(
        given: "by an operator → held for ever", now: 9_999_999, isHeldByOperator: true,
        isHeld: true, isRemembered: true),
      Row(
        given: "by an operator, whatever is changed → held", fingerprint: "d", ttl: 30,
        isHeldByOperator: true, isHeld: true, isRemembered: true),
      Row(
        given: "by an operator, let through → made", accepted: ["prod"], isHeldByOperator: true,
        isHeld: false, isRemembered: true),
    ])
  func alias(row: Row) async throws {
    try await withPlanning { planning in
      try await putBack(
        Self.alias, in: &planning, attempts: row.attempts, isHeldByOperator: row.isHeldByOperator)
      planning.now = row.now
      planning.fingerprint = row.fingerprint
      planning.accepted = row.accepted
      planning.desired.aliases[0].ttl = row.ttl
      let plan = try await planning.plan()
      #expect(plan.troubles == (row.isHeld ? ["held alias x.contoso.com"] : []), "\(row.given)")
      #expect(plan.zoneFiles == (row.isHeld ? [] : ["contoso.com"]), "\(row.given)")
      #expect((plan.attempts[Self.alias] == nil) == row.isHeld, "\(row.given)")
      #expect((plan.revertedChanges[Self.alias] != nil) == row.isRemembered, "\(row.given)")
      #expect(plan.changesConfiguration, "the forward zone goes in all the same")
      guard row.isHeld, let problem = plan.problems.first else { return }
      expect(problem.reason, has: "reverted at 1970-01-01 00:16:40 UTC: named says no")
      let minutes = row.attempts == 1 ? "17:40" : "20:40"
      expect(
        problem.remedy,
        has: row.isHeldByOperator
          ? "To make it again: zonebridge run --once --accept prod"
          : "zonebridge tries it again at 1970-01-01 00:\(minutes) UTC. To try it now: zonebridge run"
      )
    }
  }

  @Test("a forward zone that was reverted → held, and no alias leads where it would be")
  func cluster() async throws {
    try await withPlanning { planning in
      try await putBack(Self.cluster, in: &planning)
      let plan = try await planning.plan()
      plan.expectNothing()
      #expect(plan.troubles == ["held cluster prod"])
      #expect(plan.targets["prod"] == nil && plan.revertedChanges == planning.revertedChanges)
      planning.now = 1060
      let again = try await planning.plan()
      #expect(again.troubles == [] && again.zoneFiles == ["contoso.com"])
      planning.now = 1000
      planning.fingerprint = "an operator has seen to it"
      let mended = try await planning.plan()
      #expect(mended.troubles == [] && mended.changesConfiguration)
      #expect(mended.revertedChanges.all.isEmpty)
    }
  }

  @Test("a new ID that was reverted → the aliases keep leading to the old one")
  func clusterWithNewID() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.desired.clusters[0].pinnedID = try ClusterID(Site.ids[1])
      planning.rounds["prod"] = try Planning.round(Site.ids[1], ["10.0.0.1"])
      try await putBack(Self.cluster, in: &planning)
      let plan = try await planning.plan()
      plan.expectNothing()
      #expect(plan.troubles == ["held cluster prod"])
      #expect(plan.targets["prod"]?.description == Site.ids[0])
    }
  }

  @Test("a reverted change has been made meanwhile → it is forgotten, and nothing is held")
  func done() async throws {
    for subject in [Self.alias, Self.cluster] {
      for isHeldByOperator in [false, true] {
        try await withPlanning { planning in
          try await putBack(subject, in: &planning, isHeldByOperator: isHeldByOperator)
          let revertedChanges = planning.revertedChanges
          planning.revertedChanges = RevertedChanges()
          try await planning.carryOut()
          planning.revertedChanges = revertedChanges
          let plan = try await planning.plan()
          plan.expectNothing()
          #expect(plan.troubles == [] && plan.revertedChanges.all.isEmpty)
        }
      }
    }
  }

  @Test("an alias whose removal was reverted → stays until it is due")
  func departingAlias() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      try await planning.carryOut()
      planning.desired.aliases.removeFirst()
      try await putBack(Self.alias, in: &planning)
      let held = try await planning.plan()
      held.expectNothing()
      #expect(held.troubles == ["held alias x.contoso.com"])
      #expect(held.revertedChanges[Self.alias] != nil, "though the configuration does not have it")
      expect(held.problems.first?.remedy, has: "--accept CLUSTER")
      planning.now = 1060
      #expect(try await planning.plan().zoneFiles == ["contoso.com"])
      planning.now = 1000
      planning.accepted = ["anything"]
      #expect(try await planning.plan().zoneFiles == ["contoso.com"])
    }
  }

  @Test("a cluster whose removal was reverted → stays until it is due")
  func departingCluster() async throws {
    try await withPlanning(["named.conf": Planning.options], aliases: []) { planning in
      try await planning.carryOut()
      planning.desired.clusters = []
      try await putBack(Self.cluster, in: &planning)
      let held = try await planning.plan()
      held.expectNothing()
      #expect(held.troubles == ["held cluster prod"])
      planning.now = 1060
      #expect(try await planning.plan().changesConfiguration)
    }
  }

  private func withMadeZone(_ body: (inout Planning) async throws -> Void) async throws {
    try await withPlanning(["named.conf": Planning.options], aliases: ["a.example"]) { planning in
      planning.desired.zones[try DomainName("a.example")] = ZoneSettings(
        create: CreatedZone(
          file: planning.path("made"), primary: try DomainName("ns.example.net"),
          contact: try DomainName("h.example.net")))
      try await body(&planning)
    }
  }

  @Test("an alias in a zone to be made was reverted → neither zone nor file is made")
  func madeZone() async throws {
    try await withMadeZone { planning in
      try await putBack(.alias("a.example"), in: &planning)
      let held = try await planning.plan()
      #expect(held.troubles == ["held alias a.example"])
      #expect(held.zoneFiles.isEmpty)
      #expect(held.files.allSatisfy { $0.before != nil })
      #expect(held.text("named.conf")?.contains("a.example") == false)
      planning.now = 1060
      #expect(try await planning.plan().zoneFiles == ["a.example"])
    }
  }

  @Test("a made zone whose removal was reverted → its statement and file stay until it is due")
  func departingZone() async throws {
    try await withMadeZone { planning in
      try await planning.carryOut()
      // Another alias comes in its place, so that it may go.
      planning.desired.aliases[0].owner = try DomainName("b.example")
      planning.desired.zones[try DomainName("b.example")] = ZoneSettings(
        create: CreatedZone(
          file: planning.path("other"), primary: try DomainName("ns.example.net"),
          contact: try DomainName("h.example.net")))
      try await putBack(.zone("a.example"), in: &planning)
      let held = try await planning.plan()
      #expect(held.troubles.contains("held zone a.example"))
      #expect(held.files.allSatisfy { $0.contents != nil }, "no file is taken away")
      #expect(held.text("named.conf")?.contains("BEGIN zonebridge zone a.example:") == true)
      planning.now = 1060
      #expect(try await planning.plan().files.contains { $0.contents == nil })
    }
  }

  @Test("an exception from validation that was reverted → held, and the rest goes on")
  func exemption() async throws {
    let files = ["named.conf": Planning.conf.replacing("no;", with: "auto;"), "db": Planning.zone]
    try await withPlanning(files) { planning in
      try await putBack(.exemption, in: &planning)
      let held = try await planning.plan()
      #expect(held.troubles == ["held dnssec validate-except"])
      #expect(held.text("named.conf")?.contains("validate-except") == false)
      #expect(held.zoneFiles == ["contoso.com"])
      planning.now = 1060
      #expect(try await planning.plan().attempts[.exemption] != nil)
    }
  }

  @Test("an adoption or a removal is an operator's word → nothing is held for earlier reverts")
  func otherPurposes() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.desired.aliases = []
      planning.operation = .removal(of: ["x.contoso.com"])
      try await putBack(Self.alias, in: &planning)
      let plan = try await planning.plan()
      #expect(plan.troubles == [] && plan.zoneFiles == ["contoso.com"])
      #expect(plan.revertedChanges == planning.revertedChanges, "and nothing is forgotten")
    }
  }

  // MARK: What is forgotten

  @Test("the configuration has it no longer → forgotten; an operator's word and a removal → kept")
  func dropped() async throws {
    try await withPlanning { planning in
      func note(_ subject: Subject, _ digest: String?) {
        planning.revertedChanges[subject] = RevertedChange(
          subject: subject, digest: digest, fingerprint: "", attempts: 1, time: 0, reason: "r")
      }
      let removal = blockDigest([])
      note(.alias("gone.contoso.com"), "d")
      note(.cluster("gone"), "d")
      note(.alias("held.contoso.com"), nil)
      note(.cluster("held"), nil)
      note(.alias("removed.contoso.com"), removal)
      note(.cluster("removed"), removal)
      note(.zone("made.example"), "d")
      let kept = try await planning.plan().revertedChanges.all.map(\.subject.description)
      #expect(
        kept == [
          "alias held.contoso.com", "alias removed.contoso.com", "cluster held",
          "cluster removed", "zone made.example",
        ])
      planning.operation = .removal(of: ["y.contoso.com"])
      #expect(try await planning.plan().revertedChanges == planning.revertedChanges)
    }
  }
}
