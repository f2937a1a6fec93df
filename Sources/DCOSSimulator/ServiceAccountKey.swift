import CryptoExtras
import FoundationEssentials

/// The key pair of a service account, in the formats that operators use.
package struct ServiceAccountKey: Sendable {
  /// Two different key pairs, generated once per process.
  ///
  /// Generating one takes seconds of CPU time if BoringSSL was compiled without optimization.
  package static let samples = Result { (try ServiceAccountKey(), try ServiceAccountKey()) }

  package let pkcs1PEM: String
  package let pkcs8PEM: String
  package let publicPEM: String

  /// The private key.
  var signingKey: _RSA.Signing.PrivateKey {
    get throws { try _RSA.Signing.PrivateKey(pemRepresentation: pkcs1PEM) }
  }

  /// Generates a new key pair.
  package init() throws {
    let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    pkcs1PEM = key.pemRepresentation
    pkcs8PEM = key.pkcs8PEMRepresentation
    publicPEM = key.publicKey.pemRepresentation
  }

  /// The file that DC/OS Enterprise issues.
  package func file(uid: String) throws -> String {
    struct File: Encodable {
      let uid: String
      let private_key: String
      let login_endpoint = "https://leader.mesos/acs/api/v1/auth/login"
      let scheme = "RS256"
    }
    let data = try JSONEncoder().encode(File(uid: uid, private_key: pkcs1PEM))
    return String(decoding: data, as: UTF8.self)
  }
}
