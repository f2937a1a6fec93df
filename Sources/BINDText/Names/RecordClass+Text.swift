import DNSNames

extension [UInt8] {
  /// Reads a class as named does.
  ///
  /// Case is ignored: `IN`, `CH` or `CHAOS`, `HS` or `HESIOD`, `ANY`, `NONE`, `RESERVED0`, `CLASS32`. Nil for a word
  /// that is not a class.
  func recordClass(in range: Range<Int>) -> RecordClass? {
    switch uppercaseKey(in: range) {
    case 0x494e: .internet
    case 0x4348, 0x43_4841_4f53: .chaos
    case 0x4853, 0x4845_5349_4f44: .hesiod
    case 0x4e4f_4e45: RecordClass(254)
    case 0x41_4e59: RecordClass(255)
    default:
      // BIND's name for class 0; BIND behaves as if the record gave no class.
      matches("reserved0", in: range) ? RecordClass(0) : numberedClass(in: range)
    }
  }

  private func numberedClass(in range: Range<Int>) -> RecordClass? {
    guard (6...10).contains(range.count),
      matches("class", in: range.lowerBound..<range.lowerBound + 5)
    else {
      return nil
    }
    var value = 0
    for index in range.lowerBound + 5..<range.upperBound {
      guard ASCII.isDigit(self[index]) else { return nil }
      value = value * 10 + Int(self[index] - ASCII.zero)
    }
    return UInt16(exactly: value).map(RecordClass.init)
  }
}
