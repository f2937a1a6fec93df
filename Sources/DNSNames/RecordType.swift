/// The type of a record (RFC 1035 3.2.2), by its name in upper case; `TYPE65534` for one without a name.
///
/// There is no list of all: a zone file may have types that only a later BIND knows.
public struct RecordType: RawRepresentable, Hashable, Sendable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  /// The type as named prints it.
  public let rawValue: String

  /// Takes a type by its name, which has to be in upper case.
  @inlinable public init(rawValue: String) {
    self.rawValue = rawValue
  }

  /// Takes a type by its name, which has to be in upper case.
  @inlinable public init(stringLiteral name: String) {
    self.init(rawValue: name)
  }

  /// The type as named prints it.
  public var description: String { rawValue }

  /// Whether two types are the same; the reader of zone files asks it for each record.
  @inlinable public static func == (left: RecordType, right: RecordType) -> Bool {
    left.rawValue == right.rawValue
  }
}

// The types that are asked for (RFC 1035, 2782, 3596, 6672), written (RFC 6672), or in the way of what
// is written. They are computed, since a stored one would be looked up at each use.
extension RecordType {
  /// An IPv4 address.
  @inlinable public static var a: RecordType { "A" }
  /// An IPv6 address.
  @inlinable public static var aaaa: RecordType { "AAAA" }
  /// Another name for one name.
  @inlinable public static var cname: RecordType { "CNAME" }
  /// Another name for all names below one (RFC 6672).
  @inlinable public static var dname: RecordType { "DNAME" }
  /// Where the mail of a name goes.
  @inlinable public static var mx: RecordType { "MX" }
  /// A name server of a zone.
  @inlinable public static var ns: RecordType { "NS" }
  /// The name of an address.
  @inlinable public static var ptr: RecordType { "PTR" }
  /// The start of a zone, with its serial.
  @inlinable public static var soa: RecordType { "SOA" }
  /// Where a service is (RFC 2782).
  @inlinable public static var srv: RecordType { "SRV" }
  /// Text.
  @inlinable public static var txt: RecordType { "TXT" }
}
