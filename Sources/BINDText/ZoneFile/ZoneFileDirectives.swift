import DNSNames

extension ZoneFileReader {
  /// Reads a line that begins with a dollar sign.
  mutating func directive(
    _ keyword: Range<Int>, _ token: Token
  ) throws(SyntaxError) -> ZoneFileEntry {
    let start = token.range.lowerBound
    if bytes.matches("$ORIGIN", in: keyword) {
      let value = try argument(of: token)
      let name = try name(value.range, at: value)
      try endLine()
      setOrigin(name)
      return .origin(name, range: start..<value.range.upperBound)
    }
    if bytes.matches("$TTL", in: keyword) {
      let value = try argument(of: token)
      guard let ttl = bytes.timeToLive(in: value.range) else {
        throw error("this is not a TTL", at: value)
      }
      try endLine()
      return .defaultTTL(ttl, range: start..<value.range.upperBound)
    }
    if bytes.matches("$INCLUDE", in: keyword) { return try include(token) }
    if bytes.matches("$GENERATE", in: keyword) { return try generate(token) }
    if bytes.matches("$DATE", in: keyword) {
      let value = try argument(of: token)
      try endLine()
      return .date(range: start..<value.range.upperBound)
    }
    throw error("named knows no such directive", at: token)
  }

  private mutating func include(_ token: Token) throws(SyntaxError) -> ZoneFileEntry {
    let path = try argument(of: token, allowsString: true)
    var end = path.range.upperBound
    var origin = self.origin
    let next = try nextOnLine()
    if next.kind == .word {
      origin = try name(next.range, at: next)
      end = next.range.upperBound
      try endLine()
    } else if next.kind == .string {
      throw error("the origin of an $INCLUDE takes no quotes", at: next)
    }
    return .include(
      ZoneFileInclude(
        path: bytes.path(of: path), pathRange: path.range, origin: origin, owner: owner,
        range: token.range.lowerBound..<end))
  }

  private mutating func generate(_ token: Token) throws(SyntaxError) -> ZoneFileEntry {
    let range = try argument(of: token)
    guard let numbers = GenerateNumbers(bytes, in: range.range) else {
      let written = bytes.text(in: range.range)
      throw error("'\(written)' is not a range of numbers, such as 1-10", at: range)
    }
    let owner = try argument(of: token)
    let names = GeneratedNames(
      template: try template(owner), numbers: numbers, origin: origin)
    let (recordClass, ttl, type) = try classTTLType(try argument(of: token).range)
    let rdata = try argument(of: token, allowsString: true)
    let rdataTemplate = try template(rdata)
    try endLine()
    return .generate(
      ZoneFileGenerate(
        names: names, ownerRange: owner.range, ttl: ttl, recordClass: recordClass,
        type: bytes.recordType(in: type), rdata: rdata.range, rdataTemplate: rdataTemplate,
        range: token.range.lowerBound..<rdata.range.upperBound))
  }

  private func template(_ token: Token) throws(SyntaxError) -> GenerateTemplate {
    guard let template = GenerateTemplate(bytes, in: bytes.content(of: token)) else {
      throw error(
        "'\(bytes.text(in: token.range))' has a '${' without offset, width and base", at: token)
    }
    return template
  }

  private mutating func argument(
    of directive: Token, allowsString: Bool = false
  ) throws(SyntaxError) -> Token {
    let token = try nextOnLine()
    guard token.kind == .word || allowsString && token.kind == .string else {
      throw error("the directive needs another word here", at: token)
    }
    return token
  }

  private mutating func endLine() throws(SyntaxError) {
    let token = try nextOnLine()
    switch token.kind {
    case .endOfLine: return
    case .end:
      // As in BIND's master.c, which accepts such an end only after an $INCLUDE without origin, and after a record.
      throw error(
        "the file ends here without the line ending that named requires after a directive",
        at: token)
    case .word, .string, .leadingBlank, .comment:
      throw error("the line has more words than the directive takes", at: token)
    }
  }

  private func name(_ text: Range<Int>, at token: Token) throws(SyntaxError) -> DomainName {
    do {
      return try DomainName(bytes, in: text, origin: origin)
    } catch {
      throw self.error("this is \(error.reason)", at: token)
    }
  }
}

extension [UInt8] {
  /// The value of a word or string that is not a name: without its quotes, and with `\"` read as `"`.
  ///
  /// named keeps every other backslash.
  func path(of token: ZoneFileLexer.Token) -> PathText {
    let content = content(of: token)
    guard token.kind == .string else { return PathText(Array(self[content])) }
    var text: [UInt8] = []
    for index in content {
      if self[index] == ASCII.quote { text.removeLast() }
      text.append(self[index])
    }
    return PathText(text)
  }
}
