// Statements that the outline does not know; callers ask for them by keyword.
extension NamedConfOutline {
  /// The values of the statements that begin with a keyword and are directly in a list.
  ///
  /// - Parameters:
  ///   - keyword: In lower case.
  ///   - list: The text between the braces of `options` or a view; nil for the file itself.
  /// - Returns: For each statement, the words after the keyword. For a statement with braces, these are the entries of
  ///   its list, each with its words joined by blanks.
  public func settings(_ keyword: String, in list: Range<Int>? = nil) -> [[String]] {
    var lexer = NamedConfLexer(bytes, in: list ?? 0..<bytes.count)
    var reader = SettingReader(keyword: keyword)
    // No error can occur here: the outline has already read the whole file.
    while let token = try? lexer.next(), token.kind != .end {
      reader.take(token, in: bytes)
    }
    return reader.found
  }
}

private struct SettingReader {
  let keyword: String
  var found: [[String]] = []
  private var depth = 0
  /// Whether the caller asked for the current statement; nil between two statements.
  private var isWanted: Bool?
  private var words: [String] = []
  private var entry: [String] = []

  init(keyword: String) {
    self.keyword = keyword
  }

  mutating func take(_ token: NamedConfLexer.Token, in bytes: [UInt8]) {
    switch token.kind {
    case .word, .string, .symbol:
      let text = bytes.text(of: token)
      if isWanted == nil {
        isWanted = token.kind == .word && text.lowercased() == keyword
      } else if isWanted == true {
        append(text)
      }
    case .openBrace:
      depth += 1
      isWanted = isWanted ?? false
      if depth > 1 { append("{") }
    case .closeBrace:
      depth -= 1
      if depth > 0 { append("}") }
    case .semicolon:
      if depth == 0 {
        finish()
      } else if depth == 1 {
        finishEntry()
      }
    case .slashComment, .hashComment, .blockComment, .end: break
    }
  }

  private mutating func append(_ text: String) {
    // named accepts blanks between the two, but nobody writes them.
    if let last = entry.last, last == "!" || last.hasSuffix("/") || text == "/" {
      entry[entry.count - 1] += text
    } else {
      entry.append(text)
    }
  }

  private mutating func finishEntry() {
    if isWanted == true, !entry.isEmpty { words.append(entry.joined(separator: " ")) }
    entry = []
  }

  private mutating func finish() {
    finishEntry()
    if isWanted == true { found.append(words) }
    words = []
    isWanted = nil
  }
}
