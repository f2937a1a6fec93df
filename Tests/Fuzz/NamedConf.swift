import BINDText

/// Reads a named.conf and tries all kinds of edits.
func testNamedConf(_ bytes: [UInt8], context: NamedConfOutline.Context) {
  testTokens(ofNamedConf: bytes)
  guard let outline = try? NamedConfOutline(parsing: bytes, context: context) else { return }
  outline.testBlocks()
  outline.testPlainLists()
  outline.testLists()
  outline.testZones()
}

/// The tokens of a file, up to an error, omit nothing but blanks.
private func testTokens(ofNamedConf bytes: [UInt8]) {
  var lexer = NamedConfLexer(bytes)
  var end = 0
  while let token = try? lexer.next() {
    expect(token.range.lowerBound >= end, "tokens follow each other")
    expect(
      bytes[end..<token.range.lowerBound].allSatisfy(" \t\r\n".utf8.contains),
      "between tokens there are blanks only")
    if token.kind == .end { return }
    expect(!token.range.isEmpty, "a token has bytes")
    end = token.range.upperBound
  }
}

extension NamedConfOutline: Subject {
  func reading(_ bytes: [UInt8]) throws -> NamedConfOutline {
    try NamedConfOutline(parsing: bytes, context: context)
  }

  var contents: [AnyHashable] {
    var contents: [AnyHashable] = [directory?.path, clauses, dnssecPolicies]
    for zone in zones { contents += [nameText(of: zone), zone.view, clauses(of: zone)] }
    for view in views { contents += [view.name, view.viewClass, view.clauses] }
    for include in includes { contents += [include.path, include.enclosing] }
    for exception in exceptions { contents.append(exception.names) }
    return contents
  }

  static var body: [String] { ["acl fuzz {", "\tany;", "};"] }
  static var contentsOfBody: [AnyHashable] { [] }
  static var isReadWithoutBlocks: Bool { true }
}
