/// The type of a record (RFC 1035 3.2.2), as its name in upper case; `TYPE65534` for a type without a name.
///
/// There is no complete list: a zone file may have types that only a later BIND knows.
public struct RecordType: RawRepresentable, Hashable, Sendable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  /// The type as named prints it.
  public let rawValue: String

  /// Makes a type from its name, which has to be in upper case.
  @inlinable public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// Makes a type from its name, which has to be in upper case.
  @inlinable public init(stringLiteral name: String) {
    self.init(rawValue: name)
  }

  /// The type as named prints it.
  public var description: String { rawValue }

  /// Whether two types are equal; the reader of zone files compares them for each record.
  @inlinable public static func == (left: RecordType, right: RecordType) -> Bool {
    left.rawValue == right.rawValue
  }
}

// The types that zonebridge queries (RFC 1035, 2782, 3596, 6672), writes (RFC 6672), or finds in the way of its
// records. They are computed, because each use of a stored one would look it up.
extension RecordType {
  /// An IPv4 address.
  @inlinable public static var a: RecordType { "A" }
  /// An IPv6 address.
  @inlinable public static var aaaa: RecordType { "AAAA" }
  /// An alias for one name.
  @inlinable public static var cname: RecordType { "CNAME" }
  /// An alias for all names below a name (RFC 6672).
  @inlinable public static var dname: RecordType { "DNAME" }
  /// A mail server for a name.
  @inlinable public static var mx: RecordType { "MX" }
  /// A name server of a zone.
  @inlinable public static var ns: RecordType { "NS" }
  /// The name that belongs to an address.
  @inlinable public static var ptr: RecordType { "PTR" }
  /// The start of a zone, with its serial.
  @inlinable public static var soa: RecordType { "SOA" }
  /// The location of a service (RFC 2782).
  @inlinable public static var srv: RecordType { "SRV" }
  /// Text.
  @inlinable public static var txt: RecordType { "TXT" }
}
