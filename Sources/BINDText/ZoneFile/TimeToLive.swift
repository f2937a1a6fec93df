extension [UInt8] {
  /// Reads a TTL, in seconds, as named does.
  ///
  /// A TTL is a number, or numbers with the units w, d, h, m, s in either case (`1h30m`). Nil for a word that is not a
  /// TTL, such as `1h30`.
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
        // As in BIND's bind_ttl: a number without a unit is valid only alone, or after nothing but zeros.
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

  /// Reads the value of `max-zone-ttl`: a TTL, an ISO 8601 duration (`PT1H`), or `unlimited`.
  ///
  /// `unlimited` and 0 yield `UInt32.max`.
  func maxZoneTTL(in range: Range<Int>) -> UInt32? {
    if matches("unlimited", in: range) { return .max }
    let seconds = timeToLive(in: range) ?? duration(in: range)
    return seconds == 0 ? .max : seconds
  }

  /// Reads an ISO 8601 duration, in seconds; as in named, a year has 365 days and a month 31.
  private func duration(in range: Range<Int>) -> UInt32? {
    guard range.count > 1, ASCII.uppercased(self[range.lowerBound]) == UInt8(ascii: "P") else {
      return nil
    }
    let day: UInt64 = 24 * 3600
    var total: UInt64 = 0
    var number: UInt64?
    var isTime = false
    for byte in self[range.dropFirst()] {
      let unit: UInt64
      switch (ASCII.uppercased(byte), isTime) {
      case (UInt8(ascii: "0")...UInt8(ascii: "9"), _):
        number = (number ?? 0) * 10 + UInt64(byte - ASCII.zero)
        if let number, number > UInt64(UInt32.max) { return nil }
        continue
      case (UInt8(ascii: "T"), false):
        guard number == nil else { return nil }
        isTime = true
        continue
      case (UInt8(ascii: "Y"), false): unit = 365 * day
      case (UInt8(ascii: "M"), false): unit = 31 * day
      case (UInt8(ascii: "W"), false): unit = 7 * day
      case (UInt8(ascii: "D"), false): unit = day
      case (UInt8(ascii: "H"), true): unit = 3600
      case (UInt8(ascii: "M"), true): unit = 60
      case (UInt8(ascii: "S"), true): unit = 1
      default: return nil
      }
      guard let count = number else { return nil }
      total += count * unit
      number = nil
    }
    return number == nil ? UInt32(exactly: total) : nil
  }
}
