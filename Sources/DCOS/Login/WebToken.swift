import CryptoExtras
import FoundationEssentials

/// The JSON Web Tokens of DC/OS (RFC 7519): those that a service account signs, and those that it gets.
enum WebToken {
  /// How long a service account's own token lives; it is sent at once, and DC/OS wants no more than 600.
  ///
  /// Half of that bears a clock that is five minutes wrong, in either direction.
  static let life = 300.0

  private struct Header: Encodable {
    let alg = "RS256"
    let typ = "JWT"
  }

  private struct Claims: Encodable {
    let uid: String
    let exp: Int
  }

  private struct Expiry: Decodable {
    let exp: Double
  }

  /// A service account's proof of itself; nil where the key does not sign.
  static func signed(for account: ServiceAccount, at now: Double) -> Secret? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let claims = Claims(uid: account.uid, exp: Int(now + life))
    guard let header = try? encoder.encode(Header()), let payload = try? encoder.encode(claims)
    else { return nil }
    let text = "\(Base64URL.text(of: header)).\(Base64URL.text(of: payload))"
    // RS256 is RSASSA-PKCS1-v1_5 (RFC 7518 section 3.3), which DC/OS takes nothing else than.
    guard
      let signature = try? account.key.signature(
        for: Data(text.utf8), padding: .insecurePKCS1v1_5)
    else { return nil }
    return Secret("\(text).\(Base64URL.text(of: signature.rawRepresentation))")
  }

  /// The time at which a token ends; nil where it tells none.
  static func expiry(in token: some StringProtocol) -> Double? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let payload = Base64URL.data(in: parts[1]),
      let claims = try? JSONDecoder().decode(Expiry.self, from: payload), claims.exp.isFinite
    else { return nil }
    return claims.exp
  }
}

/// Base 64 as web tokens have it (RFC 7515 section 2): its own two last letters, no padding.
enum Base64URL {
  static func text(of data: Data) -> String {
    data.base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }

  static func data(in text: some StringProtocol) -> Data? {
    let standard = String(text).replacing("-", with: "+").replacing("_", with: "/")
    let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
    return Data(base64Encoded: standard + padding)
  }
}
