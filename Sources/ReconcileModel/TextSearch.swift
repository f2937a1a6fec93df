package import DNSNames

extension [UInt8] {
  /// Where a text begins, each time that it stands in the bytes: Horspool's search, which looks at
  /// few of the bytes.
  package func offsets(of text: String, first limit: Int = .max) -> [Int] {
    offsets(of: Array(text.utf8), first: limit)
  }

  package func offsets(of needle: [UInt8], first limit: Int = .max) -> [Int] {
    search(for: needle, first: limit) { $0 }
  }

  /// The same for a text in lower case, whatever the case in which it stands in the bytes.
  package func offsets(ofLowercase text: String, first limit: Int = .max) -> [Int] {
    search(for: Array(text.utf8), first: limit, Self.lowercased)
  }

  /// Where a name stands in wire form, whatever its case.
  package func offsets(ofWireForm name: DomainName) -> [Int] {
    // No length of a label is a letter.
    search(for: name.wire.map(Self.lowercased), first: .max, Self.lowercased)
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }

  /// The text of a zone file with its escapes resolved, `\109` and `\m` for `m` (RFC 1035 section 5.1), as far as
  /// letters and digits go.
  ///
  /// It has the same lines, and not the same places in them.
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
        // A line ends there all the same.
        result.append(self[index] == 0x0A ? 0x0A : Self.plain(self[index]))
        index += 1
      }
    }
    return result
  }

  /// A letter or digit; of any other character only that there was one.
  private static func plain(_ byte: UInt8) -> UInt8 {
    let isPlain =
      byte &- UInt8(ascii: "0") < 10 || byte &- UInt8(ascii: "A") < 26
      || byte &- UInt8(ascii: "a") < 26
    return isPlain ? byte : UInt8(ascii: "_")
  }

  private func search(for needle: [UInt8], first limit: Int, _ fold: (UInt8) -> UInt8) -> [Int] {
    guard let last = needle.indices.last, count >= needle.count else { return [] }
    var shifts = [Int](repeating: needle.count, count: 256)
    for index in 0..<last { shifts[Int(needle[index])] = last - index }
    var offsets: [Int] = []
    var end = last
    while end < count, offsets.count < limit {
      let byte = fold(self[end])
      if byte == needle[last],
        self[(end - last)...end].elementsEqual(needle, by: { fold($0) == $1 })
      {
        offsets.append(end - last)
      }
      end += shifts[Int(byte)]
    }
    return offsets
  }
}
