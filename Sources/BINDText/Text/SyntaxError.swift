/// Where a file of named's stops being one that named could read, and why.
public struct SyntaxError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, with the cure where there is one, and without the place.
  public let message: String
  /// The byte at which it was seen, from 0.
  public let offset: Int
  /// The same place as a line and a column.
  public let location: SourceLocation

  init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    self.message = message
    self.offset = offset
    self.location = SourceLocation(of: offset, in: bytes)
  }

  /// `line:column: message`; a caller that knows the file prefixes its name.
  public var description: String { "\(location): \(message)" }
}
