extension NamedConfLexer {
  /// Passes over a list of which nobody has to know more than where it ends: the quick way through
  /// the hundred thousands of zones that a file may have.
  ///
  /// It begins behind the list's `{`. A list is plain if nothing in it has to be told or might be
  /// wrong: no include, no plugin with its text, no comment that might be a marker, no string over several lines, no missing
  /// semicolon. For any other list nothing is passed over; its tokens have to be read.
  ///
  /// - Returns: where the list's `}` stands, or where it was seen that the list is not plain.
  mutating func skipPlainList() -> PlainList {
    var index = offset
    var depth = 1
    var isBetweenStatements = true
    while index < end {
      let byte = bytes[index]
      switch byte {
      case ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn:
        index += 1
        continue
      case ASCII.semicolon:
        isBetweenStatements = true
        index += 1
        continue
      case ASCII.openBrace:
        depth += 1
        isBetweenStatements = true
        index += 1
        continue
      case ASCII.closeBrace:
        guard isBetweenStatements else { return .notPlain(at: index) }
        depth -= 1
        if depth == 0 {
          offset = index + 1
          return .plain(closeBrace: index)
        }
        isBetweenStatements = false
        index += 1
        continue
      case ASCII.quote:
        guard let next = endOfPlainString(at: index) else { return .notPlain(at: index) }
        index = next
      case ASCII.hash:
        guard let next = endOfPlainComment(at: index, signLength: 1) else {
          return .notPlain(at: index)
        }
        index = next
        continue
      case ASCII.slash where index + 1 < end && bytes[index + 1] == ASCII.slash:
        guard let next = endOfPlainComment(at: index, signLength: 2) else {
          return .notPlain(at: index)
        }
        index = next
        continue
      case ASCII.slash where index + 1 < end && bytes[index + 1] == ASCII.asterisk:
        return .notPlain(at: index)
      case ASCII.slash, ASCII.exclamationMark:
        index += 1
      default:
        if isBetweenStatements, mayBeIncludeOrPlugin(at: index) { return .notPlain(at: index) }
        index = endOfWord(at: index)
      }
      isBetweenStatements = false
    }
    return .notPlain(at: index)
  }

  /// What became of the attempt to pass over a list.
  enum PlainList {
    case plain(closeBrace: Int)
    case notPlain(at: Int)
  }

  /// The bytes below 64 that end a word, a bit each: blanks, line ends, `! " # / ;`.
  private static var endsOfWord: UInt64 {
    [
      ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn, ASCII.exclamationMark,
      ASCII.quote, ASCII.hash, ASCII.slash, ASCII.semicolon,
    ].reduce(0) { $0 | 1 << UInt64($1) }
  }

  private func endOfWord(at start: Int) -> Int {
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

  private func mayBeIncludeOrPlugin(at index: Int) -> Bool {
    switch bytes[index] | 0x20 {
    case UInt8(ascii: "i"): bytes.matches("include", in: index..<min(index + 7, end))
    case UInt8(ascii: "p"): bytes.matches("plugin", in: index..<min(index + 6, end))
    default: false
    }
  }

  /// The place behind a string of one line without escapes; nil for any other.
  private func endOfPlainString(at start: Int) -> Int? {
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

  /// The place behind a comment to the end of its line, if it cannot be a marker.
  private func endOfPlainComment(at start: Int, signLength: Int) -> Int? {
    var index = start + signLength
    while index < end, ASCII.isBlank(bytes[index]) { index += 1 }
    if ManagedBlockMarker.isSuspected(bytes, in: index..<end) { return nil }
    while index < end, bytes[index] != ASCII.lineFeed { index += 1 }
    return index
  }
}
