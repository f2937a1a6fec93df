/// One side of a `$GENERATE` line: text with placeholders for the number.
struct GenerateTemplate: Hashable, Sendable {
  enum Part: Hashable, Sendable {
    case text([UInt8])
    case number(GenerateNumberFormat)
  }

  let parts: [Part]

  /// Reads a template as `genname` of BIND's lib/dns/master.c does; nil if named rejects it.
  init?(_ bytes: [UInt8], in range: Range<Int>) {
    var parts: [Part] = []
    var text: [UInt8] = []
    var scanner = IntegerScanner(bytes, in: range)
    var modifier = GenerateModifier()
    while let byte = scanner.next() {
      switch byte {
      case ASCII.dollar:
        if scanner.skip(ASCII.dollar) {
          text.append(ASCII.dollar)
          continue
        }
        var format = GenerateNumberFormat(offset: modifier.offset)
        if scanner.skip(ASCII.openBrace) {
          guard let written = modifier.read(&scanner) else { return nil }
          format = written
        }
        if !text.isEmpty { parts.append(.text(text)) }
        text = []
        parts.append(.number(format))
      case ASCII.backslash:
        text.append(byte)
        if let escaped = scanner.next() { text.append(escaped) }
      default: text.append(byte)
      }
    }
    if !text.isEmpty { parts.append(.text(text)) }
    self.parts = parts
  }

  var formats: [GenerateNumberFormat] {
    parts.compactMap { if case .number(let format) = $0 { format } else { nil } }
  }

  /// The text for a number; nil if named makes no record for it.
  func text(for number: Int) -> [UInt8]? {
    var text: [UInt8] = []
    for part in parts {
      switch part {
      case .text(let bytes): text += bytes
      case .number(let format):
        guard let digits = format.text(for: number) else { return nil }
        text += digits
      }
    }
    return text
  }
}

/// The modifier in braces after a `$`.
///
/// BIND reads each modifier with one `sscanf` into the same variables for the whole template: a value that a modifier
/// omits stays as an earlier one set it, and the offset also applies to a later `$` without a modifier.
private struct GenerateModifier {
  private(set) var offset = 0
  private var width = 0
  private var signs: (first: UInt8?, second: UInt8?, end: UInt8?)
  private var base: GenerateNumberFormat.Base?

  mutating func read(_ scanner: inout IntegerScanner) -> GenerateNumberFormat? {
    var reading = scanner
    guard scan(&reading) else { return nil }
    var format = GenerateNumberFormat(offset: offset)
    switch (signs.first, signs.second) {
    case (ASCII.closeBrace, _): break
    case (_, ASCII.closeBrace): format.width = width
    default:
      guard let base, signs.end != nil else { return nil }
      format.width = width
      format.base = base
    }
    while let byte = scanner.next(), byte != ASCII.closeBrace {}
    return format
  }

  /// - Returns: Whether BIND would read enough to go on.
  private mutating func scan(_ scanner: inout IntegerScanner) -> Bool {
    guard let offset = scanner.integer() else { return false }
    self.offset = offset
    guard let first = scanner.separator() else { return false }
    signs.first = first
    guard let width = scanner.integer() else { return true }
    self.width = width
    guard let second = scanner.separator() else { return true }
    signs.second = second
    var behind = scanner
    guard let base = behind.next().flatMap(GenerateNumberFormat.Base.init) else { return true }
    self.base = base
    if let end = behind.separator(), end == ASCII.closeBrace { signs.end = end }
    return true
  }
}

extension IntegerScanner {
  /// Consumes a comma or a closing brace if one comes next.
  fileprivate mutating func separator() -> UInt8? {
    if skip(ASCII.comma) { return ASCII.comma }
    return skip(ASCII.closeBrace) ? ASCII.closeBrace : nil
  }
}

extension GenerateNumberFormat.Base {
  fileprivate init?(_ letter: UInt8) {
    switch letter {
    case UInt8(ascii: "d"): self = .decimal
    case UInt8(ascii: "o"): self = .octal
    case UInt8(ascii: "x"): self = .hexadecimal(isUpper: false)
    case UInt8(ascii: "X"): self = .hexadecimal(isUpper: true)
    case UInt8(ascii: "n"): self = .nibbles(isUpper: false)
    case UInt8(ascii: "N"): self = .nibbles(isUpper: true)
    default: return nil
    }
  }
}
