/// The bytes that mean something in names and in named's files.
///
/// The lexers ask for each byte, so that all of it has to be inlined in their module.
package enum ASCII {
  @inlinable package static var tab: UInt8 { 0x09 }
  @inlinable package static var lineFeed: UInt8 { 0x0a }
  @inlinable package static var carriageReturn: UInt8 { 0x0d }
  @inlinable package static var space: UInt8 { 0x20 }
  @inlinable package static var exclamationMark: UInt8 { 0x21 }
  @inlinable package static var quote: UInt8 { 0x22 }
  @inlinable package static var hash: UInt8 { 0x23 }
  @inlinable package static var dollar: UInt8 { 0x24 }
  @inlinable package static var openParenthesis: UInt8 { 0x28 }
  @inlinable package static var closeParenthesis: UInt8 { 0x29 }
  @inlinable package static var asterisk: UInt8 { 0x2a }
  @inlinable package static var dot: UInt8 { 0x2e }
  @inlinable package static var slash: UInt8 { 0x2f }
  @inlinable package static var zero: UInt8 { 0x30 }
  @inlinable package static var nine: UInt8 { 0x39 }
  @inlinable package static var colon: UInt8 { 0x3a }
  @inlinable package static var semicolon: UInt8 { 0x3b }
  @inlinable package static var equals: UInt8 { 0x3d }
  @inlinable package static var at: UInt8 { 0x40 }
  @inlinable package static var openBracket: UInt8 { 0x5b }
  @inlinable package static var backslash: UInt8 { 0x5c }
  @inlinable package static var openBrace: UInt8 { 0x7b }
  @inlinable package static var closeBrace: UInt8 { 0x7d }

  /// The lower-case form of a letter A to Z; every other byte, those above 127 too, as it is.
  @inlinable package static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  /// The upper-case form of a letter a to z; every other byte as it is.
  @inlinable package static func uppercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x61 < 26 ? byte & 0xdf : byte
  }

  @inlinable package static func isDigit(_ byte: UInt8) -> Bool { byte &- zero < 10 }

  /// A byte of `//`, `#`, `;`, `/*` or `*/`.
  @inlinable package static func isCommentSign(_ byte: UInt8) -> Bool {
    byte == slash || byte == hash || byte == semicolon || byte == asterisk
  }

  /// A space or a tab, which part words within a line.
  @inlinable package static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
}
