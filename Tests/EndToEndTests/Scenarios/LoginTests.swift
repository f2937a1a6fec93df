import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

@Suite("A cluster that wants a login, with a real named", .serialized, .timeLimit(.minutes(10)))
struct LoginTests {
  private static let name = "web.marathon.cluster.contoso.com"
  private static let password = "correct-horse-battery-staple"

  @Test("a service account over HTTPS → served, and no secret in any file or output")
  func serviceAccount() async throws {
    let key = try ServiceAccountKey.samples.get().0
    let authority = try await CertificateAuthority()
    try await withHost(
      authority: authority,
      cluster: {
        $0.accounts = Accounts(serviceKeys: ["bind-agent": key.publicPEM])
        $0.guardsExhibitor = true
      }
    ) { host in
      try host.named.folder.write("ca.crt", authority.pem)
      try host.write("prod.json", try key.file(uid: "bind-agent"))
      try await host.configure(
        cluster: ["ca-certificate: ca.crt", "service-account: prod.json"], scheme: "https")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardError.isEmpty)
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
      #expect(try await host.zonebridge("--once", "--json").standardError.isEmpty)
      let secrets =
        await host.cluster.issuedTokens + key.pkcs1PEM.split(separator: "\n").map(String.init)
      #expect(secrets.count > 10)
      try host.expectNone(of: secrets, besides: ["prod.json"])
      for text in [result.standardOutput, result.standardError] {
        #expect(!secrets.contains { text.contains($0) })
      }
    }
  }

  @Test("a password, and a pin of an expired certificate → served; another pin, nothing is sent")
  func password()
    async throws
  {
    try await withHost(
      authority: try await CertificateAuthority(),
      cluster: {
        $0.accounts = Accounts(passwords: ["alice": Self.password])
        $0.certificates = .nameless
      }
    ) { host in
      let pins = await host.cluster.fingerprints.map { "\"\($0)\"" }
      try host.write("pw", Self.password + "\n")
      func configure(_ pins: [String]) async throws {
        try await host.configure(
          cluster: [
            "certificate-sha256: [\(pins.joined(separator: ", "))]", "uid: alice",
            "password-file: pw",
          ], scheme: "https")
      }
      let files = try host.files()
      try await configure([String(repeating: "00", count: 32)].map { "\"\($0)\"" })
      let foreign = try await host.zonebridge("--once")
      #expect(foreign.status == 1)
      #expect(foreign.standardError.contains(pins[0].dropFirst().dropLast()))
      #expect(await host.cluster.requests.isEmpty)
      #expect(try host.files() == files)

      try host.write("pw", "wrong")
      try await configure(pins)
      let refused = try await host.zonebridge("--once")
      #expect(refused.status == 1)
      #expect(refused.standardError.contains(#"the login as "alice" was refused"#))
      #expect(try host.files() == files)

      try host.write("pw", Self.password + "\n")
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(try await host.answer(Self.name).last == "10.0.0.80")
      try host.expectNone(
        of: [Self.password] + (await host.cluster.issuedTokens), besides: ["pw"])
    }
  }

  @Test("a token file replaced while the agent runs → the failure is logged, then it goes on")
  func tokenFile() async throws {
    try await withHost(cluster: { $0.requiredToken = "first-token-of-the-test" }) { host in
      try host.write("token", "first-token-of-the-test\n")
      try await host.configure(cluster: ["token-file: token", "insecure: true"])
      let agent = try host.start()
      try await eventually("the name is served; its log: \(agent.output)") {
        try await host.answer(Self.name).last == "10.0.0.80"
      }
      await host.cluster.requireToken("second-token-of-the-test")
      try await eventually("the agent tells it; its log: \(agent.output)") {
        agent.output.contains("/token was refused")
      }
      try host.write("token", "second-token-of-the-test\n")
      try await eventually("the agent goes on; its log: \(agent.output)") {
        agent.output.contains(": resolved")
      }
      #expect(try await agent.stop() == 0, "\(agent.output)")
      let warnings = agent.output.split(separator: "\n").filter { $0.contains("is insecure") }
      #expect(warnings.count == 1, "once at the start: \(agent.output)")
      try host.expectNone(
        of: ["first-token-of-the-test", "second-token-of-the-test"], besides: ["token"])
    }
  }

  @Test("a token over http:// without insecure → 78, and nothing is sent")
  func plainHTTP() async throws {
    try await withHost(cluster: { $0.requiredToken = "t" }) { host in
      try host.write("token", "t")
      try await host.configure(cluster: ["token-file: token"])
      let files = try host.files()
      let refused = try await host.zonebridge("--once")
      #expect(refused.status == 78)
      #expect(refused.standardError.contains("zonebridge.yaml:10: clusters[0].masters[0]: "))
      #expect(refused.standardError.contains("Write https://, or insecure: true"))
      #expect(await host.cluster.requests.isEmpty)
      #expect(try host.files() == files)

      try await host.configure(cluster: ["token-file: token", "insecure: true"])
      let result = try await host.zonebridge("--once")
      #expect(result.status == 0, "\(result.standardError)")
      #expect(result.standardError.contains("warning: cluster prod is insecure: "))
      let validated = try await host.zonebridge("validate")
      #expect(validated.standardError.contains("warning: cluster prod is insecure: "))
      // Who asks for something else has heard it.
      let diff = try await host.zonebridge("diff")
      #expect(diff.status == 0 && !diff.standardError.contains("is insecure"), "\(diff)")
    }
  }

  @Test("a token that others may read → 1, nothing is sent; among systemd's credentials → served")
  func files() async throws {
    try await withHost(cluster: { $0.requiredToken = "t" }) { host in
      let file = try host.named.folder.write(
        "token", Array("t".utf8), mode: [.ownerReadWrite, .groupRead])
      try await host.configure(cluster: ["token-file: token", "insecure: true"])
      let refused = try await host.zonebridge("--once")
      #expect(refused.status == 1)
      #expect(refused.standardError.contains("mode is 0640"))
      #expect(refused.standardError.contains("chmod 600 \(file)"))
      #expect(await host.cluster.requests.isEmpty)

      let directory = host.named.folder.path.appending("credentials")
      try host.named.folder.write(
        "credentials/token", Array("t\n".utf8), mode: [.ownerRead, .groupRead])
      let result = try await host.zonebridge(
        "--once", environment: ["CREDENTIALS_DIRECTORY": directory.string])
      #expect(result.status == 0, "\(result.standardError)")
    }
  }
}

extension Host {
  /// Writes a file that its owner alone may read.
  fileprivate func write(_ name: String, _ text: String) throws {
    try named.folder.write(name, Array(text.utf8), mode: .ownerReadWrite)
  }
}
