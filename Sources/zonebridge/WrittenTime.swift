/// A time as an operator writes it: digits with the unit ms, s, m or h.
struct WrittenTime {
  let duration: Duration

  /// Nil for a text that is no time.
  init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    // Nine digits of hours are far from the end of a Duration.
    guard !digits.isEmpty, digits.count <= 9, let number = Int64(digits) else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": duration = .milliseconds(number)
    case "s": duration = .seconds(number)
    case "m": duration = .seconds(number * 60)
    case "h": duration = .seconds(number * 3600)
    default: return nil
    }
  }
}
