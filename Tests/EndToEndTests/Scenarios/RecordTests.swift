import DNSNames
import DCOSSimulator
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@Suite("The record of the passes", .timeLimit(.minutes(5)))
struct RecordTests {
  @Test("a pass that changes something, and one that does not → what each saw, changed and why")
  func ofAPass() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("run", "--once").status == 0)
      let record = try #require(AgentRecord.read(in: StateDirectory(host.state)))
      #expect(record.pass.result == .applied)
      #expect(record.counters.passes == ["applied": 1])
      #expect(record.counters.changes == 1)
      #expect(record.counters.files == 2)
      let change = try #require(record.lastChange)
      #expect(change.number == 1)
      #expect(change.isSeenServed)
      #expect(change.reasons.contains("cluster prod: new"))
      #expect(change.commands.contains("rndc reconfig"))
      let cluster = try #require(record.pass.clusters.first)
      #expect(cluster.state == .agreed)
      #expect(cluster.isForwarded == true)
      #expect(cluster.masters == Host.masters)
      #expect(cluster.reports.count == 3 && cluster.reports.allSatisfy(\.isUp))
      let alias = try #require(record.pass.aliases.first)
      #expect(alias.state == .served && alias.zone == "contoso.com")
      let zone = try #require(record.pass.zones.first)
      #expect(zone.serial == 42 && zone.servedSerial == 42)
      #expect(record.pass.files.count == 2)
      #expect(record.pass.reloadDebt == [])
      #expect(Set(PassStep.allCases.map(\.rawValue)).isSuperset(of: record.pass.steps.keys))
      #expect(record.pass.steps["swap"] != nil)

      #expect(try await host.zonebridge("run", "--once").status == 0)
      let second = try #require(AgentRecord.read(in: StateDirectory(host.state)))
      #expect(second.counters.passes == ["applied": 1, "in-sync": 1])
      #expect(second.lastChange == change)
      #expect(second.lastInSync == second.pass.time)
    }
  }

  @Test("adopt, remove NAME, remove beside the passes → told as changes, and the last pass stands")
  func besideThePasses() async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      let id = SampleID.published
      let written = "type forward; forward only; forwarders { 10.0.6.68; };"
      try folder.write(
        "bind/named.conf",
        folder.text("bind/named.conf") + "zone \"\(id).dcos.directory\" { \(written) };\n")
      // The forward zone that somebody wrote by hand is held.
      #expect(try await site.pass().status == 3)
      let first = try #require(AgentRecord.read(in: StateDirectory(folder.path.appending("state"))))
      #expect(first.pass.result == .held && first.counters.passes == ["held": 1])
      for (arguments, aliases) in [
        (["adopt"], ["a.contoso.com", "a.contoso.net"]),
        (["remove", "a.contoso.net"], ["a.contoso.com"]), (["remove", "--all"], []),
      ] {
        let before = try #require(
          AgentRecord.read(in: StateDirectory(folder.path.appending("state"))))
        let result = try await site.zonebridge(arguments)
        #expect(result.status == 0, "\(result.standardError)")
        let record = try #require(
          AgentRecord.read(in: StateDirectory(folder.path.appending("state"))))
        #expect(record.counters.passes == ["held": 1], "\(arguments)")
        #expect(record.counters.changes == before.counters.changes + 1)
        #expect(record.lastChange != before.lastChange && record.lastChange?.reasons != [])
        #expect(record.pass.result == .held && record.pass.time == first.pass.time)
        #expect(record.pass.problems == first.pass.problems)
        #expect(record.pass.aliases.map(\.name) == aliases, "\(arguments)")
        #expect(record.lastInSync == nil)
      }
    }
  }

  @Test("adopt, remove, rollback fail → 1, and the record still has the last pass")
  func failuresBesideThePasses() async throws {
    try await withTemporaryFolder { folder in
      let site = try StaticSite(folder)
      #expect(try await site.pass().status == 0)
      let before = try #require(
        AgentRecord.read(in: StateDirectory(folder.path.appending("state"))))
      try folder.write("bind/named.conf", folder.text("bind/named.conf") + "nonsense {\n")
      for command in [["adopt"], ["remove", "--all"], ["rollback"]] {
        let result = try await site.zonebridge(command)
        #expect(result.status == 1, "\(command): \(result.standardError)")
        #expect(
          AgentRecord.read(in: StateDirectory(folder.path.appending("state"))) == before,
          "\(command)")
      }
    }
  }

  @Test("a failed pass keeps what was seen → a removal leaves the rest of it")
  func failuresAndRemovals() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("run", "--once").status == 0)
      for master in Host.masters { try await host.cluster.fail(master, .http(503)) }
      #expect(try await host.zonebridge("run", "--once").status == 1)
      var record = try #require(AgentRecord.read(in: StateDirectory(host.state)))
      #expect(record.pass.result == .failed)
      #expect(record.pass.clusters.first?.state == .unknown)
      // What was agreed on is still acted on, and shown.
      #expect(record.pass.clusters.first?.masters == Host.masters)
      #expect(record.pass.clusters.first?.reports.first?.problems.isEmpty == false)
      #expect(record.pass.aliases.first?.state == .served)

      #expect(try await host.zonebridge("remove", "cluster.contoso.com").status == 0)
      record = try #require(AgentRecord.read(in: StateDirectory(host.state)))
      #expect(record.pass.aliases == [])
      #expect(record.lastChange?.number == 2)
      // It is no pass over all that is configured: what that saw stands.
      #expect(record.counters.passes == ["applied": 1, "failed": 1])
      #expect(record.pass.clusters.first?.state == .unknown)
      #expect(record.pass.files.map(\.blocks) == [["prod"]])
    }
  }
}
