extension NamedConfLexer {
  /// The result of trying to skip a list.
  enum PlainList {
    /// The position of the list's `}`.
    case plain(closeBrace: Int)
    /// Where the lexer found that the list is not plain.
    case notPlain(at: Int)
  }

  /// Skips a list of which only the end matters: the fast path through hundreds of thousands of zones.
  ///
  /// It starts after the list's `{`. A list is plain if nothing in it needs to be reported and nothing in it can be
  /// wrong: no include, no plugin with its text, no comment that might be a marker, no string over several lines, no
  /// missing semicolon. Any other list is not skipped: the caller has to read its tokens.
  mutating func skipPlainList() -> PlainList {
    let list = PlainListReader.read(bytes.span, from: offset, end: end)
    if case .plain(let closeBrace) = list { offset = closeBrace + 1 }
    return list
  }
}

/// Finds the end of a plain list.
///
/// The functions take the bytes as a span: indexing the lexer's own array would take half as long again.
private enum PlainListReader {
  static func read(
    _ bytes: borrowing Span<UInt8>, from start: Int, end: Int
  ) -> NamedConfLexer.PlainList {
    var index = start
    var depth = 1
    var isBetweenStatements = true
    while index < end {
      let byte = bytes[index]
      switch byte {
      case ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn:
        index += 1
      case ASCII.semicolon:
        isBetweenStatements = true
        index += 1
      case ASCII.openBrace:
        depth += 1
        isBetweenStatements = true
        index += 1
      case ASCII.closeBrace:
        guard isBetweenStatements else { return .notPlain(at: index) }
        depth -= 1
        if depth == 0 { return .plain(closeBrace: index) }
        isBetweenStatements = false
        index += 1
      case ASCII.quote:
        guard let next = endOfString(bytes, at: index, end: end) else {
          return .notPlain(at: index)
        }
        isBetweenStatements = false
        index = next
      case ASCII.hash:
        guard let next = endOfComment(bytes, behindSignAt: index + 1, end: end) else {
          return .notPlain(at: index)
        }
        index = next
      case ASCII.slash where index + 1 < end && bytes[index + 1] == ASCII.slash:
        guard let next = endOfComment(bytes, behindSignAt: index + 2, end: end) else {
          return .notPlain(at: index)
        }
        index = next
      case ASCII.slash where index + 1 < end && bytes[index + 1] == ASCII.asterisk:
        return .notPlain(at: index)
      case ASCII.slash, ASCII.exclamationMark:
        isBetweenStatements = false
        index += 1
      default:
        if isBetweenStatements,
          begins(bytes, at: index, with: "include", end: end)
            || begins(bytes, at: index, with: "plugin", end: end)
        {
          return .notPlain(at: index)
        }
        isBetweenStatements = false
        index = endOfWord(bytes, at: index, end: end)
      }
    }
    return .notPlain(at: index)
  }

  /// The bytes below 64 that end a word, one bit each: blanks, line ends, `! " # / ;`.
  private static let endsOfWord: UInt64 =
    1 << 0x09 | 1 << 0x0a | 1 << 0x0d | 1 << 0x20 | 1 << 0x21 | 1 << 0x22 | 1 << 0x23 | 1 << 0x2f
    | 1 << 0x3b

  private static func endOfWord(
    _ bytes: borrowing Span<UInt8>, at start: Int, end: Int
  ) -> Int {
    let ends = Self.endsOfWord
    var index = start + 1
    while index < end {
      let byte = bytes[index]
      if byte < 64 {
        if ends & (1 &<< UInt64(byte)) != 0 { break }
      } else if byte == ASCII.openBrace || byte == ASCII.closeBrace {
        break
      }
      index += 1
    }
    return index
  }

  /// Whether the text at a position begins with a word, ignoring case; more may follow it.
  private static func begins(
    _ bytes: borrowing Span<UInt8>, at start: Int, with word: StaticString, end: Int
  ) -> Bool {
    let count = word.utf8CodeUnitCount
    guard start + count <= end else { return false }
    let letters = unsafe word.utf8Start
    for index in 0..<count
    where unsafe ASCII.lowercased(bytes[start + index]) != letters[index] {
      return false
    }
    return true
  }

  /// The position after a string that ends on its line and has no escapes; nil for any other string.
  private static func endOfString(
    _ bytes: borrowing Span<UInt8>, at start: Int, end: Int
  ) -> Int? {
    var index = start + 1
    while index < end {
      switch bytes[index] {
      case ASCII.quote: return index + 1
      case ASCII.backslash, ASCII.lineFeed: return nil
      default: index += 1
      }
    }
    return nil
  }

  /// The end of a line comment, if the comment cannot be a marker.
  private static func endOfComment(
    _ bytes: borrowing Span<UInt8>, behindSignAt start: Int, end: Int
  ) -> Int? {
    var index = start
    while index < end, ASCII.isBlank(bytes[index]) { index += 1 }
    if begins(bytes, at: index, with: "begin zonebridge", end: end)
      || begins(bytes, at: index, with: "end zonebridge", end: end)
    {
      return nil
    }
    while index < end, bytes[index] != ASCII.lineFeed { index += 1 }
    return index
  }
}
