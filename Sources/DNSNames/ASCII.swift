/// The bytes that have a meaning in names.
enum ASCII {
  static var quote: UInt8 { 0x22 }
  static var dollar: UInt8 { 0x24 }
  static var openParenthesis: UInt8 { 0x28 }
  static var closeParenthesis: UInt8 { 0x29 }
  static var dot: UInt8 { 0x2e }
  static var zero: UInt8 { 0x30 }
  static var semicolon: UInt8 { 0x3b }
  static var at: UInt8 { 0x40 }
  static var openBracket: UInt8 { 0x5b }
  static var backslash: UInt8 { 0x5c }

  /// The lower-case form of a letter A to Z; every other byte, including those above 127, is unchanged.
  static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }
}
