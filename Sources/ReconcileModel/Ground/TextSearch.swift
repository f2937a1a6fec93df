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
