/// The format in which a template of a `$GENERATE` line writes its number: `${offset,width,base}`.
struct GenerateNumberFormat: Hashable, Sendable {
  enum Base: Hashable, Sendable {
    case decimal
    case octal
    case hexadecimal(isUpper: Bool)
    /// Hexadecimal digits as labels, the least significant first: the form used in ip6.arpa.
    case nibbles(isUpper: Bool)
  }

  var offset = 0
  /// The minimum number of characters; for nibbles, this includes the dots.
  var width = 0
  var base = Base.decimal

  /// The text for a number; nil if named rejects the number or would never finish (nibbles of a negative number).
  func text(for number: Int) -> [UInt8]? {
    guard let value = Int32(exactly: number + offset), width < 128 else { return nil }
    switch base {
    case .decimal:
      let sign = value < 0 ? Array("-".utf8) : []
      return sign + padded(String(value.magnitude), to: width - sign.count)
    case .octal: return padded(String(UInt32(bitPattern: value), radix: 8), to: width)
    case .hexadecimal(let isUpper):
      return padded(
        String(UInt32(bitPattern: value), radix: 16, uppercase: isUpper), to: width)
    case .nibbles(let isUpper): return value < 0 ? nil : nibbles(of: value, isUpper)
    }
  }

  private func padded(_ digits: String, to width: Int) -> [UInt8] {
    Array(repeating: ASCII.zero, count: max(0, width - digits.utf8.count)) + Array(digits.utf8)
  }

  /// As in BIND's lib/dns/master.c: a dot follows while digits or width remain.
  private func nibbles(of value: Int32, _ isUpper: Bool) -> [UInt8] {
    var text: [UInt8] = []
    var (value, room) = (value, width)
    repeat {
      text += String(value & 0xf, radix: 16, uppercase: isUpper).utf8
      value >>= 4
      room = max(0, room - 1)
      if room > 0 || value != 0 {
        text.append(ASCII.dot)
        room = max(0, room - 1)
      }
    } while value != 0 || room > 0
    return text
  }

  /// The numbers at which the length or the sign of the text changes.
  var turns: [Int] {
    var values = [0]
    switch base {
    case .decimal:
      var power = 10
      while power <= Int(Int32.max) + 1 {
        values += [power, 1 - power]
        power *= 10
      }
    case .octal: values += (1...10).map { 1 << (3 * $0) }
    case .hexadecimal, .nibbles: values += (1...7).map { 1 << (4 * $0) }
    }
    return values.map { $0 - offset }
  }

  /// The numbers whose text ends with the given characters, which are either the whole text or its last labels.
  ///
  /// - Parameters:
  ///   - end: The characters, in either case and without dots.
  ///   - length: The length of the text, without dots.
  /// - Returns: The numbers; nil if there are none.
  func numbers(writtenToEndIn end: [UInt8], ofLength length: Int) -> ClosedRange<Int>? {
    let values: ClosedRange<Int>
    switch base {
    case .decimal, .octal, .hexadecimal:
      guard end.count == length, let value = value(of: end),
        let text = text(for: value - offset),
        text.elementsEqual(end, by: { ASCII.lowercased($0) == ASCII.lowercased($1) })
      else { return nil }
      values = value...value
    case .nibbles:
      guard end.first != UInt8(ascii: "+"), end.last != UInt8(ascii: "+"),
        let high = value(of: end.reversed()), length - end.count < 8
      else { return nil }
      let shift = 4 * (length - end.count)
      values = high << shift...(high + 1) << shift - 1
    }
    return values.lowerBound - offset...values.upperBound - offset
  }

  private func value(of digits: [UInt8]) -> Int? {
    let text = String(decoding: digits, as: UTF8.self)
    switch base {
    case .decimal: return Int32(text).map(Int.init)
    case .octal: return UInt32(text, radix: 8).map { Int(Int32(bitPattern: $0)) }
    case .hexadecimal, .nibbles:
      return UInt32(text, radix: 16).map { Int(Int32(bitPattern: $0)) }
    }
  }
}
