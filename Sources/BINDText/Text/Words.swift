import DNSNames

extension [UInt8] {
  /// Whether the bytes of a range spell a word, in either case.
  func matches(_ word: String, in range: Range<Int>) -> Bool {
    guard word.utf8.count == range.count else { return false }
    var index = range.lowerBound
    for byte in word.utf8 {
      guard ASCII.lowercased(self[index]) == ASCII.lowercased(byte) else { return false }
      index += 1
    }
    return true
  }

  /// The bytes of a short range, in upper case, as one number.
  ///
  /// Comparing words that way needs neither a string nor a loop. Zero for a range of more than eight bytes.
  func uppercaseKey(in range: Range<Int>) -> UInt64 {
    guard range.count <= 8 else { return 0 }
    var key: UInt64 = 0
    for index in range { key = key << 8 | UInt64(ASCII.uppercased(self[index])) }
    return key
  }

  /// The bytes of a range as text; bytes that are no UTF-8 are shown as replacement characters.
  func text(in range: Range<Int>) -> String {
    String(decoding: self[range], as: UTF8.self)
  }
}
