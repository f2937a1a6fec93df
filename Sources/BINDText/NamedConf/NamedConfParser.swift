/// Makes a `NamedConfOutline` in one pass.
///
/// It keeps an explicit stack of braces instead of recursing, because the file decides how deep they are nested.
struct NamedConfParser {
  typealias Token = NamedConfLexer.Token

  /// A list of statements: a file, or the text between two braces.
  enum List {
    case top
    case view(Int?)
    case options
    case zone
    case template
    case updaters
    case exceptions
    case policy
    case other
  }

  /// An unfinished statement; only its first three words matter.
  struct Statement {
    var first: Token?
    var second: Token?
    var third: Token?
    var count = 0
    /// The text between its first braces.
    var list: StatementList?

    var body: Range<Int>? { list?.body }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ list: StatementList) {
      if self.list == nil { self.list = list }
    }

    mutating func append(_ token: Token) {
      switch count {
      case 0: first = token
      case 1: second = token
      case 2: third = token
      default: break
      }
      count += 1
    }
  }

  struct Frame {
    /// The position of the brace that opens the list; -1 for the file itself.
    let open: Int
    let list: List
    var statement = Statement()
    /// Where the last statement of the list begins; nil before its first one.
    var lastStatement: Int?
    /// In a list of updaters: whether it denies everybody; nil before its first entry.
    var isNone: Bool?
  }

  var lexer: NamedConfLexer
  let bytes: [UInt8]
  var scanner = ManagedBlockScanner()
  var frame: Frame
  var outer: [Frame] = []
  var outline: NamedConfOutline
  /// The `max-zone-ttl` of the `dnssec-policy` being read.
  var policyMaxZoneTTL: UInt32?
  var updatersAreNone = false
  /// The names of the `validate-except` being read.
  var exceptions: [Token] = []
  /// A list that begins before this position is not plain.
  var notPlainBefore = 0

  init(_ bytes: [UInt8], context: NamedConfOutline.Context) {
    self.init(bytes, in: 0..<bytes.count, context: context)
  }

  /// Reads a part of a file as if it were a file.
  init(_ bytes: [UInt8], in range: Range<Int>, context: NamedConfOutline.Context) {
    self.bytes = bytes
    lexer = NamedConfLexer(bytes, in: range)
    outline = NamedConfOutline(bytes: bytes, context: context)
    let list: List =
      switch context {
      case .top: .top
      case .view: .view(nil)
      case .options: .options
      case .zone: .zone
      case .other: .other
      }
    frame = Frame(open: -1, list: list)
  }

  mutating func parse() throws(SyntaxError) -> NamedConfOutline {
    while true {
      let token = try lexer.next()
      switch token.kind {
      case .word, .symbol: frame.statement.append(token)
      case .string:
        scanner.look(inString: token.range, in: bytes)
        frame.statement.append(token)
      case .slashComment: look(at: token.range, signLength: 2)
      case .hashComment: look(at: token.range, signLength: 1)
      case .blockComment: scanner.look(inComment: token.range, in: bytes)
      case .openBrace: try open(token)
      case .closeBrace: try close(token)
      case .semicolon: try finishStatement(token)
      case .end:
        try finish()
        return outline
      }
    }
  }

  private mutating func look(at comment: Range<Int>, signLength: Int) {
    scanner.look(
      at: comment, signLength: signLength, in: bytes,
      list: frame.statement.isEmpty ? frame.open + 1 : nil, takesMidLine: true)
  }

  private mutating func open(_ brace: Token) throws(SyntaxError) {
    if let keyword = frame.statement.first, takesBracketedText(keyword) {
      guard let closeBrace = lexer.skipBracketedText() else {
        throw SyntaxError("this '{' has no '}'", at: brace.range.lowerBound, in: bytes)
      }
      frame.statement.append(StatementList(body: brace.range.upperBound..<closeBrace))
      return
    }
    let list = try list(openedBy: frame.statement)
    // A list within an address match list has no word in front of it.
    if frame.statement.isEmpty { frame.statement.append(brace) }
    let isOpaque: Bool =
      switch list {
      case .zone, .template, .other: true
      case .top, .view, .options, .updaters, .exceptions, .policy: false
      }
    if isOpaque, brace.range.lowerBound >= notPlainBefore {
      switch lexer.skipPlainList() {
      case .plain(let closeBrace):
        frame.statement.append(StatementList(body: brace.range.upperBound..<closeBrace))
        return
      case .notPlain(let place):
        // No list around that position is plain either: searching each of them again would take time quadratic in the
        // size of the file.
        notPlainBefore = place
      }
    }
    outer.append(frame)
    frame = Frame(open: brace.range.lowerBound, list: list)
  }

  private mutating func close(_ brace: Token) throws(SyntaxError) {
    guard frame.statement.isEmpty else {
      throw SyntaxError("a ';' is missing before this '}'", at: brace.range.lowerBound, in: bytes)
    }
    guard let enclosing = outer.popLast() else {
      throw SyntaxError("this '}' has no '{'", at: brace.range.lowerBound, in: bytes)
    }
    if case .updaters = frame.list { updatersAreNone = frame.isNone ?? false }
    let list = StatementList(
      body: frame.open + 1..<brace.range.lowerBound, lastStatement: frame.lastStatement)
    frame = enclosing
    frame.statement.append(list)
  }

  private mutating func finish() throws(SyntaxError) {
    guard outer.isEmpty else {
      throw SyntaxError("this '{' has no '}'", at: frame.open, in: bytes)
    }
    if let first = frame.statement.first {
      throw SyntaxError(
        "the file ends within the statement that begins here: a ';' is missing",
        at: first.range.lowerBound, in: bytes)
    }
    outline.lastStatement = frame.lastStatement
    scanner.finish(bytes)
    outline.blockResult = scanner.result
  }
}
