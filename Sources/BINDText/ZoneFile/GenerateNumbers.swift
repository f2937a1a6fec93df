/// The numbers for which a `$GENERATE` line makes records: `1-100/2`.
public struct GenerateNumbers: Hashable, Sendable {
  /// The first number.
  public let first: Int
  /// The last number, if the steps reach it.
  public let last: Int
  /// The distance from one number to the next.
  public let step: Int

  init(_ range: ClosedRange<Int>, step: Int) {
    first = range.lowerBound
    last = range.upperBound
    self.step = step
  }

  /// Reads the numbers as BIND's `sscanf` does with `%d-%d%1[/]%d`; nil if named rejects them.
  ///
  /// Like BIND, it ignores anything that follows them.
  init?(_ bytes: [UInt8], in range: Range<Int>) {
    var scanner = IntegerScanner(bytes, in: range)
    guard let first = scanner.integer(), scanner.skip(UInt8(ascii: "-")),
      let last = scanner.integer(), first >= 0, first <= last
    else { return nil }
    var step = 1
    if scanner.skip(ASCII.slash) {
      guard let written = scanner.integer(), written >= 1 else { return nil }
      step = written
    }
    self.init(first...last, step: step)
  }

  /// How many numbers there are.
  public var count: Int { (last - first) / step + 1 }

  /// The numbers within a range; nil if there are none.
  func clamped(to range: ClosedRange<Int>) -> GenerateNumbers? {
    let (low, high) = (max(range.lowerBound, first), min(range.upperBound, last))
    let start = first + (low - first + step - 1) / step * step
    return start <= high ? GenerateNumbers(start...high, step: step) : nil
  }

  /// The numbers one by one.
  var all: StrideThrough<Int> { stride(from: first, through: last, by: step) }
}

/// Reads integers as C's `scanf` does.
struct IntegerScanner {
  private let bytes: [UInt8]
  private(set) var index: Int
  private let end: Int

  init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    index = range.lowerBound
    end = range.upperBound
  }

  /// Consumes and returns the next byte; nil at the end.
  mutating func next() -> UInt8? {
    guard index < end else { return nil }
    index += 1
    return bytes[index - 1]
  }

  /// Consumes a byte if it comes next.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard index < end, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  /// Reads a 32-bit decimal number, with or without a sign.
  mutating func integer() -> Int? {
    let isNegative = skip(UInt8(ascii: "-"))
    if !isNegative { _ = skip(UInt8(ascii: "+")) }
    let start = index
    var value = 0
    while index < end, ASCII.isDigit(bytes[index]) {
      value = value * 10 + Int(bytes[index] - ASCII.zero)
      guard value <= Int(Int32.max) + 1 else { return nil }
      index += 1
    }
    guard index > start else { return nil }
    return Int32(exactly: isNegative ? -value : value).map(Int.init)
  }
}
