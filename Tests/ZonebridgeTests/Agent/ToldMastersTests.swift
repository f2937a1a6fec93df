import Logging
import Testing

@testable import Reconcile
@testable import zonebridge

@Suite("Masters that go and come back", .timeLimit(.minutes(1))) struct ToldMastersTests {
  private let start = ContinuousClock.now
  private let url = "https://10.0.6.71"

  /// A pass in which some of the three masters of prod do not answer.
  private func pass(
    down: [Int] = [], state: ClusterRecord.State = .agreed, failure: String? = nil
  ) -> PassRecord {
    var pass = AgentStatus.inSync.record?.pass ?? PassRecord(result: .inSync, time: 0, duration: 0)
    pass.clusters[0].state = state
    for index in down { pass.clusters[0].reports[index].problems = ["connection refused"] }
    pass.failure = failure
    return pass
  }

  private func told(
    _ masters: inout ToldMasters, _ pass: PassRecord, after seconds: Int = 0
  ) -> [String] {
    masters.events(pass, at: start + .seconds(seconds)).map(\.message)
  }

  @Test("a master goes, stays away and comes back → a line when it goes, one when it is back")
  func goesAndComes() throws {
    var masters = ToldMasters()
    #expect(told(&masters, pass()) == [])
    let events = masters.events(pass(down: [2]), at: start)
    #expect(events.map(\.kind) == [.masterDown] && events.map(\.level) == [.warning])
    #expect(
      events.map(\.message) == [
        "cluster prod: 2 of 3 masters answer; \(url) does not: connection refused"
      ])
    #expect(events.first?.fields == [.cluster: ["prod"], .master: [url]])
    for seconds in 1...20 { #expect(told(&masters, pass(down: [2]), after: seconds) == []) }
    let back = masters.events(pass(), at: start + .seconds(300))
    #expect(back.map(\.kind) == [.masterUp] && back.map(\.level) == [.notice])
    #expect(
      back.map(\.message) == [
        "cluster prod: 3 of 3 masters answer; \(url) answers again, after 5 min"
      ]
    )
    #expect(told(&masters, pass()) == [])
    #expect(told(&masters, pass(down: [2])).count == 1)
  }

  @Test(
    "those that are left do not agree → nothing about single masters; what is down afterwards is reported"
  )
  func withoutMajority() {
    var masters = ToldMasters()
    #expect(told(&masters, pass(down: [0, 1, 2], state: .unknown)) == [])
    #expect(
      told(&masters, pass(down: [1])) == [
        "cluster prod: 2 of 3 masters answer; https://10.0.6.69 does not: connection refused"
      ])
    // One of the two came back while there was no majority.
    #expect(told(&masters, pass(down: [1, 2])).count == 1)
    #expect(told(&masters, pass(down: [0, 2], state: .unknown), after: 60).count == 1)
    #expect(told(&masters, pass(down: [2])) == [])
  }

  @Test("a pass that ended early, a master that only others list, one that is gone → nothing")
  func nothing() {
    var masters = ToldMasters()
    #expect(told(&masters, pass(down: [2], failure: "no named.conf")) == [])
    var listed = pass(down: [2])
    listed.clusters[0].reports[2].isListedOnly = true
    #expect(told(&masters, listed) == [])
    #expect(told(&masters, pass(down: [2])).count == 1)
    var without = pass()
    without.clusters[0].reports.removeLast()
    #expect(told(&masters, without) == [])
    #expect(told(&masters, pass()) == [])
  }

  @Test("a pass of its own, after a recorded one → only what is new, without a time")
  func recorded() {
    var masters = ToldMasters(recorded: pass(down: [2]))
    #expect(told(&masters, pass(down: [2])) == [])
    #expect(told(&masters, pass()) == ["cluster prod: 3 of 3 masters answer; \(url) answers again"])
    masters = ToldMasters(recorded: pass(down: [0, 1, 2], state: .unknown))
    #expect(told(&masters, pass(down: [0])).count == 1)
  }
}
