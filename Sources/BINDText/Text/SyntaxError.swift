/// Where a file becomes unreadable to named, and why.
public struct SyntaxError: Error, Hashable, CustomStringConvertible {
  /// What is wrong and, where possible, how to fix it, without the location.
  public let message: String
  /// The offset of the byte at which the error was found, from 0.
  public let offset: Int
  /// The same position as a line and a column.
  public let location: SourceLocation

  init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    self.message = message
    self.offset = offset
    self.location = SourceLocation(of: offset, in: bytes)
  }

  /// `line:column: message`; a caller that knows the file prefixes its name.
  public var description: String { "\(location): \(message)" }
}
