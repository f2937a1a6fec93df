/// A file's path as written in named.conf or a zone file.
///
/// To named and the kernel a path is a sequence of bytes: a name in Latin-1 is not valid UTF-8, and as a `String` it
/// would name another file.
public struct PathText: Hashable, Sendable {
  /// The path, without quotes.
  public let bytes: [UInt8]

  /// Makes a path from its bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether named treats it as a glob(3) pattern in an `include`.
  public var isPattern: Bool { bytes.contains { $0 == 0x2A || $0 == 0x3F || $0 == 0x5B } }
}

extension PathText: CustomStringConvertible {
  /// The path for display; bytes that are not valid UTF-8 become replacement characters.
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension PathText: ExpressibleByStringLiteral {
  /// Makes a path from text.
  public init(stringLiteral text: String) { self.init(Array(text.utf8)) }
}
