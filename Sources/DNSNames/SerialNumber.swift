/// The serial of an SOA record: a point on a circle of 2^32 (RFC 1982).
///
/// It is no order: of two serials exactly 2^31 apart neither is newer, so it is not `Comparable`.
public struct SerialNumber: Hashable, Sendable, CustomStringConvertible {
  /// The number that stands in the zone file.
  public let rawValue: UInt32

  /// Takes a number as it stands in a zone file.
  public init(_ rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Reads a number in decimal; nil for anything else.
  public init?(decimal text: some StringProtocol) {
    guard let number = UInt32(text) else { return nil }
    rawValue = number
  }

  /// Whether this serial lies less than 2^31 ahead of the other, which is what makes a secondary
  /// take the zone (RFC 1982 3.2).
  public func isNewer(than other: SerialNumber) -> Bool {
    let ahead = rawValue &- other.rawValue
    return ahead != 0 && ahead < 0x8000_0000
  }

  /// The next serial; after 2^32 - 1 comes 1, since secondaries and tools take 0 for "none".
  public func incremented() -> SerialNumber {
    SerialNumber(rawValue == .max ? 1 : rawValue + 1)
  }

  /// The number in decimal.
  public var description: String { String(rawValue) }
}

extension SerialNumber: ExpressibleByIntegerLiteral {
  /// Takes a number as it stands in a zone file.
  public init(integerLiteral number: UInt32) {
    self.init(number)
  }
}

// In JSON it is the number alone.
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
