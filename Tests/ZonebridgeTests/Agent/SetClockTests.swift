import DCOS
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel
@testable import zonebridge

@Suite("A host's clock that is set while the agent runs", .timeLimit(.minutes(2)))
struct SetClockTests {
  @Test(
    "set by a day, either way → told once; a drift, a rounded second → not", arguments: [1, -1])
  func jumps(direction: Int64) {
    let clock = ManualClock()
    let wall = WallClock(clock)
    var watch = SetClock({ wall.now }, against: clock)
    #expect(watch.jump() == 0)
    clock.advance(by: .milliseconds(30_700))
    #expect(watch.jump() == 0)
    wall.set(by: 2 * direction)
    clock.advance(by: .seconds(30))
    #expect(watch.jump() == 0)
    wall.set(by: 86_400 * direction)
    clock.advance(by: .seconds(30))
    #expect(watch.jump() == 86_400 * direction)
    clock.advance(by: .seconds(86_400))
    #expect(watch.jump() == 0, "a host that slept")
  }

  @Test("set while a pass is under way → the pass goes on by the time at which it began")
  func steady() {
    let clock = ManualClock()
    let wall = WallClock(clock)
    let watch = SetClock({ wall.now }, against: clock)
    let (now, begun) = (watch.steady, wall.now)
    wall.set(by: -86_400)
    clock.advance(by: .seconds(7))
    #expect(now() == begun + 7)
  }

  @Test("a moved alias that named does not serve yet → that stays known, however the clock is set")
  func pending() throws {
    let id = try ClusterID(otherID)
    #expect(
      RetainedZones(until: [id: 1000], pending: [id: 65]).shifted(by: -400)
        == RetainedZones(until: [id: 600], pending: [id: 65]))
  }

  @Test(
    "set by a day, either way, between two passes → a forward zone that is to stay for an hour stays for an hour",
    arguments: [86_400, -86_400])
  func retainedZone(jump: Int64) async throws {
    try await withTriedAgent(on: { try $0.writeClusters(hasOld: true) }) { agent in
      func isThere() throws -> Bool {
        String(decoding: try agent.folder.read("named.conf"), as: UTF8.self).contains(otherID)
      }
      try await agent.waits()
      #expect(try isThere())
      // An alias of it was moved just now, and resolvers hold its old DNAME.
      let state = StateDirectory(agent.folder.path.appending("state"))
      var names = try #require(NameMemory.read(in: state))
      names.retained.until[try ClusterID(otherID)] = agent.wall.now + 3600
      try names.write(in: state)
      try agent.folder.writeClusters(hasOld: false)
      try await agent.ask(for: .reload)
      #expect(try isThere())

      agent.wall.set(by: jump)
      try await agent.ask(for: .pass)
      #expect(try isThere(), "no time has passed")
      agent.clock.advance(by: .seconds(1800))
      try await agent.ask(for: .pass)
      #expect(try isThere(), "half an hour has passed")
      agent.clock.advance(by: .seconds(1801))
      try await agent.ask(for: .pass)
      #expect(try !isThere(), "an hour has passed")
    }
  }
}

extension TemporaryFolder {
  fileprivate func writeClusters(hasOld: Bool) throws {
    let old =
      hasOld ? "  - name: old\n    static: { cluster-id: \(otherID), masters: [10.1.0.5] }" : ""
    let alias = hasOld ? ", { name: c.contoso.com, cluster: old }" : ""
    try write(
      "zonebridge.yaml",
      """
      interval: 48h
      state-directory: state
      bind: { named-conf: named.conf, reload: none }
      clusters:
        - name: prod
          static: { cluster-id: \(prodID), masters: [10.0.6.68] }
      \(old)
      aliases:
        [{ name: a.contoso.com, cluster: prod }, { name: b.contoso.com, cluster: prod }\(alias)]

      """)
  }
}
