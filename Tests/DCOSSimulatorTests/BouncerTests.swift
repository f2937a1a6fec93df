import Foundation
import NIOHTTP1
import Testing

@testable import DCOSSimulator

@Suite("The login, as captured", .timeLimit(.minutes(3)))
struct BouncerTests {
  private static let master = "127.0.4.10"
  private static let key = "/navstar/lashup/key"

  @Test(arguments: [
    ("login-password-401", #"{"uid":"alice","password":"wrong"}"#),
    ("login-password-401", #"{"uid":"nobody","password":"pw"}"#),
    ("login-password-401", #"{"uid":"alice","token":"a.b.c"}"#),
    ("login-service-expired-401", #"{"uid":"bind-agent","token":"a.b.c"}"#),
    ("login-service-expired-401", #"{"uid":"bind-agent","password":"pw"}"#),
    ("login-400", #"{"uid":"alice"}"#),
    ("login-400", #"{"uid":"alice","password":"pw","token":"a.b.c"}"#),
    ("login-400-badjson", "{uid"),
  ])
  func aRefusalIsWhatTheRealOneSaid(file: String, body: String) async throws {
    let expected = try HTTPAnswer(captured: "bouncer/\(file).http")
    let answer = try await post(body)
    #expect(answer.statusLine == expected.statusLine)
    for name in ["Content-Type", "WWW-Authenticate", "Vary"] {
      #expect(answer.header(name) == expected.header(name))
    }
    // The words of a decoder are its own.
    let end = #"Cannot decode JSON body: "#
    #expect(
      answer.text.split(separator: end).first == expected.text.split(separator: end).first)
  }

  @Test func anotherContentTypeIsABadRequest() async throws {
    let answer = try await post(
      #"{"uid":"alice","password":"pw"}"#, contentType: "application/x-www-form-urlencoded")
    #expect(answer.statusLine == "HTTP/1.1 400 Bad Request")
    #expect(answer.text.contains("Request has bad Content-Type or lacks JSON data"))
  }

  @Test func aTokenIsGivenAsTheRealOneGivesIt() async throws {
    let expected = try HTTPAnswer(captured: "bouncer/login-password-200.http")
    let answer = try await post(#"{"uid":"alice","password":"pw"}"#)
    #expect(answer.statusLine == expected.statusLine)
    #expect(answer.header("Content-Type") == expected.header("Content-Type"))
    let (one, other) = try (token(in: answer), token(in: expected))
    #expect(
      answer.text.replacing(one, with: "TOKEN") == expected.text.replacing(other, with: "TOKEN"))
    #expect(
      answer.header("set-cookie")?.replacing(one, with: "TOKEN")
        == expected.header("set-cookie")?.replacing(other, with: "TOKEN"))
    #expect(one.split(separator: ".").count == 3)
  }

  @Test func theTokenOpensTheKeyUntilItIsForgotten() async throws {
    try await withCluster(
      .init(masters: [Self.master], accounts: .init(passwords: ["alice": "pw"]))
    ) { cluster in
      let answer = try await cluster.post(
        Bouncer.path, to: Self.master, #"{"uid":"alice","password":"pw"}"#)
      let header = "token=\(try token(in: answer))"
      func status(_ authorization: String?) async throws -> String {
        try await cluster.get(Self.key, from: Self.master, authorization: authorization).statusLine
      }
      #expect(try await status(header) == "HTTP/1.1 200 OK")
      #expect(try await status(nil) == "HTTP/1.1 401 Unauthorized")
      #expect(try await status("Bearer x") == "HTTP/1.1 401 Unauthorized")
      await cluster.invalidateTokens()
      #expect(try await status(header) == "HTTP/1.1 401 Unauthorized")
    }
  }

  @Test func aTokenEndsWhenItsLifeIsOver() throws {
    var bouncer = Bouncer(accounts: .init(passwords: ["alice": "pw"], tokenLife: 100))
    let now = Date.now.timeIntervalSince1970
    #expect(bouncer.answer(.login(#"{"uid":"alice","password":"pw"}"#)).status == 200)
    let token = try #require(bouncer.tokens.first)[...]
    #expect(bouncer.holds(token, at: now + 99))
    #expect(!bouncer.holds(token, at: now + 1000))
  }

  @Test func aStrictClusterGuardsExhibitorToo() async throws {
    let path = "/exhibitor/exhibitor/v1/cluster/status"
    for (isStrict, status) in [(false, "200 OK"), (true, "401 Unauthorized")] {
      try await withCluster(
        .init(masters: [Self.master], requiredToken: "t", guardsExhibitor: isStrict)
      ) { cluster in
        let answer = try await cluster.get(path, from: Self.master)
        #expect(answer.statusLine == "HTTP/1.1 \(status)")
      }
    }
  }

  @Test func aProofCountsForItsAccountItsKeyAndItsTime() throws {
    let key = try ServiceAccountKey.samples.get().0
    let other = try ServiceAccountKey.samples.get().1
    var bouncer = Bouncer(
      accounts: .init(serviceKeys: ["a": key.publicPEM, "b": other.publicPEM]))
    let now = Date.now.timeIntervalSince1970
    let proof = try key.proof(uid: "a", exp: now + 60)
    #expect(bouncer.status(of: "a", proof) == 200)
    #expect(bouncer.status(of: "b", proof) == 401)
    #expect(bouncer.status(of: "b", try key.proof(uid: "b", exp: now + 60)) == 401)
    #expect(bouncer.status(of: "a", try key.proof(uid: "b", exp: now + 60)) == 401)
    #expect(bouncer.status(of: "a", try key.proof(uid: "a", exp: now - 1)) == 401)
  }

  private func post(
    _ body: String, contentType: String = "application/json"
  ) async throws -> HTTPAnswer {
    try await withCluster(
      .init(
        masters: [Self.master],
        accounts: .init(
          passwords: ["alice": "pw"],
          serviceKeys: ["bind-agent": try ServiceAccountKey.samples.get().0.publicPEM]))
    ) { try await $0.post(Bouncer.path, to: Self.master, contentType: contentType, body) }
  }

  private func token(in answer: HTTPAnswer) throws -> String {
    struct Body: Decodable { let token: String }
    return try JSONDecoder().decode(Body.self, from: Data(answer.body)).token
  }
}

extension Bouncer {
  fileprivate mutating func status(of uid: String, _ proof: String) -> Int {
    answer(.login(#"{"uid":"\#(uid)","token":"\#(proof)"}"#)).status
  }
}

extension HTTPListener.Request {
  fileprivate static func login(_ body: String) -> Self {
    var request = Self(
      .init(
        version: .http1_1, method: .POST, uri: Bouncer.path,
        headers: ["Content-Type": "application/json"]))
    request.body = Array(body.utf8)
    return request
  }
}

extension ServiceAccountKey {
  fileprivate func proof(uid: String, exp: Double) throws -> String {
    let claims = SignedToken.Claims(uid: uid, exp: exp)
    return try #require(SignedToken.text(claims, signedBy: try signingKey))
  }
}
