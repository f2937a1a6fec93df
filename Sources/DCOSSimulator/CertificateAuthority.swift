import Crypto
import FoundationEssentials
import NIOSSL
import SwiftASN1
import X509

/// A certificate authority of a simulated cluster, kept in memory alone.
package struct CertificateAuthority: Sendable {
  /// What is the matter with the masters' certificates, if anything.
  package enum Issue: Sendable {
    case valid
    case expired
    /// For a host name that no master has.
    case wrongHost
    /// Expired, and for no host at all: the kind of certificate that DC/OS Open comes with.
    case nameless
  }

  /// A master's TLS, and the certificate that it shows.
  struct Server {
    let context: NIOSSLContext
    /// Its SHA-256 in the form of `openssl x509 -fingerprint -sha256`.
    let fingerprint: String
  }

  private let key: P256.Signing.PrivateKey
  private let certificate: Certificate

  /// The authority's own certificate, as an operator would give it to a client.
  package let pem: String

  package init() throws {
    key = P256.Signing.PrivateKey()
    let name = try Self.name("Simulated DC/OS CA")
    certificate = try Certificate(
      version: .v3,
      serialNumber: Certificate.SerialNumber(),
      publicKey: .init(key.publicKey),
      notValidBefore: Date.now.addingTimeInterval(-3600),
      notValidAfter: Date.now.addingTimeInterval(30 * 86400),
      issuer: name,
      subject: name,
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: Certificate.Extensions {
        Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
        Critical(KeyUsage(keyCertSign: true))
      },
      issuerPrivateKey: .init(key))
    pem = try certificate.serializeAsPEM().pemString + "\n"
  }

  /// What a master needs to serve HTTPS on an address, with a fresh certificate of this authority.
  func server(for address: String, issue: Issue) throws -> Server {
    let leafKey = P256.Signing.PrivateKey()
    let now = Date.now
    let leaf = try Certificate(
      version: .v3,
      serialNumber: Certificate.SerialNumber(),
      publicKey: .init(leafKey.publicKey),
      notValidBefore: now.addingTimeInterval(-2 * 86400),
      notValidAfter: now.addingTimeInterval(
        [.expired, .nameless].contains(issue) ? -86400 : 7 * 86400),
      issuer: certificate.subject,
      subject: try Self.name("master"),
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Certificate.Extensions {
        Critical(BasicConstraints.notCertificateAuthority)
        Critical(KeyUsage(digitalSignature: true))
        try ExtendedKeyUsage([.serverAuth])
        if issue != .nameless {
          SubjectAlternativeNames([try Self.alternativeName(for: address, issue: issue)])
        }
      },
      issuerPrivateKey: .init(key))
    var serializer = DER.Serializer()
    try serializer.serialize(leaf)
    let context = try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: [
          .certificate(try NIOSSLCertificate(bytes: serializer.serializedBytes, format: .der))
        ],
        privateKey: .privateKey(
          try NIOSSLPrivateKey(bytes: Array(leafKey.derRepresentation), format: .der))))
    let digits = SHA256.hash(data: serializer.serializedBytes)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    return Server(context: context, fingerprint: digits.joined(separator: ":"))
  }

  private static func alternativeName(for address: String, issue: Issue) throws -> GeneralName {
    guard issue != .wrongHost else {
      return .dnsName("master.example")
    }
    guard let bytes = AddressBytes.of(address) else {
      throw SimulatorError.notAnAddress(address)
    }
    return .ipAddress(ASN1OctetString(contentBytes: bytes[...]))
  }

  private static func name(_ commonName: String) throws -> DistinguishedName {
    try DistinguishedName { CommonName(commonName) }
  }
}
