/// A statement of named.conf word by word, with the contents of its braces.
///
/// For statements that the outline itself does not know; callers ask for them by keyword.
public struct Clause: Hashable, Sendable {
  /// A part of a statement.
  public enum Part: Hashable, Sendable {
    /// A word, without its quotes.
    ///
    /// An address with its prefix length is one word; so is `!` with the word that it negates.
    case word(String)
    /// The statements between two braces.
    case list([Clause])
  }

  /// Its words and lists, in file order.
  public internal(set) var parts: [Part] = []
  /// The statement, including its semicolon.
  public internal(set) var range: Range<Int>

  /// The words outside its braces.
  public var words: [String] {
    parts.compactMap { part in if case .word(let word) = part { word } else { nil } }
  }

  /// The statements between its first braces; empty if it has none.
  public var list: [Clause] {
    for case .list(let list) in parts { return list }
    return []
  }

  /// The statements between the braces after a word; nil if there are none.
  public func list(behind word: String) -> [Clause]? {
    for (part, next) in zip(parts, parts.dropFirst()) {
      if case .word(let own) = part, own.lowercased() == word, case .list(let list) = next {
        return list
      }
    }
    return nil
  }

  /// The word after the keyword.
  public var value: String? { words.dropFirst().first }

  /// The statements in the first list that begin with a keyword.
  public func list(_ keyword: String) -> [Clause] {
    list.filter { $0.words.first?.lowercased() == keyword }
  }
}

extension Clause: CustomStringConvertible {
  /// The statement on one line, without the semicolon and the quotes.
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
  /// The statements directly in a list that begin with a keyword.
  ///
  /// - Parameters:
  ///   - keyword: In lower case.
  ///   - list: The text between the braces of `options` or a view; nil for the file itself.
  /// - Returns: The statements, in file order.
  public func clauses(_ keyword: String, in list: Range<Int>? = nil) -> [Clause] {
    clauses(beginningWith: [keyword], in: list)
  }

  /// The statements directly in a list that begin with one of several keywords.
  ///
  /// - Parameters:
  ///   - keywords: In lower case.
  ///   - list: The text between the braces of `options` or a view; nil for the file itself.
  /// - Returns: The statements, in file order.
  public func clauses(
    beginningWith keywords: Set<String>, in list: Range<Int>? = nil
  ) -> [Clause] {
    var reader = ClauseReader(bytes, in: list ?? 0..<bytes.count, keywords: keywords)
    return reader.read()
  }
}

/// Reads clauses with an explicit stack, because the file decides how deep its braces are nested.
private struct ClauseReader {
  /// named.conf needs no deeper nesting; deeper lists are skipped.
  private static let maximumDepth = 16

  private var lexer: NamedConfLexer
  private let bytes: [UInt8]
  private let keywords: Set<String>
  /// The unfinished statement in each list, the outermost first; nil between two statements.
  private var open: [Clause?] = [nil]
  /// The statements of each list so far.
  private var lists: [[Clause]] = [[]]
  /// Whether the next word belongs to the last one, as it does after `!` and `/`.
  private var isGlued = false

  init(_ bytes: [UInt8], in range: Range<Int>, keywords: Set<String>) {
    lexer = NamedConfLexer(bytes, in: range)
    self.bytes = bytes
    self.keywords = keywords
  }

  mutating func read() -> [Clause] {
    // No error can occur here: the outline has already read the whole file.
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
    // named accepts blanks between the two, but nobody writes them.
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

  /// Skips a statement that the caller did not ask for.
  private mutating func skipStatement(_ keyword: String) {
    // named passes the text between these braces to the plugin unparsed.
    let isForPlugin = ["plugin", "dyndb", "dnsrps-options"].contains(keyword)
    while let token = try? lexer.next(), token.kind != .end, token.kind != .semicolon {
      guard token.kind == .openBrace else { continue }
      if isForPlugin { _ = lexer.skipBracketedText() } else { skipList() }
    }
  }

  /// Skips a list, starting after its brace.
  private mutating func skipList() {
    if case .plain = lexer.skipPlainList() { return }
    var depth = 1
    while depth > 0, let token = try? lexer.next(), token.kind != .end {
      if token.kind == .openBrace { depth += 1 }
      if token.kind == .closeBrace { depth -= 1 }
    }
  }
}
