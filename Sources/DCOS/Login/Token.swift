import FoundationEssentials

/// What opens Admin Router, and until when.
struct Token: Hashable, Sendable {
  let secret: Secret
  /// When it was got, in seconds since 1970.
  let obtained: Double
  /// The `exp` in it (RFC 7519 section 4.1.4); nil where it tells none.
  let expiry: Double?

  /// Reads a token; nil for a text that cannot be one.
  ///
  /// It goes into a header as it is. So nothing but the token68 of RFC 9110 section 11.2 is taken: no
  /// blank, no line end.
  init?(_ text: some StringProtocol, obtained: Double) {
    let body = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }
    guard !body.isEmpty, text.utf8.count <= 16 << 10, body.allSatisfy(Self.isToken68) else {
      return nil
    }
    secret = Secret(text)
    self.obtained = obtained
    expiry = WebToken.expiry(in: text)
  }

  /// When to get a fresh one: after four fifths of its life.
  ///
  /// A token that has expired on arrival means that a clock is wrong, here or there; a refusal will show when it really
  /// ends.
  var renewal: Double? {
    expiry.flatMap { $0 > obtained ? obtained + ($0 - obtained) * 0.8 : nil }
  }

  /// Whether it is still valid, by the clock of this host.
  func isValid(at now: Double) -> Bool {
    renewal == nil || expiry.map { now < $0 } ?? true
  }

  private static func isToken68(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default:
      "-._~+/".utf8.contains(byte)
    }
  }
}
