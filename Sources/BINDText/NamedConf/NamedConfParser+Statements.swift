import DNSNames

// The meaning of a statement, read at its semicolon.
extension NamedConfParser {
  mutating func finishStatement(_ semicolon: Token) throws(SyntaxError) {
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
          path: bytes.path(of: path), pathRange: path.range, range: range, enclosing: enclosing))
      return
    }
    switch frame.list {
    case .top: try finishTopStatement(statement, keyword: first.range, range: range)
    case .view(let index):
      if bytes.matches("zone", in: first.range) {
        try appendZone(statement, range: range, view: index)
      } else if let index {
        readClause(first.range, of: statement, into: &outline.views[index].clauses)
        readValidation(statement, range: range, into: &outline.views[index].validation)
      } else {
        readClause(first.range, of: statement, into: &outline.clauses)
        readValidation(statement, range: range, into: &outline.validation)
      }
    case .options:
      if bytes.matches("directory", in: first.range), let path = statement.second {
        outline.directory = Directory(
          path: bytes.path(of: path), pathRange: path.range, range: range)
      } else if bytes.matches("session-keyfile", in: first.range), let path = statement.second {
        outline.sessionKeyFile = bytes.path(of: path)
      } else {
        readClause(first.range, of: statement, into: &outline.clauses)
        readValidation(statement, range: range, into: &outline.validation)
      }
    case .zone:
      // The clauses of a zone within a file are parsed on demand.
      if frame.open < 0 { readClause(first.range, of: statement, into: &outline.clauses) }
    case .policy: readPolicyClause(first.range, statement.second)
    // The clauses of a template are parsed on demand.
    case .template, .updaters, .exceptions, .other: break
    }
  }

  mutating func finishTopStatement(
    _ statement: Statement, keyword: Range<Int>, range: Range<Int>
  ) throws(SyntaxError) {
    if bytes.matches("zone", in: keyword) {
      try appendZone(statement, range: range, view: nil)
    } else if bytes.matches("view", in: keyword) {
      // The view was appended at its opening brace.
      outline.views[outline.views.count - 1].list = try list(of: statement)
      outline.views[outline.views.count - 1].range = range
    } else if bytes.matches("dnssec-policy", in: keyword), statement.body != nil {
      let name = try name(of: statement)
      outline.dnssecPolicies.append(
        DNSSECPolicy(name: bytes.text(of: name), maxZoneTTL: policyMaxZoneTTL))
    } else if bytes.matches("template", in: keyword), let body = statement.body {
      outline.templates.append(
        TemplateStatement(name: bytes.text(of: try name(of: statement)), body: body))
    } else if bytes.matches("options", in: keyword), let list = statement.list {
      outline.options = OptionsStatement(
        list: list, validation: outline.validation, range: range)
    }
  }

  /// Reads a statement of `options` or a view, if it is about validation.
  func readValidation(
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

  var enclosing: Enclosing {
    if frame.open < 0 { return .top }
    switch frame.list {
    case .view(let index?): return .view(index)
    case .options: return .options
    case .zone: return .zone(outline.zones.count)
    case .template: return .template(outline.templates.count)
    case .top, .view, .updaters, .exceptions, .policy, .other: return .other
    }
  }

  mutating func appendView() throws(SyntaxError) {
    let name = try name(of: frame.statement)
    outline.views.append(
      ViewStatement(
        name: bytes.text(of: name), viewClass: recordClass(frame.statement.third),
        list: StatementList(body: 0..<0), range: 0..<0, clauses: ZoneClauses(),
        validation: ValidationClauses()))
  }

  func name(of statement: Statement) throws(SyntaxError) -> Token {
    guard let name = statement.second else { throw incomplete(statement, "without a name") }
    return name
  }

  func list(of statement: Statement) throws(SyntaxError) -> StatementList {
    guard let list = statement.list else { throw incomplete(statement, "without braces") }
    return list
  }

  func incomplete(_ statement: Statement, _ fault: String) -> SyntaxError {
    let keyword = statement.first?.range ?? 0..<0
    return SyntaxError(
      "a '\(bytes.text(in: keyword))' statement \(fault)", at: keyword.lowerBound, in: bytes)
  }

  mutating func appendZone(
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

  func recordClass(_ token: Token?) -> RecordClass? {
    guard let token else { return nil }
    return bytes.recordClass(in: token.range)
  }
}
