import TestSupport
import Testing

@testable import DCOS

@Suite("Private keys as openssl makes them", .timeLimit(.minutes(3)))
struct PrivateKeyTests {
  @Test(arguments: [
    ["genrsa", "-traditional", "2048"], ["genrsa", "3072"],
    ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  ])
  func bothFormsAreRead(command: [String]) async throws {
    let pem = try await run("openssl", arguments: command).standardOutput
    for text in [pem, pem + "\n", "\n" + pem, pem.replacing("\n", with: "\r\n")] {
      let account = try ServiceAccount(uid: "a", pem: text)
      #expect(WebToken.signed(for: account, at: 0) != nil)
    }
  }

  /// None may ask for a passphrase either, which would wait for ever.
  @Test(arguments: [
    ["genrsa", "1024"], ["ecparam", "-genkey", "-name", "prime256v1"],
    ["genrsa", "-traditional", "-aes256", "-passout", "pass:x", "2048"],
    ["genrsa", "-aes256", "-passout", "pass:x", "2048"],
  ])
  func whatDoesNotSignIsToldAsSuch(command: [String]) async throws {
    let pem = try await run("openssl", arguments: command).standardOutput
    try #require(pem.contains("PRIVATE KEY-----"))
    #expect(throws: SecretError.Problem.noKey) { try ServiceAccount(uid: "a", pem: pem) }
  }
}
