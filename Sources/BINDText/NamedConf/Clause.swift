/// A statement of named.conf word by word, with what stands between its braces.
///
/// For statements that the outline itself does not know, and for callers that ask by name.
public struct Clause: Hashable, Sendable {
  /// What a statement is made of.
  public enum Part: Hashable, Sendable {
    /// A word, without its quotes. An address and its prefix length are one word, and so are `!` and the
    /// word that it negates.
    case word(String)
    /// What stands between two braces.
    case list([Clause])
  }

  /// Its words and lists, in the order in which they stand.
  public internal(set) var parts: [Part] = []
  /// The statement with its semicolon.
  public internal(set) var range: Range<Int>

  /// The words outside of its braces.
  public var words: [String] {
    parts.compactMap { part in if case .word(let word) = part { word } else { nil } }
  }

  /// What stands between its first braces; empty where there are none.
  public var list: [Clause] {
    for case .list(let list) in parts { return list }
    return []
  }

  /// What stands between the braces behind a word; nil where there are none.
  public func list(behind word: String) -> [Clause]? {
    for (part, next) in zip(parts, parts.dropFirst()) {
      if case .word(let own) = part, own.lowercased() == word, case .list(let list) = next {
        return list
      }
    }
    return nil
  }

  /// The word behind the keyword.
  public var value: String? { words.dropFirst().first }

  /// The statements in the first list that begin with a keyword.
  public func list(_ keyword: String) -> [Clause] {
    list.filter { $0.words.first?.lowercased() == keyword }
  }
}

extension Clause: CustomStringConvertible {
  /// As one would write it on one line, without the semicolon and the quotes.
  public var description: String {
    parts.map { part in
      switch part {
      case .word(let word): word
      case .list(let list): "{ \(list.map { "\($0); " }.joined())}"
      }
    }.joined(separator: " ")
  }
}

extension NamedConfOutline {
  /// The statements that begin with a keyword and stand in a list, not deeper in it.
  ///
  /// - Parameters:
  ///   - keyword: In small letters.
  ///   - list: What lies between the braces of `options` or a view; nil for the file itself.
  /// - Returns: The statements, in the order in which they stand.
  public func clauses(_ keyword: String, in list: Range<Int>? = nil) -> [Clause] {
    clauses(beginningWith: [keyword], in: list)
  }

  /// The statements that begin with one of some keywords and stand in a list, not deeper in it.
  ///
  /// - Parameters:
  ///   - keywords: In small letters.
  ///   - list: What lies between the braces of `options` or a view; nil for the file itself.
  /// - Returns: The statements, in the order in which they stand.
  public func clauses(
    beginningWith keywords: Set<String>, in list: Range<Int>? = nil
  ) -> [Clause] {
    var reader = ClauseReader(bytes, in: list ?? 0..<bytes.count, keywords: keywords)
    return reader.read()
  }
}

/// Reads clauses with a stack of its own: how deep braces are nested is up to the file.
private struct ClauseReader {
  /// named.conf has no use for more; what is nested deeper is passed over.
  private static let maximumDepth = 16

  private var lexer: NamedConfLexer
  private let bytes: [UInt8]
  private let keywords: Set<String>
  /// The statement on the way in each list, the outermost first; nil between two statements.
  private var open: [Clause?] = [nil]
  /// The statements of each list so far.
  private var lists: [[Clause]] = [[]]
  /// Whether the next word belongs to the last one, as behind `!` and `/`.
  private var isGlued = false

  init(_ bytes: [UInt8], in range: Range<Int>, keywords: Set<String>) {
    lexer = NamedConfLexer(bytes, in: range)
    self.bytes = bytes
    self.keywords = keywords
  }

  mutating func read() -> [Clause] {
    // The file was read once, with all that could be wrong in it.
    while let token = try? lexer.next(), token.kind != .end { take(token) }
    return lists[0]
  }

  private mutating func take(_ token: NamedConfLexer.Token) {
    switch token.kind {
    case .word, .string, .symbol: append(token)
    case .openBrace:
      if open.count > Self.maximumDepth {
        skipList()
      } else {
        begin(at: token)
        open.append(nil)
        lists.append([])
        isGlued = false
      }
    case .closeBrace:
      guard open.count > 1 else { return }
      open.removeLast()
      let list = lists.removeLast()
      open[open.count - 1]?.parts.append(.list(list))
    case .semicolon:
      if var clause = open[open.count - 1] {
        clause.range = clause.range.lowerBound..<token.range.upperBound
        lists[lists.count - 1].append(clause)
      }
      open[open.count - 1] = nil
      isGlued = false
    case .slashComment, .hashComment, .blockComment, .end: break
    }
  }

  private mutating func append(_ token: NamedConfLexer.Token) {
    let text = bytes.text(of: token)
    if open.count == 1, open[0] == nil, !keywords.contains(text.lowercased()) {
      skipStatement(text.lowercased())
      return
    }
    begin(at: token)
    let last = open.count - 1
    // named takes blanks between the two, and nobody writes them.
    let isSlash = token.kind == .symbol && text == "/"
    if isGlued || isSlash, case .word(let word)? = open[last]?.parts.last {
      open[last]?.parts.removeLast()
      open[last]?.parts.append(.word(word + text))
    } else {
      open[last]?.parts.append(.word(text))
    }
    isGlued = token.kind == .symbol
  }

  private mutating func begin(at token: NamedConfLexer.Token) {
    if open[open.count - 1] == nil { open[open.count - 1] = Clause(range: token.range) }
  }

  /// Passes over a statement that nobody has asked for.
  private mutating func skipStatement(_ keyword: String) {
    // named hands the text between their braces to a plugin as it is.
    let isForPlugin = ["plugin", "dyndb", "dnsrps-options"].contains(keyword)
    while let token = try? lexer.next(), token.kind != .end, token.kind != .semicolon {
      guard token.kind == .openBrace else { continue }
      if isForPlugin { _ = lexer.skipBracketedText() } else { skipList() }
    }
  }

  /// Passes over a list, from behind its brace.
  private mutating func skipList() {
    if case .plain = lexer.skipPlainList() { return }
    var depth = 1
    while depth > 0, let token = try? lexer.next(), token.kind != .end {
      if token.kind == .openBrace { depth += 1 }
      if token.kind == .closeBrace { depth -= 1 }
    }
  }
}
