import DCOSSimulator
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

@Suite("The record of the passes", .timeLimit(.minutes(5)))
struct RecordTests {
  @Test("has what a pass saw, changed and why") func ofAPass() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("run", "--once").status == 0)
      let record = try #require(AgentRecord.read(in: host.state))
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
      let second = try #require(AgentRecord.read(in: host.state))
      #expect(second.counters.passes == ["applied": 1, "in-sync": 1])
      #expect(second.lastChange == change)
      #expect(second.lastInSync == second.pass.time)
    }
  }

  @Test("keeps what was seen when a pass fails, and what is left when something is taken out")
  func failuresAndRemovals() async throws {
    try await withHost { host in
      #expect(try await host.zonebridge("run", "--once").status == 0)
      for master in Host.masters { try await host.cluster.fail(master, .http(503)) }
      #expect(try await host.zonebridge("run", "--once").status == 1)
      var record = try #require(AgentRecord.read(in: host.state))
      #expect(record.pass.result == .failed)
      #expect(record.pass.clusters.first?.state == .unknown)
      // What was agreed on is still acted on, and shown.
      #expect(record.pass.clusters.first?.masters == Host.masters)
      #expect(record.pass.clusters.first?.reports.first?.problems.isEmpty == false)
      #expect(record.pass.aliases.first?.state == .served)

      #expect(try await host.zonebridge("remove", "cluster.contoso.com").status == 0)
      record = try #require(AgentRecord.read(in: host.state))
      #expect(record.pass.aliases == [])
      #expect(record.lastChange?.number == 2)
      #expect(record.counters.passes["failed"] == 1)
      #expect(record.pass.files.map(\.blocks) == [["prod"]])
    }
  }
}
