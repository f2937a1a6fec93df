/// Parts a named.conf into tokens, one at a time, exactly as named's own lexer does.
///
/// The rules are those of BIND's lib/isc/lex.c with the settings of lib/isccfg/parser.c:
/// blanks are space, tab, CR and LF; `{ } ; ! / "` part words; a comment may begin anywhere but
/// within a quoted string, in the middle of a word too; in a string a backslash keeps a quote
/// from ending it, and strings go over several lines.
public struct NamedConfLexer: Sendable {
  /// A piece of a file that means something, or a comment.
  public struct Token: Hashable, Sendable {
    /// What a token is.
    public enum Kind: Hashable, Sendable {
      /// A bare word: a keyword, name, number or address.
      case word
      /// A quoted string; the range has the quotes.
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

    /// What the token is.
    public let kind: Kind
    /// Where it stands.
    public let range: Range<Int>
  }

  /// The file.
  public let bytes: [UInt8]
  /// The place behind the last byte that is read.
  let end: Int
  /// The place of the byte that is read next.
  var offset: Int
  private var endOfWord = -1

  /// Begins at the start of a file.
  public init(_ bytes: [UInt8]) {
    self.init(bytes, in: 0..<bytes.count)
  }

  /// Begins at the start of a part of a file.
  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The next token; after the last one `end`, as often as it is asked for.
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

  /// Passes over the text between braces that named hands to a plugin as it is: behind its `{`, to
  /// the `}` that ends it.
  ///
  /// There are no strings or comments in it, and a backslash keeps a brace from counting
  /// (`lexstate_btext` of lib/isc/lex.c).
  ///
  /// - Returns: where the `}` stands; nil if there is none.
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
    // named ends a word at the space that a comment behind it stands for, and then reads on at
    // the comment's own last slash. So `10.0.0.0/*x*/8` is 10.0.0.0/8.
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
  /// Where the text of a word or string is: without the quotes.
  func content(of token: NamedConfLexer.Token) -> Range<Int> {
    token.kind == .string
      ? token.range.lowerBound + 1..<token.range.upperBound - 1 : token.range
  }

  /// What a word or string of named.conf says: without its quotes, with `\"` as `"`.
  ///
  /// named keeps every other backslash of a string as it stands.
  func text(of token: NamedConfLexer.Token) -> String {
    let content = content(of: token)
    guard token.kind == .string, self[content].contains(ASCII.backslash) else {
      return text(in: content)
    }
    return path(of: token).description
  }

  /// The same to the byte, for a path.
  func path(of token: NamedConfLexer.Token) -> PathText {
    var text: [UInt8] = []
    for index in content(of: token) {
      // Only a string can have a quote, and only behind a backslash.
      if self[index] == ASCII.quote { text.removeLast() }
      text.append(self[index])
    }
    return PathText(text)
  }
}
