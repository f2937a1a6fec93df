import Testing

@testable import DCOS

@Suite struct MasterPatienceTests {
  @Test func itGrowsToFiveMinutes() {
    let delays = (1...10).map { MasterPatience.delay(after: $0) }
    let seconds: [Int?] = [nil, nil, 10, 20, 40, 80, 160, 300, 300, 300]
    #expect(delays == seconds.map { $0.map { .seconds($0) } })
  }

  @Test func whoAnswersIsAskedAsBefore() throws {
    let master = try MasterEndpoint("http://10.0.0.1")
    let failure = ObservationError(
      master: master, resource: .key, reason: .unreachable(.refused))
    let dead = MasterReport(master: master, id: .failure(failure), members: .failure(failure))
    let half = MasterReport(
      master: master, id: .failure(failure),
      members: .success(MemberList(source: .exhibitor, addresses: [try IPAddress("10.0.0.1")])))
    let now = ContinuousClock.now
    var patience = MasterPatience()
    for _ in 1...3 { patience.note(dead, at: now) }
    #expect(patience.report(at: now + .seconds(7)) == dead)
    #expect(patience.report(at: now + .seconds(13)) == nil)
    patience.note(half, at: now)
    #expect(patience.report(at: now) == nil)
    for _ in 1...2 { patience.note(dead, at: now) }
    #expect(patience.report(at: now) == nil)
  }
}
