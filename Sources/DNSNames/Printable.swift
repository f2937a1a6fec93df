/// A text that somebody else wrote, quoted, escaped and cut, so that it can stand in one line.
///
/// What a master answers may hold line ends or terminal escapes, which have no business in a log.
package struct Printable: CustomStringConvertible {
  private static let limit = 100

  package let description: String

  package init(_ text: some StringProtocol) {
    var printed = "\""
    for scalar in text.unicodeScalars.prefix(Self.limit) {
      printed += scalar.escaped(asASCII: scalar.value < 0x80 || scalar.isInvisible)
    }
    if text.unicodeScalars.count > Self.limit {
      printed += "…"
    }
    description = printed + "\""
  }
}

extension Unicode.Scalar {
  /// Whether it steers a terminal or the direction of writing, ends a line, or is not to be seen.
  package var isInvisible: Bool {
    if (0x20..<0x7f).contains(value) { return false }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
      .surrogate:
      true
    // Letters and marks without width, such as the Hangul fillers and the variation selectors.
    default: properties.isDefaultIgnorableCodePoint
    }
  }
}
