extension [UInt8] {
  /// Reads a TTL, in seconds, as named does.
  ///
  /// It is a number, or numbers with the units w, d, h, m, s in either case (`1h30m`). Nil for a word that is none, `1h30` for one.
  func timeToLive(in range: Range<Int>) -> UInt32? {
    guard let first = range.first, ASCII.isDigit(self[first]), range.count < 64 else { return nil }
    var total: UInt64 = 0
    var index = range.lowerBound
    while index < range.upperBound {
      var number: UInt64 = 0
      let start = index
      while index < range.upperBound, ASCII.isDigit(self[index]) {
        number = number * 10 + UInt64(self[index] - ASCII.zero)
        guard number <= UInt32.max else { return nil }
        index += 1
      }
      guard index > start else { return nil }
      guard index < range.upperBound else {
        // BIND's bind_ttl: a number without unit stands alone, or behind nothing but zeros.
        guard total == 0 else { return nil }
        return UInt32(number)
      }
      switch ASCII.lowercased(self[index]) {
      case UInt8(ascii: "w"): number *= 7 * 24 * 3600
      case UInt8(ascii: "d"): number *= 24 * 3600
      case UInt8(ascii: "h"): number *= 3600
      case UInt8(ascii: "m"): number *= 60
      case UInt8(ascii: "s"): break
      default: return nil
      }
      total += number
      index += 1
    }
    return UInt32(exactly: total)
  }
}
