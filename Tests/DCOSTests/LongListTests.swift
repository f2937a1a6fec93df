import DCOSSimulator
import DNSNames
import Synchronization
import TestSupport
import Testing

@testable import DCOS

/// Who gives a list chooses whom this host turns to.
@Suite("Lists without bounds", .timeLimit(.minutes(2)))
struct LongListTests {
  private static let id = SimulatedCluster.Configuration.publishedID

  private static func answer(_ body: String) -> [RawServer.Step] {
    [
      .send(
        Array(
          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            .utf8))
    ]
  }

  private static func list(_ addresses: some Sequence<String>, of resource: Resource) -> String {
    let members = addresses.map {
      resource == .exhibitorStatus ? #"{"hostname":"\#($0)"}"# : #"{"host":"m","ip":"\#($0)"}"#
    }
    return "[\(members.joined(separator: ","))]"
  }

  private static func addresses(_ count: Int) -> [String] {
    (0..<count).map { "127.\(60 + $0 / 60_000).\($0 / 250 % 250).\($0 % 250 + 1)" }
  }

  @Test(
    "64 members → a list; one more, or the same one so often → none, and it is said why",
    arguments: [Resource.exhibitorStatus, .mesosDNSMasters])
  func bound(_ resource: Resource) throws {
    func read(_ members: [String]) throws(ObservationError.Reason) -> Int {
      let bytes = Array(Self.list(members, of: resource).utf8)
      return resource == .exhibitorStatus
        ? try ExhibitorAnswer.addresses(in: bytes).count
        : try MesosDNSAnswer.addresses(in: bytes).count
    }
    #expect(try read(Self.addresses(64)) == 64)
    for members in [Self.addresses(65), Array(repeating: "10.0.0.1", count: 65)] {
      let reason = #expect(throws: ObservationError.Reason.self) { _ = try read(members) }
      #expect(reason == .longList(count: 65))
      #expect(reason?.cause.contains("65 masters") == true)
      #expect(reason?.cause.contains("more than 64") == true)
      #expect(reason?.remedy?.contains("check what answers at this address") == true)
    }
  }

  @Test(
    "the only master lists 10,000 → no answer, told in one short line, and nobody of them is asked",
    arguments: [true, false])
  func tenThousand(isMember: Bool) async throws {
    let members = (isMember ? ["127.0.0.1"] : []) + Self.addresses(isMember ? 9_999 : 10_000)
    let visits = Visits()
    // It hears whatever comes to any of the addresses.
    let server = try RawServer(address: "0.0.0.0") { path in
      visits.note(path)
      return Self.answer(
        path == Resource.key.path
          ? #"{"zbase32_public_key":"\#(Self.id)"}"# : Self.list(members, of: .exhibitorStatus))
    }
    defer { server.stop() }
    let reports = try await observe(["http://127.0.0.1:\(server.port)"])
    #expect(reports.count == 1)
    #expect(reports[0].membersReason == .longList(count: 10_000))
    #expect(visits.count == 2)
    expectWords(of: reports)
    guard case .failure(let disagreement) = agreed(among: reports) else {
      Issue.record("it is believed")
      return
    }
    #expect(disagreement.description.utf8.count < 1_000)
  }

  @Test("a list of 64 that hang → 16 of them are asked at a time, in however many rounds")
  func strangers() async throws {
    let members = Self.addresses(64)
    let visits = Visits()
    let server = try RawServer(address: "0.0.0.0") { path in
      // At which address it is asked cannot be seen; the liar's two questions are the first ones.
      guard visits.note(path) == 1 else { return [.wait] }
      return Self.answer(
        path == Resource.key.path
          ? #"{"zbase32_public_key":"\#(Self.id)"}"# : Self.list(members, of: .exhibitorStatus))
    }
    defer { server.stop() }
    var limits = ClusterObserver.Limits.generous(request: .seconds(300))
    limits.round = .milliseconds(100)
    let observer = try ClusterObserver(
      masters: [try MasterEndpoint("http://127.0.0.1:\(server.port)")], trust: .system,
      limits: limits)
    let first = Task { await observer.observe() }
    try await eventually("so many are asked: \(visits.count)") {
      visits.count == 2 + RoundCourse.mostStrangersAtATime
    }
    first.cancel()
    _ = await first.value
    for _ in 1...5 { _ = await observer.observe() }
    // The liar itself may be asked so often that no answer comes.
    let most = 2 + RoundCourse.mostStrangersAtATime + MasterRegister.mostQuestions
    #expect(visits.count <= most, "\(visits.count)")
    try await observer.shutdown()
  }

  @Test("ever other masters in each list → an observer keeps no more than one round's")
  func everOthers() async throws {
    let count = Mutex(0)
    // Nobody listens at the addresses that are listed: the port is the liar's, and the address alone his.
    let server = try RawServer { path in
      let number = count.withLock { count in
        count += 1
        return count
      }
      let members = (1...8).map { "127.\(80 + number / 60_000).\(number / 250 % 250).\($0)" }
      return Self.answer(
        path == Resource.key.path
          ? #"{"zbase32_public_key":"\#(Self.id)"}"# : Self.list(members, of: .exhibitorStatus))
    }
    defer { server.stop() }
    let observer = try ClusterObserver(
      masters: [try MasterEndpoint(server.url())], trust: .system, limits: .generous())
    for _ in 1...150 { #expect(await observer.observe().reports.count == 9) }
    #expect(await observer.knownMasters == 9)
    #expect(await observer.openQuestions == 0)
    try await observer.shutdown()
  }

  @Test("20,000 masters, each with a list of 64 of its own → weighed before the time limit")
  func linear() throws {
    var reports: [MasterReport] = []
    let id = try ClusterID(Self.id)
    for number in 0..<20_000 {
      let master = try MasterEndpoint(
        "http://10.\(number / 60_000).\(number / 250).\(number % 250)")
      let list = try (0..<64).map { try IPAddress("10.9.\(number / 250).\((number + $0) % 250)") }
      reports.append(
        MasterReport(
          master: master, id: .success(id),
          members: .success(MemberList(source: .exhibitor, addresses: list))))
    }
    guard case .failure(let disagreement) = agreed(among: reports) else {
      Issue.record("it is believed")
      return
    }
    #expect(disagreement.description.utf8.count < 10_000)
    #expect(disagreement.description.contains("and 19992 more"))
  }

  @Test("lists of 64 that nobody agrees on → eight of their members are told of, and how many more")
  func words() throws {
    let masters = try (1...3).map { try Said.endpoint(Character("\($0)")) }
    let reports = try masters.enumerated().map { index, master in
      MasterReport(
        master: master, id: .success(try ClusterID(Self.id)),
        members: .success(
          MemberList(
            source: .exhibitor,
            addresses: try (1...64).map { try IPAddress("10.\(index).0.\($0)") })))
    }
    let disagreement = try #require(throws: Disagreement.self) {
      try agreed(among: reports).get()
    }
    for statement in disagreement.statements {
      #expect(statement.contains(".0.8, and 56 more (Exhibitor)"))
      #expect(statement.utf8.count < 400)
    }
  }
}
