/// Text for a terminal: whatever is put into it is escaped, except for its own styles.
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

  /// The text in lines of at most so many characters, broken at spaces.
  ///
  /// A word that is longer than a line stays whole.
  /// - Parameters:
  ///   - width: how many characters fit into a line.
  ///   - hang: how far continuation lines are indented; nil for two more than their first line.
  /// - Returns: the lines.
  func wrapped(to width: Int, hang: Int? = nil) -> [TerminalText] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      let indent = line.prefix { $0 == " " }.count
      let hang = String(repeating: " ", count: hang ?? indent + 2)
      var lines: [TerminalText] = []
      var current = TerminalText(raw: String(line.prefix(indent)))
      var isFresh = true
      for word in line.dropFirst(indent).split(separator: " ", omittingEmptySubsequences: false) {
        let word = TerminalText(raw: String(word))
        if !isFresh, current.visibleCount + 1 + word.visibleCount > width {
          lines.append(current)
          current = TerminalText(raw: hang)
          isFresh = true
        }
        current.text += (isFresh ? "" : " ") + word.text
        isFresh = false
      }
      return lines + [current]
    }
  }

  private init(raw text: String) { self.text = text }

  /// How many characters are to be seen: styles are none.
  private var visibleCount: Int {
    var isStyle = false
    return text.reduce(0) { count, character in
      if character == "\u{1b}" { isStyle = true }
      defer { if isStyle, character == "m" { isStyle = false } }
      return isStyle ? count : count + 1
    }
  }

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
