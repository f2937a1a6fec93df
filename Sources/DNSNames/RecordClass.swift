/// The class of a zone or record (RFC 1035 3.2.4).
public struct RecordClass: Hashable, Sendable, CustomStringConvertible {
  /// The number of the class on the wire.
  public let rawValue: UInt16

  /// Makes a class from its number.
  @inlinable public init(_ rawValue: UInt16) {
    self.rawValue = rawValue
  }

  // They are computed, because each use of a stored one would look it up.

  /// `IN`, the class of almost every zone.
  @inlinable public static var internet: RecordClass { RecordClass(1) }
  /// `CH`, in which named serves information about itself.
  @inlinable public static var chaos: RecordClass { RecordClass(3) }
  /// `HS`.
  @inlinable public static var hesiod: RecordClass { RecordClass(4) }

  /// The class as named prints it.
  public var description: String {
    switch rawValue {
    case 1: "IN"
    case 3: "CH"
    case 4: "HS"
    case 254: "NONE"
    case 255: "ANY"
    default: "CLASS\(rawValue)"
    }
  }
}
