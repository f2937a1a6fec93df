/// Text for a terminal: whatever is put into it is escaped, but for the styles that it has itself.
struct TerminalText: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// With line ends and styles.
  private(set) var text: String

  init(stringLiteral text: String) {
    self.text = text
  }

  init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ part: TerminalText) { text += part.text }
    mutating func appendInterpolation(_ value: some Any) { text += "\(value)".printableLine }
  }

  /// The text in a style, by its SGR code (ECMA-48 section 8.3.117).
  func styled(_ code: String) -> TerminalText {
    var styled = self
    styled.text = "\u{1b}[\(code)m\(text)\u{1b}[0m"
    return styled
  }

  var isEmpty: Bool { text.isEmpty }

  static func + (one: TerminalText, other: TerminalText) -> TerminalText { "\(one)\(other)" }
}

extension Sequence<TerminalText> {
  func joined(separator: TerminalText) -> TerminalText {
    var isFirst = true
    return reduce("") { text, part in
      defer { isFirst = false }
      return isFirst ? part : "\(text)\(separator)\(part)"
    }
  }
}

extension StringProtocol {
  /// The lines of a text of others.
  var terminalLines: [TerminalText] { split(separator: "\n").map { "\($0)" } }
}
