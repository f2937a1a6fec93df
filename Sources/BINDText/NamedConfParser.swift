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
    case exceptions
    case policy
    case other
  }

  /// A statement on the way, of which nobody has to know more than the first three words.
  struct Statement {
    var first: Token?
    var second: Token?
    var third: Token?
    var count = 0
    /// What stands between its first braces.
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
    /// Where the brace stands that opens the list; -1 for the file itself.
    let open: Int
    let list: List
    var statement = Statement()
    /// Where the last statement of the list begins; nil before its first one.
    var lastStatement: Int?
    /// In a list of updaters: whether it lets nobody update; nil before its first entry.
    var isNone: Bool?
  }

  private var lexer: NamedConfLexer
  let bytes: [UInt8]
  private var scanner = ManagedBlockScanner()
  var frame: Frame
  private var outer: [Frame] = []
  private var outline: NamedConfOutline
  /// The `max-zone-ttl` of the `dnssec-policy` being read.
  var policyMaxZoneTTL: UInt32?
  var updatersAreNone = false
  /// The names of the `validate-except` being read.
  private var exceptions: [Token] = []
  /// A list that begins before this place is not plain.
  private var notPlainBefore = 0

  init(_ bytes: [UInt8], context: NamedConfOutline.Context) {
    self.init(bytes, in: 0..<bytes.count, context: context)
  }

  /// Reads a part of a file as if it were one.
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
    // A list within an address match list has no word before it.
    if frame.statement.isEmpty { frame.statement.append(brace) }
    let isOpaque: Bool =
      switch list {
      case .zone, .other: true
      case .top, .view, .options, .updaters, .exceptions, .policy: false
      }
    if isOpaque, brace.range.lowerBound >= notPlainBefore {
      switch lexer.skipPlainList() {
      case .plain(let closeBrace):
        frame.statement.append(StatementList(body: brace.range.upperBound..<closeBrace))
        return
      case .notPlain(let place):
        // Nor is any list around that place: to look again in each would take the square of the
        // file's time.
        notPlainBefore = place
      }
    }
    outer.append(frame)
    frame = Frame(open: brace.range.lowerBound, list: list)
  }

  private func takesBracketedText(_ keyword: Token) -> Bool {
    guard keyword.kind == .word else { return false }
    switch frame.list {
    case .top, .view, .options:
      return bytes.matches("plugin", in: keyword.range) || bytes.matches("dyndb", in: keyword.range)
        || bytes.matches("dnsrps-options", in: keyword.range)
    case .zone: return bytes.matches("plugin", in: keyword.range)
    case .updaters, .exceptions, .policy, .other: return false
    }
  }

  /// What kind of list the brace behind the words of a statement opens.
  private mutating func list(openedBy statement: Statement) throws(SyntaxError) -> List {
    // Of a statement with two lists, which named refuses, the second means nothing.
    guard let keyword = statement.first, keyword.kind == .word, statement.list == nil else {
      return .other
    }
    switch frame.list {
    case .top:
      if bytes.matches("zone", in: keyword.range) { return .zone }
      if bytes.matches("options", in: keyword.range) { return .options }
      if bytes.matches("view", in: keyword.range) {
        try appendView()
        return .view(outline.views.count - 1)
      }
      if bytes.matches("dnssec-policy", in: keyword.range) {
        policyMaxZoneTTL = nil
        return .policy
      }
      return bytes.matches("allow-update", in: keyword.range) ? .updaters : .other
    case .view:
      if bytes.matches("zone", in: keyword.range) { return .zone }
      return optionList(keyword.range)
    case .options: return optionList(keyword.range)
    case .zone: return bytes.matches("allow-update", in: keyword.range) ? .updaters : .other
    case .updaters, .exceptions, .policy, .other: return .other
    }
  }

  private mutating func optionList(_ keyword: Range<Int>) -> List {
    if bytes.matches("allow-update", in: keyword) { return .updaters }
    if bytes.matches("validate-except", in: keyword) {
      exceptions = []
      return .exceptions
    }
    return .other
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

  private mutating func finishStatement(_ semicolon: Token) throws(SyntaxError) {
    let statement = frame.statement
    frame.statement = Statement()
    guard let first = statement.first else { return }
    frame.lastStatement = first.range.lowerBound
    let range = first.range.lowerBound..<semicolon.range.upperBound
    switch frame.list {
    case .updaters:
      readUpdater(statement)
      return
    case .exceptions where statement.count == 1:
      exceptions.append(first)
      return
    default: break
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
    case .top: try finishTopStatement(statement, keyword: first.range, range: range)
    case .view(let index):
      if bytes.matches("zone", in: first.range) {
        try appendZone(statement, range: range, view: index)
      } else if let index {
        readClause(first.range, statement.second, into: &outline.views[index].clauses)
        readValidation(statement, range: range, into: &outline.views[index].validation)
      } else {
        readClause(first.range, statement.second, into: &outline.clauses)
        readValidation(statement, range: range, into: &outline.validation)
      }
    case .options:
      if bytes.matches("directory", in: first.range), let path = statement.second {
        outline.directory = Directory(
          path: bytes.text(of: path), pathRange: path.range, range: range)
      } else {
        readClause(first.range, statement.second, into: &outline.clauses)
        readValidation(statement, range: range, into: &outline.validation)
      }
    case .zone:
      // Of a zone within a file, they are read when they are asked for.
      if frame.open < 0 { readClause(first.range, statement.second, into: &outline.clauses) }
    case .policy: readPolicyClause(first.range, statement.second)
    case .updaters, .exceptions, .other: break
    }
  }

  private mutating func finishTopStatement(
    _ statement: Statement, keyword: Range<Int>, range: Range<Int>
  ) throws(SyntaxError) {
    if bytes.matches("zone", in: keyword) {
      try appendZone(statement, range: range, view: nil)
    } else if bytes.matches("view", in: keyword) {
      // It was appended at its brace.
      outline.views[outline.views.count - 1].list = try list(of: statement)
      outline.views[outline.views.count - 1].range = range
    } else if bytes.matches("dnssec-policy", in: keyword), statement.body != nil {
      let name = try name(of: statement)
      outline.dnssecPolicies.append(
        DNSSECPolicy(name: bytes.text(of: name), maxZoneTTL: policyMaxZoneTTL))
    } else if bytes.matches("options", in: keyword), let list = statement.list {
      outline.options = OptionsStatement(
        list: list, validation: outline.validation, range: range)
    }
  }

  /// Reads a statement of `options` or a view, if it is about validation.
  private func readValidation(
    _ statement: Statement, range: Range<Int>, into clauses: inout ValidationClauses
  ) {
    guard let keyword = statement.first?.range else { return }
    if bytes.matches("dnssec-validation", in: keyword) {
      clauses.isOn = statement.second.map { !isFalse(bytes.content(of: $0)) }
    } else if bytes.matches("validate-except", in: keyword), let list = statement.list {
      clauses.exceptions.append(
        ValidateExcept(
          names: exceptions.map(bytes.text(of:)), nameRanges: exceptions.map(\.range),
          list: list, range: range))
    }
  }

  private var enclosing: Enclosing {
    if frame.open < 0 { return .top }
    switch frame.list {
    case .view(let index?): return .view(index)
    case .options: return .options
    case .zone: return .zone(outline.zones.count)
    case .top, .view, .updaters, .exceptions, .policy, .other: return .other
    }
  }

  private mutating func appendView() throws(SyntaxError) {
    let name = try name(of: frame.statement)
    outline.views.append(
      ViewStatement(
        name: bytes.text(of: name), viewClass: recordClass(frame.statement.third),
        list: StatementList(body: 0..<0), range: 0..<0, clauses: ZoneClauses(),
        validation: ValidationClauses()))
  }

  private func name(of statement: Statement) throws(SyntaxError) -> Token {
    guard let name = statement.second else { throw incomplete(statement, "without a name") }
    return name
  }

  private func list(of statement: Statement) throws(SyntaxError) -> StatementList {
    guard let list = statement.list else { throw incomplete(statement, "without braces") }
    return list
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
    let body = try list(of: statement).body
    guard
      let zone = ZoneStatement(
        range: range, nameRange: name.range, body: body,
        zoneClass: recordClass(statement.third), view: view)
    else {
      throw SyntaxError("the file is longer than 4 GiB", at: range.lowerBound, in: bytes)
    }
    outline.zones.append(zone)
  }

  private func recordClass(_ token: Token?) -> RecordClass? {
    guard let token else { return nil }
    return bytes.recordClass(in: token.range)
  }
}
