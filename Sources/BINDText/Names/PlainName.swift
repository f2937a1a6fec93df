import DNSNames

extension [UInt8] {
  /// Whether a text is surely a name: short, without escapes and empty labels.
  ///
  /// It is the quick way to what most names are. Where it says no, ``DomainName`` tells what is wrong,
  /// if anything is.
  func isPlainName(in range: Range<Int>, origin: DomainName) -> Bool {
    // So no label can be too long (RFC 1035 2.3.4).
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
