/// Markup: whatever is put into it is escaped and printable, but for markup that it has itself.
struct HTML: Hashable, Sendable, ExpressibleByStringInterpolation {
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
    mutating func appendInterpolation(_ part: HTML) { text += part.text }
    mutating func appendInterpolation(_ parts: [HTML]) {
      for part in parts { text += part.text }
    }
    mutating func appendInterpolation(_ value: some CustomStringConvertible) {
      text += value.description.printableLine.escapedForHTML
    }
  }

  static func + (one: HTML, other: HTML) -> HTML { "\(one)\(other)" }
}

extension Sequence<HTML> {
  func joined(separator: HTML) -> HTML {
    var isFirst = true
    return reduce("") { text, part in
      defer { isFirst = false }
      return isFirst ? part : "\(text)\(separator)\(part)"
    }
  }
}

extension String {
  /// The text as it can stand between tags and in quoted attributes.
  fileprivate var escapedForHTML: String {
    guard utf8.contains(where: { [0x22, 0x26, 0x27, 0x3c, 0x3e].contains($0) }) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
