import DCOSSimulator
import Testing

@testable import DCOS

/// Neither tokens, passwords, keys nor proofs are to be found in anything that can be printed.
@Suite("The credentials' secrets", .timeLimit(.minutes(3)))
struct CredentialSecrecyTests {
  private static let password = "correct-horse-battery-staple"
  private static let token = "eyJhbGciOiJSUzI1NiJ9.eyJ1aWQiOiJ4In0.c2lnbmF0dXJlLW9mLXRva2Vu"

  @Test func aSecretPrintsAsDots() {
    let secret = Secret(Self.password)
    expectSilence(of: Self.password, about: secret)
    expectSilence(of: Self.password, about: [secret: [secret]])
    expectSilence(of: Self.password, about: Optional(secret) as Any)
    #expect("\(secret)" == "…" && secret.exposed == Self.password)
  }

  @Test func theValuesOnTheWayPrintAsDots() throws {
    let key = try ServiceAccountKey.samples.get().0
    let file = try key.file(uid: "agent")
    let account = try ServiceAccount(json: Secret(file))
    let proof = try #require(WebToken.signed(for: account, at: 1_000_000))
    let body = try LoginRequest(account, at: 1_000_000)
    let token = try #require(Token(Self.token, obtained: 0))
    var state = TokenState()
    state.received(token, uid: "agent", afterRefusal: true, jitter: 0)
    let lines = key.pkcs1PEM.split(separator: "\n").dropFirst().dropLast().map(String.init)
    for secret in lines + [proof.exposed, Self.token] {
      expectSilence(of: secret, about: account)
      expectSilence(of: secret, about: proof)
      expectSilence(of: secret, about: body)
      expectSilence(of: secret, about: token)
      expectSilence(of: secret, about: state)
      expectSilence(of: secret, about: TokenState.Step.use(token))
    }
    expectSilence(
      of: Self.password, about: try LoginRequest(uid: "a", password: Secret(Self.password)))
  }

  @Test(
    arguments: [
      nil, .http(401), .http(403), .http(404), .http(500), .htmlPage, .truncatedJSON, .cutShort,
      .hugeBody(2 << 20), .redirect, .keyForbidden, .notAnID,
    ] as [Failure?])
  func noReportHoldsThePassword(_ failure: Failure?) async throws {
    try await withReports(
      from: .init(
        masters: ["127.0.6.1"], accounts: .init(passwords: ["alice": Self.password]),
        guardsExhibitor: true),
      trust: .unverified, credentials: .password(uid: "alice", .fixed(Self.password)),
      prepare: { if let failure { try await $0.fail("127.0.6.1", failure) } }
    ) { cluster, reports in
      #expect(await cluster.requests.contains { $0.path == "/acs/api/v1/auth/login" })
      expectSilence(of: Self.password, about: reports)
      expectSilence(of: Self.password, about: agreed(among: reports))
      for token in await cluster.issuedTokens { expectSilence(of: token, about: reports) }
    }
  }

  @Test(arguments: [nil, .http(401), .http(403), .http(500), .redirect] as [Failure?])
  func noReportHoldsAGivenToken(_ failure: Failure?) async throws {
    try await withReports(
      from: .init(masters: ["127.0.6.2"], requiredToken: failure == nil ? Self.token : "x"),
      trust: .unverified, credentials: .token(.fixed(Self.token)),
      prepare: { if let failure { try await $0.fail("127.0.6.2", failure) } }
    ) { _, reports in
      expectSilence(of: Self.token, about: reports)
      expectSilence(of: Self.token, about: agreed(among: reports))
    }
  }

  /// Files in which the secret stands where a decoder's or a parser's error would quote it.
  @Test(arguments: [
    #"{"uid":"a","private_key":"SECRET"}"#, #"{"uid":"a","private_key":["SECRET"]}"#,
    #"{"uid":"a","private_key":"SECRET""#, #"{"uid":"a","private_key":SECRET}"#,
    #"{"uid":"a","private_key":"SECRET","scheme":"HS256"}"#, "SECRET", #""SECRET""#,
    "-----BEGIN RSA PRIVATE KEY-----\nSECRET\n-----END RSA PRIVATE KEY-----\n",
  ])
  func noErrorAboutAFileHoldsIt(template: String) throws {
    let text = template.replacing("SECRET", with: Self.password)
    let json = #expect(throws: SecretError.Problem.self) {
      try ServiceAccount(json: Secret(text))
    }
    let pem = #expect(throws: SecretError.Problem.self) {
      try ServiceAccount(uid: "a", pem: text)
    }
    for problem in [json, pem] {
      let error = SecretError(name: "/f", problem: try #require(problem))
      expectSilence(of: Self.password, about: error)
      expectSilence(of: Self.password, about: LoginError.secret(error))
    }
  }

  /// Answers of a master in which it stands.
  @Test(arguments: [
    #"{"token":"SECRET,"}"#, #"{"token":["SECRET"]}"#, #"{"token":"SECRET""#, #"{"SECRET":1}"#,
    "SECRET",
  ])
  func noErrorAboutAnAnswerHoldsIt(template: String) throws {
    let text = template.replacing("SECRET", with: Self.token)
    let reason = try #require(throws: ObservationError.Reason.self) {
      try LoginAnswer.token(in: Array(text.utf8), obtained: 0)
    }
    expectSilence(of: Self.token, about: reason)
  }
}
