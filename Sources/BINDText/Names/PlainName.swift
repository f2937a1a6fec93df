import DNSNames

extension [UInt8] {
  /// Whether a text is certainly a name: short, without escapes and without empty labels.
  ///
  /// This is the fast path for most names. If it returns false, ``DomainName`` finds out what is wrong, if anything.
  func isPlainName(in range: Range<Int>, origin: DomainName) -> Bool {
    // This also keeps every label short enough (RFC 1035 2.3.4).
    guard 1...63 ~= range.count, range.count + 1 + origin.wire.count <= 255 else { return false }
    let bytes = span
    var isPlain = true
    var previous = ASCII.dot
    for index in range {
      let byte = bytes[index]
      if byte == ASCII.backslash || byte == ASCII.dot && previous == byte { isPlain = false }
      previous = byte
    }
    return isPlain
  }
}
