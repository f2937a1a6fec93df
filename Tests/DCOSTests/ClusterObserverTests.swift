import DCOSSimulator
import DNSNames
import TestSupport
import Testing

@testable import DCOS

@Suite("Observing a cluster", .timeLimit(.minutes(3)))
struct ClusterObserverTests {
  private static let id = SampleID.published

  /// How the second of three masters fails, and what becomes of it; nil where all still holds.
  struct Row: Sendable, CustomTestStringConvertible {
    let failure: Failure
    let id: ObservationError.Reason?
    let members: ObservationError.Reason?
    var fallback: ObservationError.Reason?
    /// What the text has to name: the cause, or the cure.
    let words: String

    var testDescription: String { "\(failure)" }
  }

  static let rows = [
    Row(
      failure: .unreachable, id: .unreachable(.refused), members: .unreachable(.refused),
      words: "connection refused"),
    Row(
      failure: .http(401), id: .loginRequired(scheme: "oauthjwt"),
      members: .loginRequired(scheme: "oauthjwt"), fallback: .loginRequired(scheme: "oauthjwt"),
      words: "a login is required (oauthjwt)"),
    Row(
      failure: .http(403), id: .forbidden(.key), members: .forbidden(.exhibitorStatus),
      fallback: .forbidden(.mesosDNSMasters), words: "may not read /navstar/lashup/key"),
    Row(
      failure: .http(404), id: .keyNotYetThere, members: nil, words: "another master may"),
    Row(
      failure: .http(502), id: .backEndDown(status: 502), members: .backEndDown(status: 502),
      fallback: .backEndDown(status: 502), words: "the service behind Admin Router is down"),
    Row(
      failure: .http(503), id: .backEndDown(status: 503), members: .backEndDown(status: 503),
      fallback: .backEndDown(status: 503), words: "the service behind Admin Router is down"),
    Row(
      failure: .http(500), id: .unexpectedStatus(500), members: .unexpectedStatus(500),
      fallback: .unexpectedStatus(500), words: "status 500"),
    Row(
      failure: .htmlPage, id: .htmlPage, members: .htmlPage, words: "HTML page instead of JSON"),
    Row(
      failure: .notAnID, id: .notAnID(.length(36)), members: nil,
      words: "has 52 characters, this has 36"),
    Row(
      failure: .hugeBody(100 << 20), id: .tooLarge(limit: 1 << 20),
      members: .tooLarge(limit: 1 << 20), words: "larger than 1048576 bytes"),
    Row(
      failure: .hugeBody((1 << 20) + 1), id: .tooLarge(limit: 1 << 20),
      members: .tooLarge(limit: 1 << 20), words: "larger than 1048576 bytes"),
    Row(failure: .hugeBody(1 << 20), id: .notJSON, members: .notJSON, words: "is not JSON"),
    Row(
      failure: .emptyList, id: nil, members: .emptyList, words: "an empty list of masters"),
    Row(
      failure: .emptyHost, id: nil, members: .backEndDown(status: 502), fallback: .emptyHost,
      words: "mesos-dns does not know master.mesos"),
    Row(
      failure: .namesAsAddresses, id: nil,
      members: .notAnAddress(.notAnAddress("master-1.example")),
      words: #""master-1.example" is not an IPv4 or IPv6 address"#),
    Row(
      failure: .truncatedJSON, id: .truncatedJSON, members: .truncatedJSON,
      words: "ends in the middle"),
    Row(
      failure: .cutShort, id: .cutShort, members: .cutShort, fallback: .cutShort,
      words: "closed before the answer was whole"),
    Row(failure: .noExhibitor, id: nil, members: nil, words: ""),
    Row(failure: .dnsSilent, id: nil, members: nil, words: ""),
  ]

  @Test(arguments: rows, [MasterEndpoint.Scheme.http, .https])
  func eachFailureIsToldAndDoesNotTouchTheOthers(
    _ row: Row, _ scheme: MasterEndpoint.Scheme
  ) async throws {
    let masters = ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
    // No row is about time, and a loaded machine may take some for a megabyte.
    try await withReports(
      from: masters, over: scheme, requestTimeout: .seconds(60),
      prepare: { try await $0.fail("127.0.1.2", row.failure) }
    ) { _, reports in
      try #require(reports.map(\.master.host) == masters)
      for report in [reports[0], reports[2]] {
        #expect(try report.id.get() == ClusterID(Self.id))
        let list = try report.members.get()
        #expect(list.source == .exhibitor)
        #expect(list.addresses.map(\.description) == masters)
      }
      #expect(reports[1].idReason == row.id)
      #expect(reports[1].membersReason == row.members)
      #expect(reports[1].fallbackReason == row.fallback)
      let texts = [reports[1].id.failureText, reports[1].members.failureText].compactMap(\.self)
      #expect(row.words.isEmpty || texts.contains { $0.contains(row.words) }, "\(texts)")
      for text in texts {
        #expect(text.hasPrefix(reports[1].master.description))
        #expect(!text.contains("\n"))
      }
      #expect(
        try agreement(among: reports).view
          == ClusterView(
            id: try ClusterID(Self.id), masters: try masters.map { try IPAddress($0) })
      )
    }
  }

  @Test(arguments: [Failure.hangs, .drips], [MasterEndpoint.Scheme.http, .https])
  func anAnswerThatNeverEndsIsGivenUp(
    _ failure: Failure, _ scheme: MasterEndpoint.Scheme
  ) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    try await withReports(
      from: ["127.0.1.4", "127.0.1.5"], over: scheme, requestTimeout: .seconds(4),
      prepare: { try await $0.fail("127.0.1.4", failure) }
    ) { _, reports in
      #expect(reports[0].idReason == .timedOut(after: .seconds(4)))
      #expect(reports[0].membersReason == .timedOut(after: .seconds(4)))
      #expect(reports[0].fallbackReason == .timedOut(after: .seconds(4)))
      #expect(throws: Never.self) { try reports[1].id.get() }
    }
    // One question after the other, the fallback after that; with room for a busy machine.
    #expect(clock.now - start < .seconds(40))
  }

  @Test func mesosDNSStandsInForAnAbsentExhibitor() async throws {
    try await withReports(
      from: .init(masters: ["127.0.1.6", "127.0.1.7"]),
      prepare: { try await $0.fail("127.0.1.6", .noExhibitor) }
    ) { cluster, reports in
      let list = try reports[0].members.get()
      #expect(list.source == .mesosDNS)
      #expect(list.addresses.map(\.description) == ["127.0.1.6", "127.0.1.7"])
      let paths = await cluster.requests.filter { $0.master == "127.0.1.7" }.map(\.path)
      #expect(!paths.contains("/mesos_dns/v1/hosts/master.mesos"))
    }
  }

  @Test(arguments: [
    Failure.emptyList, .namesAsAddresses, .truncatedJSON, .htmlPage, .hugeBody(2 << 20), .redirect,
  ])
  func mesosDNSDoesNotCoverUpABadAnswer(_ failure: Failure) async throws {
    try await withReports(
      from: .init(masters: ["127.0.1.8"]), prepare: { try await $0.fail("127.0.1.8", failure) }
    ) { cluster, reports in
      #expect(reports[0].membersReason != nil)
      #expect(reports[0].fallbackReason == nil)
      #expect(
        await cluster.requests.map(\.path).sorted()
          == ["/exhibitor/exhibitor/v1/cluster/status", "/navstar/lashup/key"])
    }
  }

  @Test func aRedirectIsNotFollowed() async throws {
    try await withReports(
      from: .init(masters: ["127.0.1.9"]), prepare: { try await $0.fail("127.0.1.9", .redirect) }
    ) { cluster, reports in
      let port = await cluster.httpPort
      let location = "https://127.0.1.9:\(port)/navstar/lashup/key"
      #expect(reports[0].idReason == .redirected(status: 307, location: location))
      #expect(reports[0].id.failureText?.contains("follows no redirects") == true)
      #expect(await cluster.requests.count == 2)
    }
  }

  @Test func theKeyIsBarredWithoutATokenAndExhibitorIsNot() async throws {
    try await withReports(
      from: .init(masters: ["127.0.1.10"], requiredToken: "abc")
    ) { _, reports in
      #expect(reports[0].idReason == .loginRequired(scheme: "oauthjwt"))
      let list = try reports[0].members.get()
      #expect(list.source == .exhibitor)
    }
  }

  @Test func aMasterThatIsDownIsStillListed() async throws {
    let masters = ["127.0.1.11", "127.0.1.12", "127.0.1.13"]
    try await withReports(
      from: .init(masters: masters), prepare: { try await $0.fail("127.0.1.11", .unreachable) }
    ) { _, reports in
      let list = try reports[1].members.get()
      #expect(list.addresses.map(\.description) == masters)
    }
  }

  @Test func aReplacedMasterIsSeenInTheNextRound() async throws {
    try await withCluster(.init(masters: ["127.0.1.14", "127.0.1.15", "127.0.1.16"])) { cluster in
      let port = await cluster.httpPort
      let observer = try ClusterObserver(
        masters: try await cluster.masters.map { try MasterEndpoint("http://\($0):\(port)") },
        trust: .system, limits: .generous())
      let before = Agreement.reached(in: await observer.observe())
      try await cluster.replaceMaster("127.0.1.15", by: "127.0.1.17")
      let after = Agreement.reached(in: await observer.observe())
      try await observer.shutdown()
      #expect(
        try before.get().view.masters.map(\.description) == [
          "127.0.1.14", "127.0.1.15", "127.0.1.16",
        ])
      #expect(
        try after.get().view.masters.map(\.description) == [
          "127.0.1.14", "127.0.1.16", "127.0.1.17",
        ])
    }
  }

  @Test func anObserverOutlivesARestartOfItsMaster() async throws {
    try await withCluster(.init(masters: ["127.0.1.18"])) { cluster in
      let port = await cluster.httpPort
      let observer = try ClusterObserver(
        masters: [try MasterEndpoint("http://127.0.1.18:\(port)")], trust: .system,
        limits: .generous())
      var rounds: [MasterReport] = []
      rounds += await observer.observe().reports
      try await cluster.fail("127.0.1.18", .unreachable)
      rounds += await observer.observe().reports
      try await cluster.heal("127.0.1.18")
      rounds += await observer.observe().reports
      try await observer.shutdown()
      #expect(rounds.map(\.idReason) == [nil, .unreachable(.refused), nil])
    }
  }

  @Test func aStandardIDIsRefused() async throws {
    let standard = Self.id.split(separator: "l", omittingEmptySubsequences: false)
      .joined(separator: "1")
    try await withReports(from: .init(id: standard, masters: ["127.0.1.19"])) { _, reports in
      #expect(reports[0].idReason == .notAnID(.standardAlphabet(position: 5)))
    }
  }

  @Test func aNameThatDoesNotResolveIsToldAsSuch() async throws {
    let reports = try await observe(["http://master.invalid"])
    #expect(reports[0].idReason == .unreachable(.nameNotFound("master.invalid")))
    #expect(reports[0].membersReason == .unreachable(.nameNotFound("master.invalid")))
  }

  @Test func aMasterGivenByNameIsAskedAtItsAddress() async throws {
    try await withCluster(.init(masters: ["127.0.0.1"])) { cluster in
      let master = "http://localhost:\(await cluster.httpPort)"
      let said = try await observe([master])
      #expect(try said[0].id.get() == ClusterID(Self.id))
      try await cluster.fail("127.0.0.1", .unreachable)
      let refused = try await observe([master])
      #expect(refused[0].idReason == .unreachable(.refused))
    }
  }

  @Test(.enabled(if: hasIPv6Loopback, noIPv6Loopback))
  func aMasterIsAskedOverIPv6() async throws {
    try await withReports(from: .init(masters: ["::1"])) { _, reports in
      #expect(reports[0].master.description.hasPrefix("http://[::1]:"))
      let list = try reports[0].members.get()
      #expect(list.addresses.map(\.description) == ["::1"])
    }
  }

  @Test func aRoundThatIsCalledOffEndsAtOnce() async throws {
    try await withCluster(.init(masters: ["127.0.1.20"])) { cluster in
      try await cluster.fail("127.0.1.20", .hangs)
      let master = "http://127.0.1.20:\(await cluster.httpPort)"
      let round = Task { try await observe([master], requestTimeout: .seconds(300)) }
      try await eventually("the question is there") { await cluster.requests.count == 1 }
      round.cancel()
      let reports = try await round.value
      #expect(reports[0].idReason == .calledOff)
      #expect(reports[0].membersReason == .calledOff)
    }
  }

  @Test func noMastersMakeNoReports() async throws {
    #expect(try await observe([]).isEmpty)
  }
}

extension Result where Failure == ObservationError {
  var failureText: String? {
    guard case .failure(let failure) = self else { return nil }
    return failure.description
  }
}

@Suite("Learned and slow masters", .timeLimit(.minutes(3)))
struct LearningTests {
  @Test("masters that are listed are asked too, where it takes them to agree") func learned()
    async throws
  {
    let masters = ["127.0.1.31", "127.0.1.32", "127.0.1.33"]
    try await withCluster(.init(masters: masters)) { cluster in
      let port = await cluster.httpPort
      let observer = try ClusterObserver(
        masters: [try MasterEndpoint("http://127.0.1.31:\(port)")], trust: .system,
        limits: .generous())
      let first = await observer.observe()
      #expect(first.reports.map(\.master.host) == masters)
      let agreed = try Agreement.reached(in: first).get()
      #expect(agreed.isUnanimous)
      let deaf = await observer.observe(learns: false)
      #expect(deaf.reports.count == 1)
      // All configured ones are gone: those that were learned are still there.
      try await cluster.replaceMaster("127.0.1.31", by: "127.0.1.34")
      let later = await observer.observe(known: agreed.view.masters)
      let view = try Agreement.reached(in: later).get().view
      #expect(view.masters.map(\.description) == ["127.0.1.32", "127.0.1.33", "127.0.1.34"])
      try await observer.shutdown()
    }
  }

  @Test(
    "one that never comes to an end → does not keep those waiting that agree",
    arguments: [Failure.hangs, .drips], [MasterEndpoint.Scheme.http, .https])
  func hanging(_ failure: Failure, _ scheme: MasterEndpoint.Scheme) async throws {
    let masters = ["127.0.1.35", "127.0.1.36", "127.0.1.37"]
    try await withCluster(masters, over: scheme) { cluster, trust in
      try await cluster.fail("127.0.1.36", failure)
      let observer = try ClusterObserver(
        masters: try await cluster.urls(scheme).map { try MasterEndpoint($0) }, trust: trust,
        limits: .generous(request: .seconds(300), grace: .milliseconds(200)))
      let round = await observer.observe()
      #expect(try Agreement.reached(in: round).get().view.masters.count == 3)
      #expect(round.reports[1].idReason == .notYet)
      #expect(round.reports[1].membersReason == .notYet)
      // However many rounds there are, no more than so many questions are on their way to it.
      for _ in 1...6 { _ = await observer.observe() }
      let asked = await cluster.requests.count { $0.master == "127.0.1.36" }
      #expect((1...MasterRegister.mostQuestions).contains(asked))
      try await observer.shutdown()
    }
  }
}
