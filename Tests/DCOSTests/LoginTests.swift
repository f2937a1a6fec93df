import DCOSSimulator
import DNSNames
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DCOS

@Suite("Logging in to a cluster", .timeLimit(.minutes(3)))
struct LoginTests {
  private static let login = "/acs/api/v1/auth/login"

  enum Form: CaseIterable, Sendable {
    case password, json, pkcs1, pkcs8

    func credentials(_ key: ServiceAccountKey) throws -> Credentials {
      switch self {
      case .password: .password(uid: "alice", .fixed("correct horse\n"))
      case .json: .serviceAccount(.fixed(try key.file(uid: "bind-agent")))
      case .pkcs1: .serviceKey(uid: "bind-agent", .fixed(key.pkcs1PEM))
      case .pkcs8: .serviceKey(uid: "bind-agent", .fixed(key.pkcs8PEM + "\n"))
      }
    }
  }

  @Test(arguments: Form.allCases) func overVerifiedTLS(form: Form) async throws {
    let key = try ServiceAccountKey.samples.get().0
    let authority = try await CertificateAuthority()
    let folder = try TemporaryFolder()
    let file = try folder.write("ca.crt", authority.pem)
    try await withReports(
      from: .init(
        masters: ["127.0.5.1", "127.0.5.2", "127.0.5.3"], authority: authority,
        accounts: accounts(key), guardsExhibitor: true),
      trust: .certificates(file: "\(file)"), credentials: form.credentials(key), scheme: .https
    ) { cluster, reports in
      #expect((try? agreement(among: reports))?.isUnanimous == true)
      #expect(reports.allSatisfy { (try? $0.members.get().source) == .exhibitor })
      #expect(await cluster.requests.filter { $0.path == Self.login }.count == 1)
    }
  }

  @Test func aWrongPasswordIsToldAndNotTriedAtEachMaster() async throws {
    let key = try ServiceAccountKey.samples.get().0
    try await withReports(
      from: .init(masters: ["127.0.5.4", "127.0.5.5"], accounts: accounts(key)),
      trust: .unverified, credentials: .password(uid: "alice", .fixed("wrong"))
    ) { cluster, reports in
      #expect(
        reports.map(\.idReason) == [.login(.refused(uid: "alice")), .login(.refused(uid: "alice"))])
      #expect(await cluster.requests.map(\.path) == [Self.login])
      #expect(reports[0].id.failureText?.contains(#"the login as "alice" was refused"#) == true)
    }
  }

  @Test(
    "a renewal that is refused while the token still holds → told in that round, and until a login succeeds"
  )
  func refusedRenewal() async throws {
    let accounts = Accounts(passwords: ["alice": "pw"])
    try await withCluster(.init(masters: ["127.0.5.30"], accounts: accounts)) { cluster in
      let clock = Mutex(Date.now.timeIntervalSince1970)
      let observer = try ClusterObserver(
        masters: [try MasterEndpoint("http://127.0.5.30:\(await cluster.httpPort)")],
        trust: .unverified, credentials: .password(uid: "alice", .fixed("pw")), limits: .init(),
        names: .shared, rhythm: .init(now: { clock.withLock(\.self) }, jitter: { 0.5 }))
      func round() async throws -> ObservationRound {
        let round = await observer.observe()
        #expect(throws: Never.self) { try Agreement.reached(in: round).get() }
        return round
      }
      #expect(try await round().refusedRenewal == nil)
      await cluster.setAccounts(Accounts(passwords: ["alice": "another"]))
      #expect(try await round().refusedRenewal == nil, "it is not due yet")
      // Four fifths of five days.
      clock.withLock { $0 += 4 * 86_400 + 60 }
      #expect(try await round().refusedRenewal == .refused(uid: "alice"))
      // In the pause after it as well.
      #expect(try await round().refusedRenewal == .refused(uid: "alice"))
      await cluster.setAccounts(accounts)
      clock.withLock { $0 += 60 }
      #expect(try await round().refusedRenewal == nil)
      try await observer.shutdown()
    }
  }

  @Test func anotherKeyIsRefused() async throws {
    try await withReports(
      from: .init(
        masters: ["127.0.5.6"], accounts: accounts(try ServiceAccountKey.samples.get().0)),
      trust: .unverified,
      credentials: .serviceAccount(
        .fixed(try ServiceAccountKey.samples.get().1.file(uid: "bind-agent")))
    ) { _, reports in
      #expect(reports[0].idReason == .login(.refused(uid: "bind-agent")))
    }
  }

  @Test func aMasterThatIsDownIsNoObstacle() async throws {
    try await withReports(
      from: .init(
        masters: ["127.0.5.7", "127.0.5.8", "127.0.5.9"],
        accounts: .init(passwords: ["alice": "pw"])),
      trust: .unverified, credentials: .password(uid: "alice", .fixed("pw")),
      prepare: { try await $0.fail("127.0.5.7", .unreachable) }
    ) { _, reports in
      #expect(throws: Never.self) { try agreed(among: reports).get() }
      #expect(reports[1].idReason == nil && reports[2].idReason == nil)
    }
  }

  @Test func tokensThatHoldNoMoreAreReplacedByOneLogin() async throws {
    try await withCluster(
      .init(
        masters: ["127.0.5.10", "127.0.5.11"], accounts: .init(passwords: ["alice": "pw"]),
        guardsExhibitor: true)
    ) { cluster in
      let observer = try ClusterObserver(
        masters: try await cluster.urls(.http).map { try MasterEndpoint($0) }, trust: .unverified,
        credentials: .password(uid: "alice", .fixed("pw")), limits: .generous())
      for round in 1...3 {
        #expect(try Agreement.reached(in: await observer.observe()).get().isUnanimous, "\(round)")
        if round == 2 { await cluster.invalidateTokens() }
      }
      #expect(await cluster.requests.filter { $0.path == Self.login }.count == 2)
      await cluster.invalidateTokens()
      let reports = await observer.observe().reports
      #expect(reports[0].idReason == .login(.tokenRefused(uid: "alice")), "a pause comes first")
      try await observer.shutdown()
    }
  }

  @Test func aTokenFileThatIsExchangedCounts() async throws {
    try await withCluster(.init(masters: ["127.0.5.12"], requiredToken: "one")) { cluster in
      let file = ChangingSecret("one\n")
      let observer = try ClusterObserver(
        masters: try await cluster.urls(.http).map { try MasterEndpoint($0) }, trust: .unverified,
        credentials: .token(file.source), limits: .generous())
      #expect(try Agreement.reached(in: await observer.observe()).get().isUnanimous)
      await cluster.requireToken("two")
      let refused = await observer.observe().reports
      #expect(
        refused[0].idReason
          == .login(.fileTokenRefused(file: "/etc/zonebridge/secret", ended: nil)))
      file.change(to: "two")
      #expect(try Agreement.reached(in: await observer.observe()).get().isUnanimous)
      try await observer.shutdown()
    }
  }

  @Test func nothingIsSentWhereNothingGuardsIt() async throws {
    try await withReports(
      from: .init(masters: ["127.0.5.13"], requiredToken: "secret-token"),
      credentials: .token(.fixed("secret-token"))
    ) { cluster, reports in
      #expect(reports[0].idReason == .login(.unguarded))
      #expect(await cluster.requests.isEmpty)
    }
  }

  @Test func aRedirectIsNotFollowedWithAToken() async throws {
    try await withReports(
      from: .init(masters: ["127.0.5.14"], accounts: .init(passwords: ["alice": "pw"])),
      trust: .unverified, credentials: .password(uid: "alice", .fixed("pw")),
      prepare: { try await $0.fail("127.0.5.14", .redirect) }
    ) { cluster, reports in
      #expect(await cluster.requests.allSatisfy { !$0.hasToken })
      guard case .login(.failed(.redirected(status: 307, _))) = reports[0].idReason else {
        Issue.record("\(reports[0])")
        return
      }
      #expect(await cluster.requests.map(\.path) == [Self.login])
    }
  }

  @Test func theForbiddenPathIsNamed() async throws {
    try await withReports(
      from: .init(masters: ["127.0.5.15"], accounts: .init(passwords: ["alice": "pw"])),
      trust: .unverified, credentials: .password(uid: "alice", .fixed("pw")),
      prepare: { try await $0.fail("127.0.5.15", .keyForbidden) }
    ) { _, reports in
      #expect(reports[0].idReason == .forbidden(.key))
      #expect(reports[0].membersReason == nil)
      guard case .failure(let disagreement) = agreed(among: reports) else {
        Issue.record("agreed")
        return
      }
      #expect(disagreement.description.contains("may not read /navstar/lashup/key"))
    }
  }

  @Test func aClusterWithoutALoginSaysSo() async throws {
    try await withReports(
      from: .init(masters: ["127.0.5.16"]), trust: .unverified,
      credentials: .password(uid: "alice", .fixed("pw"))
    ) { _, reports in
      #expect(reports[0].idReason == .login(.noLogin))
    }
  }

  private func accounts(_ key: ServiceAccountKey) -> Accounts {
    Accounts(
      passwords: ["alice": "correct horse"], serviceKeys: ["bind-agent": key.publicPEM])
  }
}

@Suite("A token and masters that one master names", .timeLimit(.minutes(2)))
struct StrangerTests {
  @Test("get it over verified TLS only", arguments: [true, false])
  func strangers(isVerified: Bool) async throws {
    let masters = ["127.0.5.31", "127.0.5.32", "127.0.5.33"]
    let authority = try await CertificateAuthority()
    try await withTemporaryFolder { folder in
      let file = try folder.write("ca.crt", authority.pem)
      try await withCluster(
        .init(masters: masters, authority: authority, requiredToken: "secret")
      ) { cluster in
        let first = await cluster.urls(.https)[0]
        let observer = try ClusterObserver(
          masters: [try MasterEndpoint(first)],
          trust: isVerified ? .certificates(file: "\(file)") : .unverified,
          credentials: .token(ChangingSecret("secret").source), limits: .generous())
        let round = await observer.observe()
        #expect(round.reports.count == 3)
        let asked = await cluster.requests.filter { $0.path == "/navstar/lashup/key" }
        #expect(Set(asked.map(\.master)) == Set(masters))
        let trusted = await cluster.requests.filter(\.hasToken).map(\.master)
        #expect(Set(trusted) == (isVerified ? Set(masters) : [masters[0]]))
        switch Agreement.reached(in: round) {
        case .success: #expect(isVerified)
        case .failure: #expect(!isVerified, "nobody else got the token")
        }
        // Those that were learned in agreement get it.
        let known = try await cluster.masters.map { try IPAddress($0) }
        let later = await observer.observe(known: known)
        #expect((try? Agreement.reached(in: later).get())?.isUnanimous == true)
        try await observer.shutdown()
      }
    }
  }
}
