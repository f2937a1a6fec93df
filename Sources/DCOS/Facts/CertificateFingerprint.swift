import Crypto

/// The SHA-256 of a certificate's DER form, as `openssl x509 -fingerprint -sha256` prints it.
package struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
  private let bytes: [UInt8]

  /// Reads 64 hexadecimal digits, with or without colons between the bytes; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let digits = Array(parts.joined().utf8)
    guard digits.count == 64, parts.count == 1 || parts.allSatisfy({ $0.utf8.count == 2 }) else {
      return nil
    }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      let pair = String(decoding: digits[index...(index + 1)], as: UTF8.self)
      // A sign before the digit would be read as well.
      guard pair.utf8.first != UInt8(ascii: "+"), let byte = UInt8(pair, radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    self.bytes = bytes
  }

  /// The fingerprint of a certificate.
  package init(der: [UInt8]) {
    bytes = Array(SHA256.hash(data: der))
  }

  package var description: String {
    bytes.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return digits.utf8.count == 1 ? "0\(digits)" : digits
    }.joined(separator: ":")
  }
}
