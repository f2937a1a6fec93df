import BINDText
import DCOS
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Several clusters side by side, and what becomes of one that changes or goes.
@Suite(.timeLimit(.minutes(5))) struct ClusterTests {
  private static let conf = "options { dnssec-validation no; };\n"

  private func names(_ site: Site) throws -> [String] {
    try NamedConfOutline(parsing: site.folder.read("named.conf")).blocks().map(\.name)
  }

  @Test("each has its block; one that is taken out of the configuration takes its block along")
  func sideBySide() async throws {
    try await withSite(["named.conf": Self.conf]) { site in
      var several = site
      several.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      several.desired.clusters.append(try Site.cluster("test", id: Site.ids[2]))
      try await several.pass()
      #expect(try names(site) == ["prod", "lab", "test"])
      several.desired.clusters.remove(at: 1)
      try await several.pass()
      #expect(try names(site) == ["prod", "test"])
      try await several.expectSettled()
      try await several.removeAll()
      #expect(try site.text("named.conf") == Self.conf)
    }
  }

  @Test("a renamed cluster's block is renamed in one change")
  func renamed() async throws {
    try await withSite(["named.conf": Self.conf]) { site in
      try await site.pass()
      var renamed = site
      renamed.desired.clusters[0].name = "production"
      try await renamed.pass()
      #expect(try names(site) == ["production"])
      try await renamed.expectSettled()
    }
  }

  @Test("the old name's block stays until the renamed cluster has been seen")
  func renamedUnseen() async throws {
    try await withSite(["named.conf": Self.conf]) { site in
      try await site.pass()
      var renamed = site
      renamed.desired.clusters[0].name = "production"
      let plan = try await renamed.propose(observes: false).plan
      #expect(plan.files.isEmpty)
      #expect(plan.warnings.contains { $0.contains("prod is no longer needed, and stays until") })
    }
  }

  @Test("two names for one cluster are held")
  func sameCluster() async throws {
    try await withSite(["named.conf": Self.conf]) { site in
      var twice = site
      twice.desired.clusters.append(try Site.cluster("lab"))
      let plan = try await twice.pass()
      #expect(plan.problems.map(\.subject) == ["cluster lab"])
      #expect(try names(site) == ["prod"])
    }
  }

  @Test("a changed ID replaces the zone in one change, in each view and in the exceptions")
  func changedID() async throws {
    try await withSite(["named.conf": "view a { };\nview b { };\n"]) { site in
      try await site.pass()
      var changed = site
      changed.desired.clusters[0] = try Site.cluster(id: Site.ids[1])
      try await changed.pass(accepted: ["prod"])
      let conf = try site.text("named.conf")
      #expect(!conf.contains(Site.ids[0]))
      #expect(conf.split(separator: Site.ids[1]).count == 5)
      try await changed.expectSettled()
    }
  }

  @Test("blocks in other places than named are moved")
  func moved() async throws {
    let files = ["named.conf": Self.conf + "include \"FOLDER/zones\";\n", "zones": ""]
    try await withSite(files) { site in
      try await site.pass()
      var moved = site
      moved.desired.bind.zonesIn = site.folder.path.appending("zones")
      let plan = try await moved.pass()
      #expect(
        plan.warnings.contains {
          $0.contains("named.conf:3: the managed block prod is in the wrong place")
        })
      #expect(try !site.text("named.conf").contains("BEGIN zonebridge"))
      #expect(try site.text("zones").contains("BEGIN zonebridge prod"))
      try await moved.expectSettled()
    }
  }
}
