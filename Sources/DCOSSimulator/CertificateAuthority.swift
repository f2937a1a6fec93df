import Crypto
import FoundationEssentials
import NIOCore
import NIOSSL

/// A certificate authority of a simulated cluster; it keeps its key in memory between certificates.
package struct CertificateAuthority: Sendable {
  /// The defects that the masters' certificates may have.
  package enum Issue: Sendable {
    case valid
    case expired
    /// Issued for a host name that no master has.
    case wrongHost
    /// Expired and without any host name: the kind of certificate that DC/OS Open comes with.
    case nameless
  }

  /// A master's TLS context, and the fingerprint of its certificate.
  struct Server {
    let context: NIOSSLContext
    /// The certificate's SHA-256 as printed by `openssl x509 -fingerprint -sha256`.
    let fingerprint: String
  }

  private let key: String

  /// The authority's own certificate, as an operator would give it to a client.
  package let pem: String

  package init() async throws {
    let openssl = try OpenSSL()
    try openssl.write(
      "authority.conf",
      """
      [req]
      prompt = no
      distinguished_name = subject
      x509_extensions = extensions
      [subject]
      CN = Simulated DC/OS CA
      [extensions]
      basicConstraints = critical, CA:TRUE, pathlen:0
      keyUsage = critical, keyCertSign

      """)
    try await openssl.run(
      "req", "-config", "authority.conf", "-x509", "-days", "30", "-newkey", "ec",
      "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.crt")
    key = try openssl.text("ca.key")
    pem = try openssl.text("ca.crt")
  }

  /// Issues a fresh certificate for a master at an address, for serving HTTPS.
  ///
  /// The master also sends the certificates in `others` after its own.
  func server(
    for address: String, issue: Issue, showing others: [NIOSSLCertificate] = []
  ) async throws -> Server {
    let openssl = try OpenSSL()
    try openssl.write("ca.key", key)
    try openssl.write("ca.crt", pem)
    try openssl.write("index.txt", "")
    try openssl.write("master.conf", try Self.configuration(for: address, issue: issue))
    try await openssl.run(
      "req", "-config", "master.conf", "-new", "-newkey", "ec",
      "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "master.key",
      "-out", "master.csr")
    // Of the openssl commands that sign, only `ca` accepts both dates in all versions. The end is an hour short of
    // whole days, so that the number of days left does not depend on the second of a check.
    let end = [.expired, .nameless].contains(issue) ? -24 : 7 * 24 - 1
    try await openssl.run(
      "ca", "-config", "master.conf", "-batch", "-notext", "-in", "master.csr",
      "-startdate", Self.time(inHours: -48), "-enddate", Self.time(inHours: end),
      "-out", "master.crt")

    let certificate = try NIOSSLCertificate(
      bytes: Array(try openssl.text("master.crt").utf8), format: .pem)
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: ([certificate] + others).map { .certificate($0) },
        privateKey: .privateKey(
          try NIOSSLPrivateKey(bytes: Array(try openssl.text("master.key").utf8), format: .pem))))
    let digits = SHA256.hash(data: try certificate.toDERBytes())
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    return Server(context: context, fingerprint: digits.joined(separator: ":"))
  }

  /// The openssl configuration for a master's certificate.
  private static func configuration(for address: String, issue: Issue) throws -> String {
    // The address goes into openssl's file unescaped.
    guard (try? SocketAddress(ipAddress: address, port: 0)) != nil else {
      throw SimulatorError.notAnAddress(address)
    }
    let names =
      switch issue {
      case .valid, .expired: "subjectAltName = IP:\(address)"
      case .wrongHost: "subjectAltName = DNS:master.example"
      case .nameless: ""
      }
    return """
      [req]
      prompt = no
      distinguished_name = subject
      [subject]
      CN = master
      [ca]
      default_ca = authority
      [authority]
      certificate = ca.crt
      private_key = ca.key
      database = index.txt
      new_certs_dir = .
      rand_serial = yes
      default_md = sha256
      policy = policy
      x509_extensions = extensions
      [policy]
      commonName = supplied
      [extensions]
      basicConstraints = critical, CA:FALSE
      keyUsage = critical, digitalSignature
      extendedKeyUsage = serverAuth
      \(names)

      """
  }

  /// A time relative to now in the format that openssl expects, such as 20261129120000Z.
  private static func time(inHours hours: Int) -> String {
    Date.now.addingTimeInterval(Double(hours) * 3600)
      .formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
      .replacing("T", with: "")
  }
}
