/// The serial of an SOA record: a point on a circle of 2^32 (RFC 1982).
///
/// Serials have no total order: of two that are exactly 2^31 apart, neither is newer, so the type is not `Comparable`.
public struct SerialNumber: Hashable, Sendable, CustomStringConvertible {
  /// The number in the zone file.
  public let rawValue: UInt32

  /// Makes a serial from the number in a zone file.
  public init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Reads a decimal number; nil for anything else.
  public init?(decimal text: some StringProtocol) {
    guard let number = UInt32(text) else { return nil }
    rawValue = number
  }

  /// Whether this serial is less than 2^31 ahead of the other (RFC 1982 3.2), so that a secondary transfers the zone.
  public func isNewer(than other: SerialNumber) -> Bool {
    let ahead = rawValue &- other.rawValue
    return ahead != 0 && ahead < 0x8000_0000
  }

  /// The next serial; 2^32 - 1 is followed by 1, because secondaries and tools treat 0 as "none".
  public func incremented() -> SerialNumber {
    SerialNumber(rawValue == .max ? 1 : rawValue + 1)
  }

  /// The number in decimal digits.
  public var description: String { String(rawValue) }
}

extension SerialNumber: ExpressibleByIntegerLiteral {
  /// Makes a serial from the number in a zone file.
  public init(integerLiteral number: UInt32) {
    self.init(number)
  }
}

// In JSON a serial is a plain number.
extension SerialNumber: Codable {
  /// Reads the number.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(UInt32.self))
  }

  /// Writes the number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
