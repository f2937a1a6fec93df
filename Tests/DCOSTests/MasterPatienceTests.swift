import DNSNames
import Testing

@testable import DCOS

@Suite(.timeLimit(.minutes(1))) struct MasterPatienceTests {
  @Test func itGrowsToFiveMinutes() {
    let delays = (1...10).map { MasterPatience.delay(after: $0) }
    let seconds: [Int?] = [nil, nil, 10, 20, 40, 80, 160, 300, 300, 300]
    #expect(delays == seconds.map { $0.map { .seconds($0) } })
  }

  private func reports() throws -> (dead: MasterReport, halves: [MasterReport]) {
    let master = try MasterEndpoint("http://10.0.0.1")
    let failure = ObservationError(
      master: master, resource: .key, reason: .unreachable(.refused))
    let list = MemberList(source: .exhibitor, addresses: [try IPAddress("10.0.0.1")])
    let id = try ClusterID(publicKey: [UInt8](repeating: 1, count: 32))
    return (
      MasterReport(master: master, id: .failure(failure), members: .failure(failure)),
      [
        MasterReport(master: master, id: .failure(failure), members: .success(list)),
        MasterReport(master: master, id: .success(id), members: .failure(failure)),
        MasterReport(master: master, id: .success(id), members: .success(list)),
      ]
    )
  }

  @Test(
    "so many failures in a row → not asked for four fifths of the delay, asked after six fifths",
    arguments: [(3, 10), (4, 20), (5, 40), (6, 80), (7, 160), (8, 300), (9, 300), (40, 300)])
  func eachStep(failures: Int, seconds: Int) throws {
    let dead = try reports().dead
    let now = ContinuousClock.now
    var patience = MasterPatience()
    for _ in 0..<failures { patience.note(dead, at: now) }
    #expect(patience.isShelved(at: now + .milliseconds(seconds * 800 - 1)))
    #expect(!patience.isShelved(at: now + .milliseconds(seconds * 1200 + 1)))
  }

  @Test("two failures in a row → asked at once again", arguments: 0...2)
  func unusual(failures: Int) throws {
    var patience = MasterPatience()
    let now = ContinuousClock.now
    for _ in 0..<failures { patience.note(try reports().dead, at: now) }
    #expect(!patience.isShelved(at: now))
  }

  @Test(
    "an answer to one of the two questions → asked at once, and the count starts again",
    arguments: 0..<3)
  func anyAnswer(half: Int) throws {
    let (dead, halves) = try reports()
    var patience = MasterPatience()
    let now = ContinuousClock.now
    for _ in 1...5 { patience.note(dead, at: now) }
    patience.note(halves[half], at: now)
    #expect(!patience.isShelved(at: now))
    for _ in 1...2 { patience.note(dead, at: now) }
    #expect(!patience.isShelved(at: now))
    patience.note(dead, at: now)
    #expect(patience.isShelved(at: now))
    #expect(!patience.isShelved(at: now + .seconds(13)), "10 s, not where it was before")
  }
}
