/// A place in a text file, as editors and named count it.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public let line: Int
  /// The byte within its line, from 1.
  public let column: Int

  /// Makes a location from known numbers.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// Finds the line and column of a byte by counting the line feeds before it.
  ///
  /// This takes one pass through the bytes before the offset, so it is meant for locations shown to people, not for
  /// every token.
  public init(of offset: Int, in bytes: [UInt8]) {
    var line = 1
    var lineStart = 0
    let end = min(max(offset, 0), bytes.count)
    for index in 0..<end where bytes[index] == ASCII.lineFeed {
      line += 1
      lineStart = index + 1
    }
    self.line = line
    self.column = end - lineStart + 1
  }

  /// `line:column`, the form that named's own messages have.
  public var description: String { "\(line):\(column)" }
}
