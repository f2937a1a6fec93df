import CryptoExtras
import FoundationEssentials

/// A program's own account in a cluster, which proves itself by a signature.
struct ServiceAccount: Sendable {
  let uid: String
  let key: _RSA.Signing.PrivateKey

  /// The file that DC/OS Enterprise hands out.
  ///
  /// The host in its `login_endpoint` is a name that often means nothing outside of the cluster, and it
  /// is not for a file to say where a proof goes: that is one of the cluster's masters.
  private struct File: Decodable {
    let uid: String
    let privateKey: String
    let scheme: String?

    private enum CodingKeys: String, CodingKey {
      case uid
      case privateKey = "private_key"
      case scheme
    }
  }

  init(uid: String, pem: some StringProtocol) throws(SecretError.Problem) {
    // BoringSSL's errors are not handed on: nothing is known of what they quote.
    guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: String(pem)) else {
      throw .noKey
    }
    self.uid = uid
    self.key = key
  }

  init(json: Secret) throws(SecretError.Problem) {
    guard let file = try? JSONDecoder().decode(File.self, from: Data(json.exposed.utf8)),
      !file.uid.isEmpty
    else {
      throw .noServiceAccount
    }
    guard file.scheme ?? "RS256" == "RS256" else {
      throw .foreignScheme
    }
    try self.init(uid: file.uid, pem: file.privateKey)
  }
}
