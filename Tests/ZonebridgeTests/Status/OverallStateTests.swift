import Reconcile
import ReconcileModel
import Testing

@testable import zonebridge

@Suite struct OverallStateTests {
  @Test func whatAllComesTo() {
    #expect(AgentStatus.inSync.state() == .inSync)
    #expect(AgentStatus.starting.state() == .unknown)
    #expect(AgentStatus.troubled.state(maxAge: 3600) == .failed)
    var held = AgentStatus.troubled
    held.record?.pass.problems.removeAll { !$0.isHeld }
    #expect(held.state(maxAge: 3600) == .held)
    #expect(held.state(maxAge: 399) == .stale)
    var hung = AgentStatus.inSync
    hung.agent?.isHung = true
    #expect(hung.state() == .hung)
  }

  @Test("What an agent saw is stale after some missed passes, and without one when it is said.")
  func stale() {
    var status = AgentStatus.inSync
    status.record?.pass.time = now - 90
    #expect(status.state() == .inSync)
    status.record?.pass.time = now - 91
    #expect(status.state() == .stale)
    status.agent = nil
    #expect(status.state() == .inSync)
    #expect(status.state(maxAge: 91) == .inSync)
    #expect(status.state(maxAge: 90) == .stale)
    // A clock that was put back makes nothing stale.
    status.record?.pass.time = now + 86_400
    #expect(status.state(maxAge: 90) == .inSync)
  }

  @Test func scriptsGetWhatTheContractSays() {
    let statuses = OverallState.allCases.map(\.exitStatus.rawValue)
    #expect(statuses == [0, 3, 1, 1, 1, 1])
  }
}
