/// Makes a `NamedConfOutline` in one pass.
///
/// It goes through the braces with a stack of its own rather than by recursion: how deep they are
/// nested is up to the file.
struct NamedConfParser {
  typealias Token = NamedConfLexer.Token

  /// A list of statements: a file, or what lies between two braces.
  enum List {
    case top
    case view(Int?)
    case options
    case zone
    case updaters
    case other
  }

  /// A statement on the way, of which nobody has to know more than the first three words.
  struct Statement {
    var first: Token?
    var second: Token?
    var third: Token?
    var count = 0
    var body: Range<Int>?

    var isEmpty: Bool { count == 0 }

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
    /// Where the brace stands that opens the list; -1 for the file itself.
    let open: Int
    let list: List
    var statement = Statement()
    /// In a list of updaters: whether it lets nobody update; nil before its first entry.
    var isNone: Bool?
  }

  private var lexer: NamedConfLexer
  let bytes: [UInt8]
  private var scanner = ManagedBlockScanner()
  var frame: Frame
  private var outer: [Frame] = []
  private var outline: NamedConfOutline
  var clauses = ZoneClauses()
  var updatersAreNone = false

  init(_ bytes: [UInt8], context: NamedConfOutline.Context) {
    self.bytes = bytes
    lexer = NamedConfLexer(bytes)
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
      case .word, .string, .symbol: frame.statement.append(token)
      case .slashComment: look(at: token.range, signLength: 2)
      case .hashComment: look(at: token.range, signLength: 1)
      case .blockComment: break
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
      list: frame.statement.isEmpty ? frame.open : nil)
  }

  private mutating func open(_ brace: Token) throws(SyntaxError) {
    var list = List.other
    if let keyword = frame.statement.first, keyword.kind == .word {
      switch frame.list {
      case .top, .view:
        if bytes.matches("zone", in: keyword.range) {
          list = .zone
          clauses = ZoneClauses()
        } else if bytes.matches("allow-update", in: keyword.range) {
          list = .updaters
        } else if case .top = frame.list {
          if bytes.matches("options", in: keyword.range) {
            list = .options
          } else if bytes.matches("view", in: keyword.range) {
            list = .view(outline.views.count)
            try appendView()
          }
        }
      case .options, .zone:
        if bytes.matches("allow-update", in: keyword.range) { list = .updaters }
      case .updaters, .other: break
      }
    }
    // A list within an address match list has no word before it.
    if frame.statement.isEmpty { frame.statement.append(brace) }
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
    let body = frame.open + 1..<brace.range.lowerBound
    frame = enclosing
    frame.statement.body = body
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
    if case .zone = frame.list { outline.zoneClauses = clauses }
    scanner.finish(bytes)
    outline.blockResult = scanner.result
  }

  private mutating func finishStatement(_ semicolon: Token) throws(SyntaxError) {
    let statement = frame.statement
    frame.statement = Statement()
    guard let first = statement.first else { return }
    let range = first.range.lowerBound..<semicolon.range.upperBound
    if case .updaters = frame.list {
      readUpdater(statement)
      return
    }
    guard first.kind == .word else { return }
    if statement.count == 2, let path = statement.second, path.kind == .string,
      bytes.matches("include", in: first.range)
    {
      outline.includes.append(
        Include(
          path: bytes.text(of: path), pathRange: path.range, range: range, enclosing: enclosing))
      return
    }
    switch frame.list {
    case .top:
      if bytes.matches("zone", in: first.range) {
        try appendZone(statement, range: range, view: nil)
      } else if bytes.matches("view", in: first.range) {
        // It was appended at its brace.
        let body = try body(of: statement)
        outline.views[outline.views.count - 1].body = body
        outline.views[outline.views.count - 1].range = range
      }
    case .view(let index):
      if bytes.matches("zone", in: first.range) {
        try appendZone(statement, range: range, view: index)
      } else if bytes.matches("allow-update", in: first.range) {
        if let index {
          outline.views[index].allowsUpdate = !updatersAreNone
        } else {
          outline.allowsUpdate = !updatersAreNone
        }
      }
    case .options:
      if bytes.matches("directory", in: first.range), let path = statement.second {
        outline.directory = Directory(
          path: bytes.text(of: path), pathRange: path.range, range: range)
      } else if bytes.matches("allow-update", in: first.range) {
        outline.allowsUpdate = !updatersAreNone
      }
    case .zone:
      readClause(first.range, statement.second)
    case .updaters, .other: break
    }
  }

  private var enclosing: Enclosing {
    if frame.open < 0 { return .top }
    switch frame.list {
    case .view(let index?): return .view(index)
    case .options: return .options
    case .zone: return .zone(outline.zones.count)
    case .top, .view, .updaters, .other: return .other
    }
  }

  private mutating func appendView() throws(SyntaxError) {
    let name = try name(of: frame.statement)
    outline.views.append(
      ViewStatement(
        name: bytes.text(of: name), viewClass: recordClass(frame.statement.third), body: 0..<0,
        range: 0..<0))
  }

  private func name(of statement: Statement) throws(SyntaxError) -> Token {
    guard let name = statement.second else { throw incomplete(statement, "without a name") }
    return name
  }

  private func body(of statement: Statement) throws(SyntaxError) -> Range<Int> {
    guard let body = statement.body else { throw incomplete(statement, "without braces") }
    return body
  }

  private func incomplete(_ statement: Statement, _ fault: String) -> SyntaxError {
    let keyword = statement.first?.range ?? 0..<0
    return SyntaxError(
      "a '\(bytes.text(in: keyword))' statement \(fault)", at: keyword.lowerBound, in: bytes)
  }

  private mutating func appendZone(
    _ statement: Statement, range: Range<Int>, view: Int?
  ) throws(SyntaxError) {
    let name = try name(of: statement)
    let body = try body(of: statement)
    let content = bytes.content(of: name)
    let domainName: DomainName
    do {
      // Of a name's escapes named takes `\"` away before it reads the name: the same comes out.
      domainName = try DomainName(bytes, in: content)
    } catch {
      throw SyntaxError(error.description, at: name.range.lowerBound, in: bytes)
    }
    outline.zones.append(
      ZoneStatement(
        name: domainName, nameText: bytes.text(in: content), nameRange: name.range,
        zoneClass: recordClass(statement.third), view: view, clauses: clauses,
        body: body, range: range))
  }

  private func recordClass(_ token: Token?) -> RecordClass? {
    guard let token else { return nil }
    return bytes.recordClass(in: token.range)
  }
}
