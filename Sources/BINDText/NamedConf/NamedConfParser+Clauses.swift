extension NamedConfParser {
  /// Reads an entry of `allow-update`.
  ///
  /// To named, a list of only `any` and `none` whose first entry matches nobody means `none`, and its zone is not
  /// dynamic. An empty list makes a dynamic zone that nobody can update.
  mutating func readUpdater(_ entry: Statement) {
    var word = entry.first
    var isNegated = false
    if entry.count == 2, word?.kind == .symbol {
      word = entry.second
      isNegated = true
    } else if entry.count != 1 {
      word = nil
    }
    guard let word else {
      frame.isNone = false
      return
    }
    let content = bytes.content(of: word)
    switch bytes.uppercaseKey(in: content) {
    case 0x4e4f_4e45:  // none
      frame.isNone = frame.isNone ?? !isNegated
    case 0x41_4e59:  // any
      frame.isNone = frame.isNone ?? isNegated
    default: frame.isNone = false
    }
  }

  /// Reads a statement in a zone's braces, or one of `options` or a view that zones inherit.
  func readClause(
    _ keyword: Range<Int>, of statement: Statement, into clauses: inout ZoneClauses
  ) {
    let value = statement.second
    if let check = ZoneCheck(bytes, in: keyword) {
      if let mode = mode(of: check, statement) { clauses.checks[check] = mode }
      return
    }
    switch keyword.count {
    case 4:
      guard let value else { return }
      switch bytes.uppercaseKey(in: keyword) {
      case 0x5459_5045:  // type
        clauses.type = ZoneType(bytes, in: value.range)
      case 0x4649_4c45:  // file
        clauses.file = bytes.path(of: value)
      default: break
      }
    case 7:
      guard let value else { return }
      if bytes.matches("in-view", in: keyword) {
        clauses.type = .inView
        clauses.inView = bytes.text(of: value)
      } else if bytes.matches("journal", in: keyword) {
        clauses.journal = bytes.path(of: value)
      }
    case 8 where bytes.matches("template", in: keyword):
      if let value { clauses.template = bytes.text(of: value) }
    case 12:
      if bytes.matches("allow-update", in: keyword) {
        clauses.allowsUpdate = !updatersAreNone
      } else if let value, bytes.matches("max-zone-ttl", in: keyword) {
        clauses.maxZoneTTL = bytes.maxZoneTTL(in: bytes.content(of: value))
      }
    case 13:
      if bytes.matches("update-policy", in: keyword) {
        clauses.hasUpdatePolicy = true
      } else if let value, bytes.matches("dnssec-policy", in: keyword) {
        clauses.dnssecPolicy = bytes.text(of: value)
      }
    case 14 where bytes.matches("inline-signing", in: keyword):
      if let value { clauses.hasInlineSigning = isTrue(value.range) }
    case 17 where bytes.matches("masterfile-format", in: keyword):
      if let value { clauses.masterfileFormat = bytes.text(of: value).lowercased() }
    default: break
    }
  }

  /// The mode of a check for primary zones; nil for a statement about other zones or about answers.
  ///
  /// In `options` and views, `check-names` first says what it applies to.
  private func mode(of check: ZoneCheck, _ statement: Statement) -> String? {
    guard var value = statement.second else { return nil }
    if check == .names, statement.count == 3, let third = statement.third {
      let subject = bytes.content(of: value)
      guard bytes.matches("primary", in: subject) || bytes.matches("master", in: subject) else {
        return nil
      }
      value = third
    }
    return bytes.text(of: value).lowercased()
  }

  /// Reads a statement in the braces of a `dnssec-policy`.
  mutating func readPolicyClause(_ keyword: Range<Int>, _ value: Token?) {
    if let value, bytes.matches("max-zone-ttl", in: keyword) {
      policyMaxZoneTTL = bytes.maxZoneTTL(in: bytes.content(of: value))
    }
  }

  /// named's spellings of true: `yes`, `true` and `1`.
  func isTrue(_ range: Range<Int>) -> Bool {
    bytes.matches("yes", in: range) || bytes.matches("true", in: range)
      || bytes.matches("1", in: range)
  }

  /// named's spellings of false: `no`, `false` and `0`.
  func isFalse(_ range: Range<Int>) -> Bool {
    bytes.matches("no", in: range) || bytes.matches("false", in: range)
      || bytes.matches("0", in: range)
  }
}
