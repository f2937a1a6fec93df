extension DomainName {
  /// Reads a name in the presentation form of RFC 1035 5.1.
  ///
  /// The origin completes a name without a final dot, and `@` is the origin itself. Escapes are `\.` and the like, and
  /// `\032` with three decimal digits.
  public init(
    _ text: some StringProtocol, origin: DomainName = .root
  ) throws(DomainNameError) {
    let bytes = Array(text.utf8)
    try self.init(bytes, in: 0..<bytes.count, origin: origin)
  }

  /// Reads a name from a range of a file's bytes, in the presentation form of RFC 1035 5.1.
  public init(
    _ bytes: [UInt8], in range: Range<Int>, origin: DomainName = .root
  ) throws(DomainNameError) {
    self.init(wire: [])
    if let reason = assign(bytes, in: range, origin: origin) {
      throw DomainNameError(reason: reason, text: String(decoding: bytes[range], as: UTF8.self))
    }
  }

  /// Makes this the name in a range of a file, reusing its storage.
  ///
  /// The reader of zone files calls it for each new owner: it allocates no memory unless the name's storage is shared.
  /// After an error the name is not valid.
  package mutating func assign(
    _ bytes: [UInt8], in range: Range<Int>, origin: DomainName
  ) -> DomainNameError.Reason? {
    guard !range.isEmpty else { return .empty }
    if range.count == 1 {
      switch bytes[range.lowerBound] {
      case ASCII.at:
        wire.removeAll(keepingCapacity: true)
        wire.append(contentsOf: origin.wire)
        return nil
      case ASCII.dot:
        wire.removeAll(keepingCapacity: true)
        wire.append(0)
        return nil
      default: break
      }
    }
    wire.removeAll(keepingCapacity: true)
    wire.append(0)
    var labelStart = 0
    var index = range.lowerBound
    while index < range.upperBound {
      var byte = bytes[index]
      index += 1
      if byte == ASCII.dot {
        let length = wire.count - labelStart - 1
        guard length > 0 else { return .emptyLabel }
        guard length <= 63 else { return .labelTooLong }
        wire[labelStart] = UInt8(length)
        labelStart = wire.count
        wire.append(0)
        continue
      }
      if byte == ASCII.backslash {
        guard let escape = Self.escape(bytes, at: index, end: range.upperBound) else {
          return .badEscape
        }
        // `\[` would begin a binary label (RFC 2673), which RFC 6891 removed; named rejects it.
        if escape.byte == ASCII.openBracket, escape.end == index + 1, wire.count == labelStart + 1 {
          return .badEscape
        }
        byte = escape.byte
        index = escape.end
      }
      wire.append(byte)
    }
    let length = wire.count - labelStart - 1
    if length > 0 {
      guard length <= 63 else { return .labelTooLong }
      wire[labelStart] = UInt8(length)
      wire.append(contentsOf: origin.wire)
    }
    return wire.count <= 255 ? nil : .nameTooLong
  }

  /// The meaning of a backslash before this position, and where the text continues after it.
  private static func escape(
    _ bytes: [UInt8], at index: Int, end: Int
  ) -> (byte: UInt8, end: Int)? {
    guard index < end else { return nil }
    guard ASCII.isDigit(bytes[index]) else { return (bytes[index], index + 1) }
    guard index + 3 <= end else { return nil }
    var value = 0
    for digit in bytes[index..<index + 3] {
      guard ASCII.isDigit(digit) else { return nil }
      value = value * 10 + Int(digit - ASCII.zero)
    }
    guard let byte = UInt8(exactly: value) else { return nil }
    return (byte, index + 3)
  }
}

extension DomainName: CustomStringConvertible {
  /// The name in presentation form with its final dot, escaped as in the files that named writes.
  public var description: String {
    isRoot ? "." : withoutTrailingDot + "."
  }

  /// The name in presentation form without its final dot, as usual in named.conf; the root stays `.`.
  public var withoutTrailingDot: String {
    if isRoot { return "." }
    var text: [UInt8] = []
    text.reserveCapacity(wire.count)
    var index = 0
    while wire[index] != 0 {
      if index > 0 { text.append(ASCII.dot) }
      let end = index + Int(wire[index]) + 1
      for byte in wire[index + 1..<end] { Self.append(byte, to: &text) }
      index = end
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends an octet of a label as BIND's dns_name_totext writes it for master files.
  private static func append(_ byte: UInt8, to text: inout [UInt8]) {
    switch byte {
    case ASCII.quote, ASCII.dollar, ASCII.openParenthesis, ASCII.closeParenthesis, ASCII.dot,
      ASCII.semicolon, ASCII.at, ASCII.backslash:
      text.append(ASCII.backslash)
      text.append(byte)
    case 0x21...0x7e:
      text.append(byte)
    default:
      text.append(ASCII.backslash)
      text.append(ASCII.zero + byte / 100)
      text.append(ASCII.zero + byte / 10 % 10)
      text.append(ASCII.zero + byte % 10)
    }
  }
}
