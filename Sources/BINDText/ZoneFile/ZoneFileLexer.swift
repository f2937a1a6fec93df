/// Splits a zone file into tokens, one at a time, exactly as named's own lexer does.
///
/// The rules are those of RFC 1035 section 5 as implemented by BIND's lib/isc/lex.c with the settings of
/// lib/dns/master.c: within parentheses the end of a line is a blank; LF, CR LF and a lone CR end a line, but only LF
/// ends a comment; a backslash makes the next character part of the word, unless that character ends the line; a quoted
/// string ends on its line unless the line feed is escaped.
public struct ZoneFileLexer: Sendable {
  /// A meaningful piece of a file, or a comment.
  public struct Token: Hashable, Sendable {
    /// The kinds of tokens.
    public enum Kind: Hashable, Sendable {
      /// Blanks at the start of a line, which stand for the owner of the record before.
      case leadingBlank
      /// A bare word, including its escapes.
      case word
      /// A quoted string; its range includes the quotes.
      case string
      /// `; …`, without the line feed.
      case comment
      /// The end of a line outside parentheses.
      case endOfLine
      /// The end of the file.
      case end
    }

    /// The kind of token.
    public let kind: Kind
    /// Its position.
    public let range: Range<Int>
  }

  /// The file.
  public let bytes: [UInt8]
  /// Where the search for the next token starts.
  public private(set) var offset: Int
  /// How many parentheses are open at that position.
  public private(set) var depth: Int
  let end: Int
  private(set) var isAtLineStart: Bool

  /// Starts at the beginning of a file.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    depth = 0
    end = bytes.count
    isAtLineStart = true
  }

  /// Starts within a record, with the given number of parentheses open.
  init(_ bytes: [UInt8], in range: Range<Int>, depth: Int) {
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
    self.depth = depth
    isAtLineStart = false
  }

  /// The next token; after the last one, every call returns `end`.
  public mutating func next() throws(SyntaxError) -> Token {
    while offset < end {
      let start = offset
      switch bytes[start] {
      case ASCII.space, ASCII.tab:
        offset += 1
        while offset < end, ASCII.isBlank(bytes[offset]) { offset += 1 }
        if isAtLineStart {
          isAtLineStart = false
          return Token(kind: .leadingBlank, range: start..<offset)
        }
      case ASCII.lineFeed:
        offset += 1
        if depth == 0 { return endOfLine(from: start) }
      case ASCII.carriageReturn:
        offset += 1
        if depth == 0 {
          if offset < end, bytes[offset] == ASCII.lineFeed { offset += 1 }
          return endOfLine(from: start)
        }
      case ASCII.semicolon:
        return comment()
      case ASCII.openParenthesis:
        offset += 1
        depth += 1
        isAtLineStart = false
      case ASCII.closeParenthesis:
        try closeParenthesis()
      case ASCII.quote:
        return try string()
      case 0:
        throw zeroByte(at: start)
      default:
        return try word()
      }
    }
    return Token(kind: .end, range: end..<end)
  }

  private mutating func endOfLine(from start: Int) -> Token {
    isAtLineStart = true
    return Token(kind: .endOfLine, range: start..<offset)
  }

  private mutating func closeParenthesis() throws(SyntaxError) {
    guard depth > 0 else {
      throw SyntaxError("this ')' has no '('", at: offset, in: bytes)
    }
    offset += 1
    depth -= 1
  }

  private func zeroByte(at offset: Int) -> SyntaxError {
    SyntaxError("a zero byte, which no zone file in text form has", at: offset, in: bytes)
  }

  private mutating func comment() -> Token {
    let start = offset
    while offset < end, bytes[offset] != ASCII.lineFeed { offset += 1 }
    return Token(kind: .comment, range: start..<offset)
  }

  private mutating func word() throws(SyntaxError) -> Token {
    isAtLineStart = false
    let start = offset
    offset = place(of: Self.endsOfWord, from: start)
    while offset < end, bytes[offset] == ASCII.backslash {
      offset = place(of: Self.endsOfWord, from: try endOfEscape(at: offset))
    }
    return Token(kind: .word, range: start..<offset)
  }

  /// The position after a backslash and, unless it ends the line, the character that it escapes.
  private func endOfEscape(at backslash: Int) throws(SyntaxError) -> Int {
    guard backslash + 1 < bytes.count else {
      throw SyntaxError("the file ends after this backslash", at: backslash, in: bytes)
    }
    return Self.endsLine(bytes[backslash + 1]) ? backslash + 1 : backslash + 2
  }

  private mutating func string() throws(SyntaxError) -> Token {
    isAtLineStart = false
    let start = offset
    try skipString()
    return Token(kind: .string, range: start..<offset)
  }

  private mutating func skipString() throws(SyntaxError) {
    let start = offset
    var index = start + 1
    while true {
      index = place(of: Self.endsOfText, from: index)
      guard index < end else { break }
      switch bytes[index] {
      case ASCII.quote:
        offset = index + 1
        return
      case ASCII.backslash:
        index += 2
      case ASCII.lineFeed:
        throw SyntaxError(
          "a quoted string begins here and does not end on its line", at: start, in: bytes)
      default:
        index += 1
      }
    }
    throw SyntaxError("a quoted string begins here and never ends", at: start, in: bytes)
  }

  /// The bytes that end a line, quote, group, start a comment, or are invalid, as a bit set.
  ///
  /// They are LF, CR, the quote, both parentheses, the semicolon and zero. All are below 64; above, only the backslash
  /// is special.
  private static var endsOfText: UInt64 {
    1 << 0x0a | 1 << 0x0d | 1 << 0x22 | 1 << 0x28 | 1 << 0x29 | 1 << 0x3b | 1
  }

  /// The same set with the blanks, space and tab.
  static var endsOfWord: UInt64 { endsOfText | 1 << 0x20 | 1 << 0x09 }

  /// The position of the next byte that is in a set or is a backslash; the end if there is none.
  ///
  /// It examines eight bytes at a time for candidates.
  @inline(__always)
  func place(of set: UInt64, from start: Int) -> Int {
    let bytes = bytes.span
    var index = start
    while index + 8 <= end {
      let eight = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
      var suspects = Self.suspects(among: UInt64(littleEndian: eight))
      while suspects != 0 {
        let place = index + suspects.trailingZeroBitCount / 8
        if Self.isMeant(bytes[place], by: set) { return place }
        suspects &= suspects &- 1
      }
      index += 8
    }
    while index < end, !Self.isMeant(bytes[index], by: set) { index += 1 }
    return index
  }

  @inline(__always)
  static func isMeant(_ byte: UInt8, by set: UInt64) -> Bool {
    byte >= 64 ? byte == ASCII.backslash : set & (1 &<< UInt64(byte)) != 0
  }

  /// A bit for each byte that may be in one of the sets: a byte below `*`, a semicolon or a backslash.
  ///
  /// A borrow from such a byte may set extra bits above it, but never clears one. (The tests for a byte that is zero or
  /// less than another come from Anderson's "Bit Twiddling Hacks".)
  @inline(__always)
  private static func suspects(among bytes: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let semicolons = bytes ^ (ones &* UInt64(ASCII.semicolon))
    let backslashes = bytes ^ (ones &* UInt64(ASCII.backslash))
    let found =
      (bytes &- ones &* UInt64(ASCII.asterisk)) & ~bytes
      | (semicolons &- ones) & ~semicolons | (backslashes &- ones) & ~backslashes
    return found & (ones &* 0x80)
  }

  @inline(__always)
  static func endsLine(_ byte: UInt8) -> Bool {
    byte == ASCII.lineFeed || byte == ASCII.carriageReturn
  }
}

extension ZoneFileLexer {
  /// Continues after the words of a record, which the caller has read.
  mutating func skipWords(to place: Int) {
    offset = place
    isAtLineStart = false
  }

  /// Skips the rest of a record without returning its tokens: the fast path through rdata that nobody needs.
  ///
  /// It stops before the end of the line or before a comment outside parentheses. The scanner examines comments within
  /// parentheses.
  ///
  /// - Returns: The range from the beginning to the end of its tokens and parentheses.
  mutating func skipRecord(_ scanner: inout ManagedBlockScanner) throws(SyntaxError) -> Range<Int> {
    while offset < end, ASCII.isBlank(bytes[offset]) { offset += 1 }
    let start = offset
    var lastEnd = start
    // The bytes before this position have been examined; each of many blank lines would otherwise cause another pass
    // over the lines before it.
    var examined = start
    while true {
      offset = place(of: Self.endsOfText, from: offset)
      guard offset < end else { break }
      switch bytes[offset] {
      case ASCII.backslash:
        offset = try endOfEscape(at: offset)
        lastEnd = offset
      case ASCII.lineFeed, ASCII.carriageReturn:
        lastEnd = contentEnd(after: lastEnd, examined: examined)
        examined = offset
        if depth == 0 { return start..<lastEnd }
        offset += 1
      case ASCII.semicolon:
        lastEnd = contentEnd(after: lastEnd, examined: examined)
        examined = offset
        if depth == 0 { return start..<lastEnd }
        let comment = comment().range
        scanner.look(at: comment, signLength: 1, in: bytes, list: nil)
      case ASCII.openParenthesis:
        offset += 1
        depth += 1
        lastEnd = offset
      case ASCII.closeParenthesis:
        try closeParenthesis()
        lastEnd = offset
      case ASCII.quote:
        try skipString()
        lastEnd = offset
      default:
        throw zeroByte(at: offset)
      }
    }
    return start..<contentEnd(after: lastEnd, examined: examined)
  }

  /// The position after the last byte before the offset that is not blank; `known` if all unexamined bytes are blank.
  private func contentEnd(after known: Int, examined: Int) -> Int {
    var index = offset
    while index > max(known, examined),
      ASCII.isBlank(bytes[index - 1]) || Self.endsLine(bytes[index - 1])
    {
      index -= 1
    }
    return index > examined ? index : known
  }
}
