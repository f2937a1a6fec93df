import Logging
import Testing

@testable import Reconcile
@testable import zonebridge

@Suite("Tokens that were not renewed", .timeLimit(.minutes(1))) struct ToldRenewalsTests {
  private func pass(refused: String?, failure: String? = nil) -> PassRecord {
    var pass = AgentStatus.inSync.record?.pass ?? PassRecord(result: .inSync, time: 0, duration: 0)
    pass.clusters[0].refusedRenewal = refused
    pass.failure = failure
    return pass
  }

  @Test(
    "refused, refused in other words, renewed, refused again → told when it is refused, once each time"
  )
  func once() {
    var renewals = ToldRenewals()
    #expect(renewals.events(pass(refused: nil)).isEmpty)
    let events = renewals.events(pass(refused: "401, the login was refused"))
    #expect(events.map(\.kind) == [.renewalRefused] && events.map(\.level) == [.warning])
    #expect(
      events.map(\.message) == [
        "cluster prod: its token was not renewed, and is used until it ends: 401, the login was refused"
      ])
    #expect(events.first?.fields == [.cluster: ["prod"]])
    #expect(renewals.events(pass(refused: "404, no login")).isEmpty)
    #expect(renewals.events(pass(refused: nil, failure: "no named.conf")).isEmpty)
    #expect(renewals.events(pass(refused: "404, no login")).isEmpty)
    #expect(renewals.events(pass(refused: nil)).isEmpty)
    #expect(renewals.events(pass(refused: "401, the login was refused")).count == 1)
  }
}
