/// The bytes that have a meaning in named's files.
///
/// DNSNames has its own copy of a few of them. The lexers use these for every byte of a file, and a `package` member of
/// another module is not inlined, `@inlinable` or not: that made the lexers two to four times slower. They are always
/// inlined, because the packaged program is compiled for size.
enum ASCII {
  static var tab: UInt8 { 0x09 }
  static var lineFeed: UInt8 { 0x0a }
  static var carriageReturn: UInt8 { 0x0d }
  static var space: UInt8 { 0x20 }
  static var exclamationMark: UInt8 { 0x21 }
  static var quote: UInt8 { 0x22 }
  static var hash: UInt8 { 0x23 }
  static var dollar: UInt8 { 0x24 }
  static var openParenthesis: UInt8 { 0x28 }
  static var closeParenthesis: UInt8 { 0x29 }
  static var asterisk: UInt8 { 0x2a }
  static var comma: UInt8 { 0x2c }
  static var dot: UInt8 { 0x2e }
  static var slash: UInt8 { 0x2f }
  static var zero: UInt8 { 0x30 }
  static var nine: UInt8 { 0x39 }
  static var colon: UInt8 { 0x3a }
  static var semicolon: UInt8 { 0x3b }
  static var equals: UInt8 { 0x3d }
  static var at: UInt8 { 0x40 }
  static var openBracket: UInt8 { 0x5b }
  static var backslash: UInt8 { 0x5c }
  static var openBrace: UInt8 { 0x7b }
  static var closeBrace: UInt8 { 0x7d }

  /// The lower-case form of a letter A to Z; every other byte, including those above 127, is unchanged.
  @inline(__always)
  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  /// The upper-case form of a letter a to z; every other byte is unchanged.
  @inline(__always)
  static func uppercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x61 < 26 ? byte & 0xdf : byte
  }

  /// The value of a hexadecimal digit; the result for any other byte has no meaning.
  static func hexadecimalValue(_ byte: UInt8) -> UInt8 {
    isDigit(byte) ? byte - zero : (lowercased(byte) &- 0x57) & 0xf
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  /// A byte of `//`, `#`, `;`, `/*` or `*/`.
  static func isCommentSign(_ byte: UInt8) -> Bool {
    byte == slash || byte == hash || byte == semicolon || byte == asterisk
  }

  /// Whether a byte is a space or a tab, which separate words within a line.
  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
}

extension [UInt8] {
  /// Whether the bytes of a range spell a word, ignoring case.
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

  /// The bytes of a range as text; bytes that are not valid UTF-8 become replacement characters.
  func text(in range: Range<Int>) -> String {
    String(decoding: self[range], as: UTF8.self)
  }
}
