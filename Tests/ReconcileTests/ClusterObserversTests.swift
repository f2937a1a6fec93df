import DCOS
import DNSNames
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Which masters are asked.
@Suite("Who is asked", .timeLimit(.minutes(2)))
struct ClusterObserversTests {
  @Test(
    "masters behind NAT, known by the addresses they list → those configured alone are asked",
    arguments: [true, false])
  func behindNAT(isNAT: Bool) async throws {
    // Nobody listens there: it is told at once whom the observer has turned to.
    let port = try freePort()
    var cluster = try Site.cluster(masters: [])
    cluster.source = .polled(
      masters: [try MasterEndpoint("http://127.0.30.1:\(port)")], trust: .system)
    if isNAT { cluster.forwarders = [try IPAddress("203.0.113.5")] }
    let known = try Planning.view(Site.ids[0], ["127.0.30.2", "127.0.30.3"])
    let observers = try ClusterObservers([cluster])
    let observations = await observers.observe(["prod": ClusterMemory(view: known, agreedAt: 0)])
    await observers.shutdown()
    guard case .observed(let round)? = observations["prod"] else {
      Issue.record("\(observations)")
      return
    }
    let learned = isNAT ? [] : ["127.0.30.2", "127.0.30.3"]
    #expect(round.reports.map(\.master.host) == ["127.0.30.1"] + learned)
  }
}
