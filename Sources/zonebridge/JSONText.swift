import DNSNames
import FoundationEssentials

/// Values as JSON that can be looked at: what a terminal would obey is escaped, which no program that reads JSON
/// notices.
enum JSONText {
  /// Over several lines, for people as well.
  static func document(_ value: some Encodable) throws -> String {
    try text(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
  }

  static func line(_ value: some Encodable) throws -> String {
    try text(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func text(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
  ) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    // The encoder escapes the control characters of ASCII alone (RFC 8259 section 7). Line ends stand between values.
    let isMeant = { (scalar: Unicode.Scalar) in scalar.isInvisible && scalar != "\n" }
    guard text.unicodeScalars.contains(where: isMeant) else { return text }
    return text.unicodeScalars.reduce(into: "") { text, scalar in
      if isMeant(scalar) {
        for unit in UTF16.encode(scalar) ?? .init() {
          let digits = String(unit, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}
