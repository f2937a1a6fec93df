import BINDText
import Crypto

/// The digest in a managed block's END line: the first twelve hexadecimal digits of SHA-256.
///
/// It tells a hand edit from our own text. It does not protect against an attacker, who could rewrite the line as well.
package func blockDigest(_ body: [UInt8]) -> String {
  SHA256.hash(data: body).prefix(6).map { byte in
    let hex = String(byte, radix: 16)
    return hex.count == 1 ? "0" + hex : hex
  }.joined()
}

extension [String] {
  /// Recognises a text that was to be written.
  package var digest: String {
    let text = map { $0 + "\n" }.joined()
    return blockDigest([UInt8](text.utf8))
  }
}
