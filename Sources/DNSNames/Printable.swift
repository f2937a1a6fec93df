/// Text from elsewhere, quoted, escaped and shortened so that it fits in one line.
///
/// A master's answer may contain line ends or terminal escapes, which do not belong in a log.
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
  /// Whether it controls a terminal or the writing direction, ends a line, or is invisible.
  package var isInvisible: Bool {
    if (0x20..<0x7f).contains(value) { return false }
    return switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
      .surrogate:
      true
    // Zero-width letters and marks, such as the Hangul fillers and the variation selectors.
    default: properties.isDefaultIgnorableCodePoint
    }
  }
}
