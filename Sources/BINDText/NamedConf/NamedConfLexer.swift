/// Splits a named.conf into tokens, one at a time, exactly as named's own lexer does.
///
/// The rules are those of BIND's lib/isc/lex.c with the settings of lib/isccfg/parser.c: blanks are space, tab, CR and
/// LF; `{ } ; ! / "` separate words; a comment may begin anywhere except within a quoted string, even in the middle of
/// a word; in a string a backslash keeps a quote from ending it, and a string may span several lines.
public struct NamedConfLexer: Sendable {
  /// A meaningful piece of a file, or a comment.
  public struct Token: Hashable, Sendable {
    /// The kinds of tokens.
    public enum Kind: Hashable, Sendable {
      /// A bare word: a keyword, name, number or address.
      case word
      /// A quoted string; its range includes the quotes.
      case string
      /// `{`
      case openBrace
      /// `}`
      case closeBrace
      /// `;`
      case semicolon
      /// `!` or `/`, in address match lists and prefixes.
      case symbol
      /// `// …`, without the line feed.
      case slashComment
      /// `# …`, without the line feed.
      case hashComment
      /// `/* … */`
      case blockComment
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
  /// The position after the last byte to read.
  let end: Int
  /// The position of the next byte to read.
  var offset: Int
  private var endOfWord = -1

  /// Starts at the beginning of a file.
  public init(_ bytes: [UInt8]) {
    self.init(bytes, in: 0..<bytes.count)
  }

  /// Starts at the beginning of a part of a file.
  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The next token; after the last one, every call returns `end`.
  ///
  /// A string or block comment that never ends is an error at its first byte.
  public mutating func next() throws(SyntaxError) -> Token {
    while offset < end {
      let start = offset
      switch bytes[start] {
      case ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn:
        offset += 1
      case ASCII.openBrace:
        return symbol(.openBrace)
      case ASCII.closeBrace:
        return symbol(.closeBrace)
      case ASCII.semicolon:
        return symbol(.semicolon)
      case ASCII.exclamationMark:
        return symbol(.symbol)
      case ASCII.quote:
        return try string()
      case ASCII.hash:
        return lineComment(.hashComment)
      case ASCII.slash:
        guard start + 1 < end else { return symbol(.symbol) }
        switch bytes[start + 1] {
        case ASCII.slash: return lineComment(.slashComment)
        case ASCII.asterisk: return try blockComment()
        default: return symbol(.symbol)
        }
      default:
        return word()
      }
    }
    return Token(kind: .end, range: end..<end)
  }

  /// Skips the text between braces that named passes to a plugin unparsed: from after its `{` to the `}` that ends it.
  ///
  /// This text has no strings or comments, and a backslash keeps a brace from counting (`lexstate_btext` of
  /// lib/isc/lex.c).
  ///
  /// - Returns: The position of the `}`; nil if there is none.
  mutating func skipBracketedText() -> Int? {
    var depth = 1
    var isEscaped = false
    var index = offset
    while index < end {
      let byte = bytes[index]
      if byte == ASCII.openBrace, !isEscaped {
        depth += 1
      } else if byte == ASCII.closeBrace, !isEscaped {
        depth -= 1
        if depth == 0 {
          offset = index + 1
          return index
        }
      }
      isEscaped = byte == ASCII.backslash && !isEscaped
      index += 1
    }
    return nil
  }

  private mutating func symbol(_ kind: Token.Kind) -> Token {
    offset += 1
    return Token(kind: kind, range: offset - 1..<offset)
  }

  private mutating func word() -> Token {
    let start = offset
    var index = start + 1
    scan: while index < end {
      switch bytes[index] {
      case ASCII.space, ASCII.tab, ASCII.lineFeed, ASCII.carriageReturn, ASCII.openBrace,
        ASCII.closeBrace, ASCII.semicolon, ASCII.exclamationMark, ASCII.quote, ASCII.hash,
        ASCII.slash:
        break scan
      default:
        index += 1
      }
    }
    offset = index
    endOfWord = index
    return Token(kind: .word, range: start..<index)
  }

  private mutating func string() throws(SyntaxError) -> Token {
    let start = offset
    var index = start + 1
    while index < end {
      switch bytes[index] {
      case ASCII.quote:
        offset = index + 1
        return Token(kind: .string, range: start..<offset)
      case ASCII.backslash:
        index += 2
      default:
        index += 1
      }
    }
    throw SyntaxError("a quoted string begins here and never ends", at: start, in: bytes)
  }

  private mutating func lineComment(_ kind: Token.Kind) -> Token {
    let start = offset
    var index = start + 1
    while index < end, bytes[index] != ASCII.lineFeed { index += 1 }
    offset = index
    return Token(kind: kind, range: start..<index)
  }

  private mutating func blockComment() throws(SyntaxError) -> Token {
    let start = offset
    // To named a comment directly after a word counts as a space, which ends the word. named then reads on at the last
    // slash of the comment itself. So `10.0.0.0/*x*/8` is 10.0.0.0/8.
    let isGlued = start == endOfWord
    var index = start + 2
    while index + 1 < end {
      if bytes[index] == ASCII.asterisk, bytes[index + 1] == ASCII.slash {
        offset = isGlued ? index + 1 : index + 2
        return Token(kind: .blockComment, range: start..<offset)
      }
      index += 1
    }
    throw SyntaxError("a comment begins here with /* and never ends", at: start, in: bytes)
  }
}

extension [UInt8] {
  /// The range of a word or string, without the quotes.
  func content(of token: NamedConfLexer.Token) -> Range<Int> {
    token.kind == .string
      ? token.range.lowerBound + 1..<token.range.upperBound - 1 : token.range
  }

  /// The value of a word or string of named.conf: without its quotes, and with `\"` read as `"`.
  ///
  /// named keeps every other backslash in a string.
  func text(of token: NamedConfLexer.Token) -> String {
    let content = content(of: token)
    guard token.kind == .string, self[content].contains(ASCII.backslash) else {
      return text(in: content)
    }
    return path(of: token).description
  }

  /// The same value as bytes, for a path.
  func path(of token: NamedConfLexer.Token) -> PathText {
    var text: [UInt8] = []
    for index in content(of: token) {
      // Only a string can contain a quote, and only after a backslash.
      if self[index] == ASCII.quote { text.removeLast() }
      text.append(self[index])
    }
    return PathText(text)
  }
}
