import DCOS
import DNSNames
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// Where an alias is about to lead has to answer before its DNAME is written.
@Suite("The look before the leap", .timeLimit(.minutes(5)))
struct PlanLeapTests {
  /// Two clusters in place, with one alias in the first.
  private func withTwo(_ body: (inout Planning) async throws -> Void) async throws {
    try await withPlanning { planning in
      planning.desired.clusters.append(
        try Site.cluster("lab", id: Site.ids[1], masters: ["10.0.0.8", "10.0.0.9"]))
      try await planning.carryOut()
      planning.broken = []
      try await body(&planning)
    }
  }

  @Test("an unknown label beside a good one → that alias alone is held, before a byte is written")
  func unknownLabel() async throws {
    try await withTwo { planning in
      planning.desired.aliases[0].label = "marathon"
      planning.desired.aliases.append(
        Alias(owner: try DomainName("y.contoso.com"), cluster: "prod", label: "mesoss"))
      let asked = try await planning.plan().newForwarders
      #expect(
        asked.map(\.cluster) == ["prod"]
          && asked.flatMap(\.names.keys).sorted() == ["marathon", "mesoss"])
      #expect(asked.first?.knownName?.description == "mesos.\(Site.ids[0]).dcos.directory.")
      planning.findings = [
        "prod": ForwarderFinding(isAnswered: true, unknownLabels: ["mesoss": "10.0.0.1 refuses"])
      ]
      let plan = try await planning.plan()
      #expect(plan.troubles == ["held alias y.contoso.com"])
      expect(plan.problems.first?.reason, has: "none of them for mesoss.\(Site.ids[0])")
      expect(plan.problems.first?.reason, has: "10.0.0.1 refuses")
      expect(plan.problems.first?.remedy, has: "Correct the alias's label")
      let text = try #require(plan.text("db"))
      #expect(text.contains("DNAME marathon.") && !text.contains("mesoss"))
    }
  }

  @Test(
    "an alias is led to a cluster that does not answer → held where it is; accepted → led there")
  func deadCluster() async throws {
    try await withTwo { planning in
      planning.desired.aliases[0].cluster = "lab"
      let asked = try await planning.plan().newForwarders
      #expect(asked.flatMap(\.forwarders).map(\.description) == ["10.0.0.8", "10.0.0.9"])
      planning.findings = ["lab": ForwarderFinding(silent: ["10.0.0.8: no answer"])]
      let plan = try await planning.plan()
      #expect(plan.troubles == ["held alias x.contoso.com"] && plan.files.isEmpty)
      expect(plan.problems.first?.reason, has: "10.0.0.8: no answer")
      planning.accepted = ["lab"]
      #expect(try await planning.plan().files.isEmpty)
      planning.broken = nil
      #expect(try await planning.plan().zoneFiles == ["contoso.com"])
    }
  }

  @Test(
    "where an alias leads already does not answer → nothing is asked, and what is wanted of it is done"
  )
  func standing() async throws {
    try await withTwo { planning in
      planning.desired.aliases[0].ttl = 5
      planning.findings = ["prod": ForwarderFinding(silent: ["10.0.0.1: no answer"])]
      let plan = try await planning.plan()
      #expect(plan.newForwarders.isEmpty && plan.troubles == [])
      #expect(plan.zoneFiles == ["contoso.com"])
    }
  }

  @Test("a forward zone written by hand → its servers are asked before an alias is led there")
  func handWritten() async throws {
    let zone =
      "zone \"\(Site.ids[0]).dcos.directory\" { type forward; forwarders { 10.9.9.9 port 5353; }; };\n"
    let files = ["named.conf": Planning.conf + zone, "db": Planning.zone]
    try await withPlanning(files) { planning in
      let asked = try #require(try await planning.plan().newForwarders.first)
      #expect(asked.forwarders.map(\.description) == ["10.9.9.9"] && asked.port == 5353)
      planning.findings = ["prod": ForwarderFinding(silent: ["10.9.9.9: no answer"])]
      let plan = try await planning.plan()
      #expect(plan.troubles.contains("held alias x.contoso.com") && plan.files.isEmpty)
      planning.findings = ["prod": ForwarderFinding(isAnswered: true)]
      #expect(try await planning.plan().zoneFiles == ["contoso.com"])
    }
  }

  @Test(
    "the alias's view has no forward zone → held, wherever it is written; one by hand above it does"
  )
  func views() async throws {
    for (more, isHeld) in [
      ("", true), ("zone \"dcos.directory\" { type forward; forwarders { 10.9.9.9; }; };", false),
    ] {
      let files = [
        "named.conf": Planning.options + """
          view "a" { };
          view "b" { zone "contoso.com" { type primary; file "FOLDER/b"; }; \(more) };

          """, "b": Planning.zone,
      ]
      try await withPlanning(files, views: ["a"]) { planning in
        planning.desired.zones[try DomainName("contoso.com")] = ZoneSettings(views: ["b"])
        let plan = try await planning.plan()
        #expect(plan.troubles == (isHeld ? ["held alias x.contoso.com"] : []))
        #expect(plan.zoneFiles.isEmpty == isHeld)
        guard isHeld else { return }
        expect(plan.problems.first?.reason, has: "view b has no forward zone \(Site.ids[0])")
        planning.desired.bind.views = ["a", "b"]
        #expect(try await planning.plan().zoneFiles == ["contoso.com"])
      }
    }
  }
}
