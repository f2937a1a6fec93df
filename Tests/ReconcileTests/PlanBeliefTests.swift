import DCOS
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What comes of what the masters say, in named.conf and in where the aliases lead.
@Suite("Belief in a plan", .timeLimit(.minutes(5)))
struct PlanBeliefTests {
  private static let (old, new) = (Site.ids[0], Site.ids[1])
  private static let masters = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]

  /// A site on which a cluster of three masters stands already, with an alias into it.
  private func withInstalled(_ body: (inout Planning) async throws -> Void) async throws {
    try await withPlanning { planning in
      planning.desired.clusters = [try Site.cluster(masters: Self.masters)]
      planning.memories = try await planning.carryOut().memories
      try await body(&planning)
    }
  }

  /// What the masters say now, and what is in the plan.
  private func plan(
    _ planning: inout Planning, says id: String, _ masters: [String] = masters
  ) async throws -> Plan {
    planning.rounds["prod"] = try Planning.round(id, masters)
    return try await planning.plan()
  }

  // MARK: cluster-id

  @Test(
    "the configuration pins an ID and the masters say another → held, and nothing leads to it",
    arguments: [
      (true, false, false), (false, false, false), (true, true, false), (true, true, true),
    ])
  func pinned(isInstalled: Bool, isAccepted: Bool, follows: Bool) async throws {
    try await withPlanning { planning in
      planning.desired.clusters = [try Site.cluster(masters: Self.masters)]
      if isInstalled { try await planning.carryOut() }
      planning.desired.clusters[0].pinnedID = try ClusterID(Self.old)
      planning.desired.clusters[0].followsID = follows
      if isAccepted { planning.accepted = ["prod"] }
      planning.rounds["prod"] = try Planning.round(Self.new, Self.masters)
      // However often they say so, and whoever lets it through: the pin is the operator's word.
      for round in 1...5 {
        planning.now = Int64(round) * 100_000
        let plan = try await planning.plan()
        plan.expectNothing()
        #expect(plan.troubles == ["held cluster prod"])
        if !isInstalled || isAccepted {
          expect(
            plan.problems.first?.reason,
            has: "say that their ID is \(Self.new), and the configuration pins \(Self.old)")
          expect(plan.problems.first?.remedy, has: "write its new ID into cluster-id")
          #expect(plan.memories.byName["prod"] == nil, "what is not believed is not remembered")
        }
        #expect(plan.targets["prod"]?.description == (isInstalled ? Self.old : nil))
        planning.memories = plan.memories
      }
    }
  }

  @Test("the masters say the pinned ID → it is written, at first sight and over another one")
  func pinnedRight() async throws {
    try await withPlanning { planning in
      planning.desired.clusters[0].pinnedID = try ClusterID(Self.new)
      let plan = try await plan(&planning, says: Self.new)
      #expect(plan.troubles == [] && plan.targets["prod"]?.description == Self.new)
    }
    try await withInstalled { planning in
      planning.desired.clusters[0].pinnedID = try ClusterID(Self.new)
      let plan = try await plan(&planning, says: Self.new)
      #expect(plan.troubles == [], "the configuration has decided: \(plan.problems)")
      #expect(plan.targets["prod"]?.description == Self.new)
      #expect(
        plan.reasons[.cluster("prod")] == "ID \(Self.new), it was \(Self.old) (configuration)")
      try planning.write(plan)
      #expect(try !planning.text("named.conf").contains(Self.old))
      #expect(try !planning.text("db").contains(Self.old))
    }
  }

  // MARK: Another ID, fewer masters

  @Test("another ID → held and shown; let through → followed with its aliases, in one change")
  func otherID() async throws {
    try await withInstalled { planning in
      let held = try await plan(&planning, says: Self.new)
      held.expectNothing()
      #expect(held.troubles == ["held cluster prod"])
      expect(held.problems.first?.reason, has: "their ID is \(Self.new); it was \(Self.old)")
      expect(held.problems.first?.remedy, has: "zonebridge run --once --accept prod")
      #expect(held.targets["prod"]?.description == Self.old)
      #expect(held.memories.byName["prod"]?.view.id.description == Self.old)
      planning.accepted = ["lab"]
      try await planning.plan().expectNothing()
      planning.accepted = ["prod"]
      let plan = try await planning.plan()
      #expect(plan.troubles == [] && plan.zoneFiles == ["contoso.com"])
      #expect(plan.changesConfiguration)
      #expect(plan.memories.byName["prod"]?.view.id.description == Self.new)
    }
  }

  @Test("the configuration gives another ID → held; let through → followed; the same → nothing")
  func fixedID() async throws {
    try await withInstalled { planning in
      try await planning.plan().expectNothing()
      planning.desired.clusters = [try Site.cluster(id: Self.new, masters: Self.masters)]
      let held = try await planning.plan()
      held.expectNothing()
      #expect(held.troubles == ["held cluster prod"])
      expect(held.problems.first?.reason, has: "says that its ID is \(Self.new); it was")
      planning.accepted = ["prod"]
      #expect(try await planning.plan().targets["prod"]?.description == Self.new)
    }
  }

  @Test("follow-id → a new ID that all say is held twice, and followed in the third pass")
  func followed() async throws {
    for follows in [true, false] {
      try await withInstalled { planning in
        planning.desired.clusters[0].followsID = follows
        for round in 1...4 {
          let plan = try await plan(&planning, says: Self.new)
          let isFollowed = follows && round == 3
          #expect(plan.isEmpty != isFollowed, "\(round)")
          #expect(plan.troubles == (isFollowed ? [] : ["held cluster prod"]))
          planning.memories = plan.memories
          if isFollowed { return }
        }
      }
    }
  }

  @Test(
    "fewer masters → held with the time from which it is believed, and believed then",
    arguments: [
      (["10.0.0.1", "10.0.0.2"], ". While a master is being replaced, the list is short"),
      (["10.0.0.1"], "more than half of the known masters would be dropped at once"),
      (
        ["10.0.0.7", "10.0.0.8", "10.0.0.9"],
        "more than half of the known masters would be dropped at once"
      ),
    ])
  func fewer(masters: [String], words: String) async throws {
    try await withInstalled { planning in
      for (time, isBelieved) in [(1000, false), (1500, false), (1899, false), (1900, true)] {
        planning.now = Int64(time)
        let plan = try await plan(&planning, says: Self.old, masters)
        #expect(plan.changesConfiguration == isBelieved, "\(time)")
        planning.memories = plan.memories
        if isBelieved {
          #expect(plan.troubles == [])
        } else {
          plan.expectNothing()
          expect(plan.problems.first?.reason, has: words)
          expect(plan.problems.first?.reason, has: "they were 10.0.0.1, 10.0.0.2, 10.0.0.3")
          expect(
            plan.problems.first?.remedy,
            has: "zonebridge believes it from 1970-01-01 00:31:40 UTC on")
        }
      }
    }
  }

  @Test(
    "the masters do not agree → failed, the present state stays, and its time is reported if it is known"
  )
  func disagreement() async throws {
    try await withInstalled { planning in
      planning.rounds["prod"] = ObservationRound(
        reports: [], configured: [try MasterEndpoint("https://10.0.0.1")], isKnown: true)
      let plan = try await planning.plan()
      plan.expectNothing()
      #expect(plan.troubles == ["failed cluster prod"])
      #expect(plan.problems.first?.reason.contains("stays in force") == false)
      #expect(plan.targets["prod"]?.description == Self.old)
      planning.memories.byName["prod"] = ClusterMemory(
        view: try Planning.view(Self.old, Self.masters), agreedAt: 86_400)
      let known = try await planning.plan().problems.first?.reason
      expect(known, has: "\nwhat they agreed on at 1970-01-02 00:00:00 UTC stays in force")
    }
  }

  @Test(
    "nothing was seen → nothing changes, nothing is reported, and the aliases stay where they lead")
  func unseen() async throws {
    try await withInstalled { planning in
      planning.unseen = ["prod"]
      planning.desired.clusters[0].dnsPort = 5353
      let plan = try await planning.plan()
      plan.expectNothing()
      #expect(plan.troubles == [] && plan.targets["prod"]?.description == Self.old)
    }
    try await withPlanning { planning in
      planning.unseen = ["prod"]
      let plan = try await planning.plan()
      plan.expectNothing()
      #expect(plan.targets["prod"] == nil && plan.alreadyServed.isEmpty)
    }
  }

  // MARK: What is remembered

  @Test("a restored named.conf has another ID than is remembered → named.conf's counts")
  func restored() async throws {
    try await withInstalled { planning in
      // The cluster was followed to the new ID, and then the backup came back.
      planning.memories.byName["prod"] = ClusterMemory(
        view: try Planning.view(Self.new, ["10.0.0.9"]), agreedAt: 50)
      let same = try await plan(&planning, says: Self.old)
      same.expectNothing()
      #expect(same.troubles == [])
      let other = try await plan(&planning, says: Self.new)
      #expect(other.troubles == ["held cluster prod"])
      other.expectNothing()
      // And so do its forwarders, to tell by them how many masters would go.
      let fewer = try await plan(&planning, says: Self.old, ["10.0.0.1"])
      #expect(fewer.troubles == ["held cluster prod"])
    }
  }

  @Test("what is doubted goes on counting over a restored named.conf")
  func pendingKept() async throws {
    try await withInstalled { planning in
      let shorter = try Planning.view(Self.old, ["10.0.0.1", "10.0.0.2"])
      planning.memories.byName["prod"] = ClusterMemory(
        view: try Planning.view(Self.new, ["10.0.0.9"]), agreedAt: 50,
        pending: .init(view: shorter, since: 0, rounds: 2))
      planning.now = 900
      let plan = try await plan(&planning, says: Self.old, ["10.0.0.1", "10.0.0.2"])
      #expect(plan.troubles == [] && plan.changesConfiguration)
    }
  }

  @Test("forwarders that the configuration gives are not the masters, by which a list is judged")
  func givenForwarders() async throws {
    try await withPlanning { planning in
      planning.desired.clusters[0].forwarders = [try IPAddress("203.0.113.5")]
      try await planning.carryOut()
      #expect(try planning.text("named.conf").contains("forwarders { 203.0.113.5; };"))
      let plan = try await plan(&planning, says: Self.old)
      plan.expectNothing()
      #expect(plan.troubles == [], "three masters instead of none are no doubt")
    }
  }

  @Test("the configuration has a cluster no longer → it is forgotten, but not by a removal")
  func forgotten() async throws {
    try await withInstalled { planning in
      planning.memories.byName["gone"] = ClusterMemory(
        view: try Planning.view(Self.new, ["10.0.0.9"]), agreedAt: 5)
      planning.rounds["prod"] = try Planning.round(Self.old, Self.masters)
      #expect(try await planning.plan().memories.byName.keys.sorted() == ["prod"])
      planning.operation = .removal(of: ["x.contoso.com"])
      #expect(try await planning.plan().memories.byName["gone"] != nil)
    }
  }

  // MARK: Forwarders

  @Test("a list of no masters → held: an empty forwarders list would turn forwarding off")
  func noMasters() async throws {
    try await withPlanning { planning in
      planning.desired.clusters = [try Site.cluster(masters: [])]
      let plan = try await planning.plan()
      plan.expectNothing()
      #expect(plan.troubles == ["held cluster prod"])
      expect(plan.problems.first?.reason, has: "the list of its masters is empty")
      planning.desired.clusters[0].forwarders = [try IPAddress("203.0.113.5")]
      #expect(try await planning.plan().troubles == [])
      planning.desired.clusters[0].forwarders = []
      #expect(try await planning.plan().troubles == ["held cluster prod"])
    }
  }

  @Test(
    "no master answers DNS → held, and the aliases stay; one does → told in passing; let through",
    arguments: [
      ([], true, false, false), (["10.0.0.9: no"], true, false, true),
      (["10.0.0.9: no"], false, true, false),
    ] as [([String], Bool, Bool, Bool)])
  func findings(silent: [String], isAnswered: Bool, isHeld: Bool, isRemarked: Bool) async throws {
    try await withInstalled { planning in
      planning.desired.clusters = [try Site.cluster(masters: ["10.0.0.9"])]
      planning.findings["prod"] = .init(silent: silent, isAnswered: isAnswered)
      let plan = try await planning.plan()
      #expect(plan.troubles == (isHeld ? ["held cluster prod"] : []))
      #expect(plan.changesConfiguration != isHeld)
      #expect(plan.targets["prod"]?.description == Self.old)
      #expect(
        plan.hints.contains {
          $0.text.contains("some of its masters do not answer DNS: 10.0.0.9: no")
        }
          == isRemarked)
      if isHeld {
        plan.expectNothing()
        expect(plan.problems.first?.reason, has: "none of its masters answers DNS for it from here")
      }
      planning.accepted = ["prod"]
      #expect(try await planning.plan().changesConfiguration)
    }
  }

  @Test(
    "what makes a cluster's block another one → told in a few words",
    arguments: [
      (["10.0.0.1", "10.0.0.2", "10.0.0.4"], 53, "forwarders +10.0.0.4 -10.0.0.3 (configuration)"),
      (["10.0.0.1", "10.0.0.2", "10.0.0.3"], 5353, "dns-port 53 -> 5353 (configuration)"),
      (["10.0.0.3", "10.0.0.2", "10.0.0.1"], 53, nil),
    ] as [([String], UInt16, String?)])
  func reasons(masters: [String], port: UInt16, reason: String?) async throws {
    try await withInstalled { planning in
      planning.desired.clusters = [try Site.cluster(masters: masters)]
      planning.desired.clusters[0].dnsPort = port
      let plan = try await planning.plan()
      #expect(plan.reasons[.cluster("prod")] == reason)
      #expect(plan.changesConfiguration == (reason != nil))
      #expect(plan.newForwarders.map(\.cluster) == (reason == nil ? [] : ["prod"]))
      #expect(plan.newForwarders.allSatisfy { $0.port == port && $0.forwarders.count == 3 })
    }
    try await withPlanning { planning in
      let plan = try await planning.plan()
      #expect(plan.reasons[.cluster("prod")] == "new")
    }
  }
}
