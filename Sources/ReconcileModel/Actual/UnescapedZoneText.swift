extension [UInt8] {
  /// The text of a zone file in which letters and digits have no escapes: `m` for `\109` and `\m` (RFC 1035 section 5.1).
  ///
  /// A line stays the same line, but its columns move.
  package var unescaped: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var index = startIndex
    while index < endIndex {
      let byte = self[index]
      index += 1
      guard byte == UInt8(ascii: "\\"), index < endIndex else {
        result.append(byte)
        continue
      }
      let digits = self[index...].prefix(3)
      if digits.count == 3, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) {
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        result.append(Self.plain(UInt8(truncatingIfNeeded: value)))
        index += 3
      } else {
        // An escaped line ending still ends the line.
        result.append(self[index] == 0x0A ? 0x0A : Self.plain(self[index]))
        index += 1
      }
    }
    return result
  }

  /// A letter or digit as it is, and an underscore for any other character.
  private static func plain(_ byte: UInt8) -> UInt8 {
    let isPlain =
      byte &- UInt8(ascii: "0") < 10 || byte &- UInt8(ascii: "A") < 26
      || byte &- UInt8(ascii: "a") < 26
    return isPlain ? byte : UInt8(ascii: "_")
  }
}
