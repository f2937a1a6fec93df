/// The path of a file as named.conf or a zone file has it.
///
/// To named and the kernel it is a row of bytes: a name that was given in Latin-1 is no UTF-8, and as a `String` it would
/// be another file's.
public struct PathText: Hashable, Sendable {
  /// The path, without quotes.
  public let bytes: [UInt8]

  /// Makes a path of its bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether named takes it for a pattern of glob(3) in an `include`.
  public var isPattern: Bool { bytes.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B } }
}

extension PathText: CustomStringConvertible {
  /// The path for people; bytes that are no UTF-8 are shown as replacement characters.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension PathText: ExpressibleByStringLiteral {
  /// Makes a path of a text.
  public init(stringLiteral text: String) { self.init(Array(text.utf8)) }
}
