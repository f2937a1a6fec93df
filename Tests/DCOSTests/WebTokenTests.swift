import DCOSSimulator
import Foundation
import Testing

@testable import DCOS

@Suite("Web tokens", .timeLimit(.minutes(3)))
struct WebTokenTests {
  @Test func aServiceAccountSignsWhatDCOSWants() throws {
    let account = try ServiceAccount(
      json: Secret(try ServiceAccountKey.samples.get().0.file(uid: "bind/agent \"1\"")))
    let proof = try #require(WebToken.signed(for: account, at: 1_795_000_000.7)).exposed
    let parts = try proof.split(separator: ".").map { try #require(Base64URL.data(in: $0)) }
    try #require(parts.count == 3)
    #expect(String(decoding: parts[0], as: UTF8.self) == #"{"alg":"RS256","typ":"JWT"}"#)
    #expect(
      String(decoding: parts[1], as: UTF8.self) == #"{"exp":1795000300,"uid":"bind/agent \"1\""}"#)
    #expect(parts[2].count == 256)
    #expect(!proof.contains("="))
  }

  @Test func theEndOfARealTokenIsRead() throws {
    let token = try LoginAnswer.token(
      in: Fixture("login-service-200.json").bytes, obtained: 1_795_366_800)
    #expect(token.expiry == 1_795_530_957)
    #expect(token.renewal.map { Int($0) } == 1_795_498_125)
    #expect(token.isValid(at: 1_795_530_956) && !token.isValid(at: 1_795_530_957))
  }

  @Test(arguments: ["", "a", "a.b", "a.b.c", "a.e30.c", "a.bnVsbA.c", "a.e30.c.d"])
  func aTokenThatTellsNoEndHasNone(text: String) {
    #expect(WebToken.expiry(in: text) == nil)
  }

  @Test(arguments: 0...9) func base64IsReadAsItIsWritten(count: Int) {
    let data = Data((0..<count).map { UInt8(255 - $0 * 7) })
    #expect(Base64URL.data(in: Base64URL.text(of: data)) == data)
  }

  @Test func anUnknownSchemeIsRefused() throws {
    let file = try ServiceAccountKey.samples.get().0.file(uid: "a").replacing(
      "RS256", with: "HS256")
    #expect(throws: SecretError.Problem.foreignScheme) { try ServiceAccount(json: Secret(file)) }
  }

  @Test(arguments: [
    "[]", #"{"uid":"","private_key":""}"#, #"{"uid":"a"}"#, #"{"private_key":"x"}"#,
    "-----BEGIN RSA PRIVATE KEY-----",
  ])
  func whatIsNoServiceAccountIsToldAsSuch(text: String) {
    #expect(throws: SecretError.Problem.noServiceAccount) {
      try ServiceAccount(json: Secret(text))
    }
  }
}
