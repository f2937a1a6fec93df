import Glibc

enum AddressBytes {
  /// An address's bytes in network order; nil when the text is none.
  static func of(_ text: String) -> [UInt8]? {
    var v4 = in_addr()
    if unsafe inet_pton(AF_INET, text, &v4) == 1 {
      return unsafe withUnsafeBytes(of: &v4) { unsafe Array($0) }
    }
    var v6 = in6_addr()
    if unsafe inet_pton(AF_INET6, text, &v6) == 1 {
      return unsafe withUnsafeBytes(of: &v6) { unsafe Array($0) }
    }
    return nil
  }
}
