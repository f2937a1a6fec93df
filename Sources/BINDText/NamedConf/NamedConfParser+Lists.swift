// The lists that statements open with a brace.
extension NamedConfParser {
  func takesBracketedText(_ keyword: Token) -> Bool {
    guard keyword.kind == .word else { return false }
    switch frame.list {
    case .top, .view, .options:
      return bytes.matches("plugin", in: keyword.range) || bytes.matches("dyndb", in: keyword.range)
        || bytes.matches("dnsrps-options", in: keyword.range)
    case .zone, .template: return bytes.matches("plugin", in: keyword.range)
    case .updaters, .exceptions, .policy, .other: return false
    }
  }

  /// The kind of list that the brace after the words of a statement opens.
  mutating func list(openedBy statement: Statement) throws(SyntaxError) -> List {
    // named rejects a statement with two lists, so the second one can be ignored.
    guard let keyword = statement.first, keyword.kind == .word, statement.list == nil else {
      return .other
    }
    switch frame.list {
    case .top:
      if bytes.matches("zone", in: keyword.range) { return .zone }
      if bytes.matches("template", in: keyword.range) { return .template }
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
    case .zone, .template:
      return bytes.matches("allow-update", in: keyword.range) ? .updaters : .other
    case .updaters, .exceptions, .policy, .other: return .other
    }
  }

  mutating func optionList(_ keyword: Range<Int>) -> List {
    if bytes.matches("allow-update", in: keyword) { return .updaters }
    if bytes.matches("validate-except", in: keyword) {
      exceptions = []
      return .exceptions
    }
    return .other
  }
}
