import Reconcile
import ReconcileModel
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct OverallStateTests {
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

  @Test("passes a second apart → stale after a minute, for one that is missed may happen")
  func staleAtLeastAMinute() {
    var status = AgentStatus.inSync
    status.agent?.interval = 1
    status.record?.pass.duration = 5
    status.record?.pass.time = now - 65
    #expect(status.isInSync && status.state() == .inSync)
    status.record?.pass.time = now - 66
    #expect(!status.isInSync && status.state() == .stale)
  }

  @Test("a problem, a failure, a hung agent, or nothing known → not in sync, however young")
  func notInSync() {
    #expect(AgentStatus.inSync.isInSync)
    #expect(!AgentStatus.starting.isInSync)
    var status = AgentStatus.inSync
    status.record?.pass.problems = AgentStatus.troubled.record?.pass.problems ?? []
    #expect(!status.isInSync && status.state() == .failed)
    status.record?.pass.problems.removeAll { !$0.isHeld }
    #expect(!status.isInSync && status.state() == .held)
    status = .inSync
    status.record?.pass.failure = "no named.conf"
    #expect(!status.isInSync && status.state() == .failed)
    status = .inSync
    status.agent?.isHung = true
    #expect(!status.isInSync && status.state() == .hung)
  }

  @Test(
    "how long something has lasted → in the unit that says most",
    arguments: [
      (0, "0 s"), (119, "119 s"), (120, "2 min"), (7_199, "119 min"), (7_200, "2 h"),
      (172_799, "47 h"), (172_800, "2 d"),
    ] as [(Int64, String)])
  func ages(_ seconds: Int64, _ text: String) {
    #expect(Age(.seconds(seconds)).description == text)
    #expect(Age(of: now - seconds, at: now).description == text)
  }

  @Test("a moment that is still to come, since the clock was set back → no age") func future() {
    #expect(Age(of: now + 5, at: now).description == "0 s")
  }

  @Test func scriptsGetWhatTheContractSays() {
    let statuses = OverallState.allCases.map(\.exitStatus.rawValue)
    #expect(statuses == [0, 3, 1, 1, 1, 1])
  }
}
