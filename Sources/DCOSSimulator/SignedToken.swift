import CryptoExtras
import FoundationEssentials

/// A JSON Web Token with an RS256 signature (RFC 7515, RFC 7518 section 3.3).
enum SignedToken {
  struct Claims: Codable {
    let uid: String
    let exp: Double
  }

  private struct Header: Codable {
    var typ = "JWT"
    var alg = "RS256"
  }

  static func text(_ claims: Claims, signedBy key: _RSA.Signing.PrivateKey) -> String? {
    guard let header = try? JSONEncoder().encode(Header()),
      let payload = try? JSONEncoder().encode(claims)
    else { return nil }
    let text = "\(encoded(header)).\(encoded(payload))"
    let signature = try? key.signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5)
    return signature.map { "\(text).\(encoded($0.rawRepresentation))" }
  }

  /// The claims of a token; nil if the signature or anything else is invalid.
  static func claims(in token: String, signedBy key: _RSA.Signing.PublicKey) -> Claims? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3,
      let header = decoded(parts[0]).flatMap({ try? JSONDecoder().decode(Header.self, from: $0) }),
      header.alg == "RS256", header.typ == "JWT", let signature = decoded(parts[2]),
      key.isValidSignature(
        _RSA.Signing.RSASignature(rawRepresentation: signature),
        for: Data("\(parts[0]).\(parts[1])".utf8), padding: .insecurePKCS1v1_5)
    else { return nil }
    return decoded(parts[1]).flatMap { try? JSONDecoder().decode(Claims.self, from: $0) }
  }

  private static func encoded(_ data: Data) -> String {
    data.base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  private static func decoded(_ text: Substring) -> Data? {
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    return Data(
      base64Encoded: String(standard) + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    )
  }
}
