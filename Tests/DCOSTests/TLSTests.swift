import DCOS
import DCOSSimulator
import Foundation
import TestSupport
import Testing

@Suite("Observing over HTTPS", .timeLimit(.minutes(2)))
struct TLSTests {
  @Test func aClusterIsSeenThroughItsOwnCA() async throws {
    let reports = try await reports(certificates: .valid)
    #expect(try agreement(among: reports).isUnanimous)
  }

  @Test(.enabled(if: hasIPv6Loopback, noIPv6Loopback))
  func aCertificateCoversAnIPv6Address() async throws {
    let reports = try await reports(certificates: .valid, masters: ["::1"])
    #expect(reports.map(\.master.host) == ["::1"])
    #expect(reports.map(\.idReason) == [nil])
  }

  @Test func anotherCAIsNotTrusted() async throws {
    let stranger = try await CertificateAuthority()
    let reports = try await reports(certificates: .valid, trusted: stranger)
    #expect(reports.map(\.idReason) == [.tls(.unknownAuthority), .tls(.unknownAuthority)])
    #expect(reports.map(\.membersReason) == [.tls(.unknownAuthority), .tls(.unknownAuthority)])
    #expect(reports[0].id.failureText?.contains("ca-certificate") == true)
  }

  @Test func theSystemsCAsDoNotKnowTheCluster() async throws {
    let reports = try await withReports(
      from: .init(masters: ["127.0.2.3"], authority: try await CertificateAuthority()),
      scheme: .https
    ) { $1 }
    #expect(reports[0].idReason == .tls(.unknownAuthority))
  }

  @Test func anExpiredCertificateIsToldWithItsDate() async throws {
    let reports = try await reports(certificates: .expired)
    for report in reports {
      guard case .tls(.expired(let date)) = report.idReason else {
        Issue.record("\(report.id)")
        continue
      }
      #expect(date.wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
      #expect(report.id.failureText?.contains("expired at \(date)") == true)
    }
  }

  @Test("a certificate is shown → its end is known, of an expired one too; plain HTTP → no end")
  func ends() async throws {
    let now = Int64(Date.now.timeIntervalSince1970)
    for report in try await reports(certificates: .valid) {
      let end = try #require(report.certificateEnd)
      #expect(now + 6 * 86_400 < end && end < now + 8 * 86_400)
    }
    for report in try await reports(certificates: .expired) {
      let end = try #require(report.certificateEnd)
      #expect(now - 3 * 86_400 < end && end < now)
    }
    let plain = try await withReports(from: .init(masters: ["127.0.2.11"]), scheme: .http) { $1 }
    #expect(plain.map(\.certificateEnd) == [nil])
  }

  @Test func aCertificateForAnotherHostIsToldAsSuch() async throws {
    let reports = try await reports(certificates: .wrongHost)
    #expect(reports.map(\.idReason) == [.tls(.wrongHost), .tls(.wrongHost)])
  }

  @Test func plainHTTPWhereTLSIsExpectedIsToldAsSuch() async throws {
    let reports = try await withReports(from: .init(masters: ["127.0.2.4"]), scheme: .https) { $1 }
    #expect(reports[0].idReason == .tls(.notTLS))
  }

  @Test func tlsWherePlainHTTPIsExpectedIsAFailure() async throws {
    let reports = try await withReports(
      from: .init(masters: ["127.0.2.5"], authority: try await CertificateAuthority()),
      scheme: .http
    ) { $1 }
    #expect(reports[0].idReason == .cutShort)
  }

  @Test(arguments: [CertificateAuthority.Issue.valid, .expired, .wrongHost, .nameless])
  func aPinnedCertificateIsTakenWhateverElseIsTheMatter(
    issue: CertificateAuthority.Issue
  ) async throws {
    let authority = try await CertificateAuthority()
    try await withCluster(
      .init(masters: ["127.0.2.6", "127.0.2.7"], authority: authority, certificates: issue)
    ) { cluster in
      let pins = try await cluster.fingerprints.map {
        try #require(CertificateFingerprint($0))
      }
      try #require(Set(pins).count == 2)
      let reports = try await observe(cluster, trust: .fingerprints(Set(pins)), scheme: .https)
      #expect(try agreement(among: reports).isUnanimous)
      let half = try await observe(cluster, trust: .fingerprints([pins[0]]), scheme: .https)
      #expect(half.map(\.idReason) == [nil, .tls(.foreignCertificate(pins[1]))])
      #expect(half[1].id.failureText?.contains(pins[1].description) == true)
    }
  }

  @Test func nothingIsSentToAnotherThanThePinnedCertificate() async throws {
    let authority = try await CertificateAuthority()
    try await withReports(
      from: .init(
        masters: ["127.0.2.8"], authority: authority, requiredToken: "t"),
      trust: .fingerprints([CertificateFingerprint(der: [])]),
      credentials: .token(.fixed("t")), scheme: .https
    ) { cluster, reports in
      guard case .tls(.foreignCertificate) = reports[0].idReason else {
        Issue.record("\(reports[0])")
        return
      }
      #expect(await cluster.requests.isEmpty)
    }
  }

  @Test func aPinIsOfNoUseWithoutTLS() async throws {
    try await withReports(
      from: .init(masters: ["127.0.2.9"]),
      trust: .fingerprints([CertificateFingerprint(der: [])])
    ) { cluster, reports in
      #expect(reports[0].idReason != nil)
      #expect(await cluster.requests.isEmpty)
    }
  }

  @Test(arguments: [CertificateAuthority.Issue.expired, .wrongHost])
  func whatIsNotVerifiedIsTakenAsItIs(issue: CertificateAuthority.Issue) async throws {
    let reports = try await withReports(
      from: .init(
        masters: ["127.0.2.10"], authority: try await CertificateAuthority(), certificates: issue),
      trust: .unverified, scheme: .https
    ) { $1 }
    #expect(try agreement(among: reports).isUnanimous)
  }

  @Test(
    "a server of TLS 1.1 or 1.0 alone → refused before anything is sent; of 1.2 or 1.3 → asked",
    arguments: ["tls1", "tls1_1", "tls1_2", "tls1_3"])
  func versions(version: String) async throws {
    let isTaken = ["tls1_2", "tls1_3"].contains(version)
    try await withTemporaryFolder { folder in
      let made = try await run(
        "openssl",
        arguments: [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=master", "-keyout", "key",
          "-out", "cert",
        ], workingDirectory: folder.path)
      try #require(made.status == 0, "\(made.standardError)")
      let port = try freePort()
      // Without a security level this OpenSSL would speak no TLS below 1.2 either.
      let server = try BackgroundProcess(
        "openssl",
        arguments: [
          "s_server", "-accept", "127.0.0.1:\(port)", "-key", "key", "-cert", "cert", "-www",
          "-\(version)", "-cipher", "ALL:@SECLEVEL=0",
        ], workingDirectory: folder.path, log: try folder.write("log", ""))
      try await eventually("openssl listens; \(server.output)") { server.output.contains("ACCEPT") }
      for trust in [Trust.unverified, .system] {
        let reports = try await observe(
          ["https://127.0.0.1:\(port)"], trust: trust, credentials: .token(.fixed("secret-token")))
        let reason = try #require(reports[0].idReason)
        switch (isTaken, trust) {
        case (true, .unverified): #expect(reason == .htmlPage)
        case (true, _): #expect(reason == .tls(.unknownAuthority))
        case (false, _):
          guard case .tls(.other) = reason else {
            Issue.record("\(reason)")
            continue
          }
          #expect("\(reason)".contains("TLS 1.2 or later"))
        }
      }
      try await server.kill()
    }
  }

  @Test("a certificate that is inspected → its end, the first of its chain; nobody there → none")
  func end() async throws {
    let authority = try await CertificateAuthority()
    try await withCluster(.init(masters: ["127.0.2.11"], authority: authority)) { cluster in
      let master = try MasterEndpoint(await cluster.urls(.https)[0])
      let end = try #require(await CertificateInspection.end(of: master))
      let now = Int64(Date.now.timeIntervalSince1970)
      #expect(end > now && end < now + 366 * 86_400)
      #expect(await cluster.requests.isEmpty, "nothing is asked for it")
    }
    try await withCluster(.init(masters: ["127.0.2.12"])) { cluster in
      let plain = try MasterEndpoint(await cluster.urls(.https)[0])
      #expect(await CertificateInspection.end(of: plain) == nil)
    }
    let silent = try RawServer(start: .onAccept) { _ in [.wait] }
    defer { silent.stop() }
    let start = ContinuousClock.now
    let host = try MasterEndpoint(silent.url("https"))
    #expect(await CertificateInspection.end(of: host, within: .milliseconds(300)) == nil)
    #expect(ContinuousClock.now - start < .seconds(30))
  }

  @Test func aFingerprintIsReadWithAndWithoutColons() throws {
    let digits = String(repeating: "0aF1", count: 16)
    let plain = try #require(CertificateFingerprint(digits))
    let colons = plain.description
    #expect(colons.hasPrefix("0A:F1:0A:F1:") && colons.count == 95)
    #expect(CertificateFingerprint(colons) == plain)
    for text in [
      "", String(digits.dropLast()), digits + "0", "+1" + digits.dropFirst(2),
      "x" + digits.dropFirst(), "0:" + digits.dropFirst(), colons + ":", ":" + colons,
    ] {
      #expect(CertificateFingerprint(text) == nil, "\(text)")
    }
  }

  @Test func aFileWithoutACertificateIsRefusedAtOnce() throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write("empty.crt", "")
    let text = try folder.write("text.crt", "not a certificate\n")
    for path in [empty, text] {
      let error = #expect(throws: TrustError.self) {
        _ = try ClusterObserver(masters: [], trust: .certificates(file: "\(path)"))
      }
      #expect(error?.problem == .noCertificate)
      #expect(error?.description.contains("\(path)") == true)
    }
    let missing = "\(folder.path)/missing.crt"
    let error = #expect(throws: TrustError.self) {
      _ = try ClusterObserver(masters: [], trust: .certificates(file: missing))
    }
    #expect(error?.problem == .unreadable("No such file or directory"))
  }

  private func reports(
    certificates: CertificateAuthority.Issue, trusted: CertificateAuthority? = nil,
    masters: [String] = ["127.0.2.1", "127.0.2.2"]
  ) async throws -> [MasterReport] {
    let authority = try await CertificateAuthority()
    let folder = try TemporaryFolder()
    let file = try folder.write("ca.crt", (trusted ?? authority).pem)
    return try await withReports(
      from: .init(
        masters: masters, authority: authority, certificates: certificates),
      trust: .certificates(file: "\(file)"), scheme: .https
    ) { $1 }
  }
}
