import DCOSSimulator
import SystemPackage
import TestSupport
import Testing

/// curl and openssl share no code with the masters' TLS, nor with the agent's.
@Suite("The simulator's certificates, judged by curl and openssl", .timeLimit(.minutes(5)))
struct CertificateTests {
  private static let master = "127.0.4.20"

  /// An HTTPS master → what curl makes of it with the cluster's CA; 60 is a certificate that does not hold.
  @Test(
    "a certificate of each kind → taken by curl, or refused for its reason alone",
    arguments: [
      (CertificateAuthority.Issue.valid, Int32(0), ""),
      (.expired, 60, "certificate has expired"),
      (.wrongHost, 60, "no alternative certificate subject name matches"),
      (.nameless, 60, "certificate has expired"),
    ])
  func curlJudges(issue: CertificateAuthority.Issue, status: Int32, reason: String) async throws {
    try await withCertificates(issue) { cluster, ca in
      let result = try await curl(
        ["--cacert", ca, "https://\(Self.master):\(cluster.httpPort)/navstar/lashup/key"],
        limit: .seconds(30))
      #expect(result.status == status)
      #expect(result.standardError.contains(reason))
      #expect(result.standardOutput.contains("zbase32_public_key") == (status == 0))
    }
  }

  @Test("another authority's certificate, or the system's alone → the master is not believed")
  func strangers() async throws {
    try await withCertificates(.valid) { cluster, _ in
      let folder = try TemporaryFolder()
      let stranger = try folder.write("ca.crt", try await CertificateAuthority().pem)
      for options in [["--cacert", stranger.string], []] {
        let result = try await curl(
          options + ["https://\(Self.master):\(cluster.httpPort)/"], limit: .seconds(30))
        #expect(result.status == 60, "\(result.standardError)")
      }
    }
  }

  @Test(
    "a master's certificate as it is shown → key, names, dates and fingerprint as they are told")
  func opensslReads() async throws {
    for (issue, names) in [
      (CertificateAuthority.Issue.valid, "IP Address:127.0.4.20"),
      (.wrongHost, "DNS:master.example"),
      (.nameless, nil),
    ] {
      try await withCertificates(issue) { cluster, _ in
        let shown = try await run(
          "openssl",
          arguments: ["s_client", "-connect", "\(Self.master):\(cluster.httpPort)", "-showcerts"])
        let read = try await run(
          "openssl",
          arguments: ["x509", "-noout", "-text", "-fingerprint", "-sha256"],
          input: shown.standardOutput)
        let text = read.standardOutput
        let fingerprint = try #require(await cluster.fingerprints.first)
        #expect(text.contains("Fingerprint=\(fingerprint)\n"))
        #expect(text.contains("Issuer: CN = Simulated DC/OS CA\n"))
        #expect(text.contains("Subject: CN = master\n"))
        #expect(text.contains("ASN1 OID: prime256v1"))
        #expect(text.contains("CA:FALSE") && text.contains("TLS Web Server Authentication"))
        #expect(text.contains("Subject Alternative Name") == (names != nil))
        if let names { #expect(text.contains("\(names)\n")) }
      }
    }
  }

  @Test("a new authority or a new start → another key and certificate each time")
  func freshKeys() async throws {
    let (one, other) = (try await CertificateAuthority(), try await CertificateAuthority())
    #expect(one.pem != other.pem)
    #expect(!one.pem.contains("PRIVATE KEY"))
    var prints: [String] = []
    for _ in 0..<2 {
      try await withCluster(.init(masters: [Self.master, "127.0.4.21"], authority: one)) {
        prints += await $0.fingerprints
      }
    }
    #expect(Set(prints).count == 4)
  }

  @Test("an address that is none → refused before openssl reads it")
  func noAddress() async throws {
    let authority = try await CertificateAuthority()
    let cluster = SimulatedCluster(
      .init(masters: ["127.0.4.22\nkeyUsage = keyCertSign"], authority: authority))
    await #expect(throws: SimulatorError.notAnAddress("127.0.4.22\nkeyUsage = keyCertSign")) {
      try await cluster.start()
    }
  }

  private func withCertificates(
    _ issue: CertificateAuthority.Issue, _ body: (SimulatedCluster, String) async throws -> Void
  ) async throws {
    let authority = try await CertificateAuthority()
    let folder = try TemporaryFolder()
    let file = try folder.write("ca.crt", authority.pem)
    try await withCluster(
      .init(masters: [Self.master], authority: authority, certificates: issue)
    ) { try await body($0, file.string) }
  }
}
