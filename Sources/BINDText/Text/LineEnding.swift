/// How the lines of a file end.
public enum LineEnding: Hashable, Sendable {
  /// A line feed.
  case lineFeed
  /// Carriage return and line feed, as editors on Windows write it; named takes both.
  case carriageReturnLineFeed

  /// The bytes of the line ending.
  public var bytes: [UInt8] {
    switch self {
    case .lineFeed: [ASCII.lineFeed]
    case .carriageReturnLineFeed: [ASCII.carriageReturn, ASCII.lineFeed]
    }
  }

  /// The line ending to write at the end of a file: that of its last complete line, or LF if it has none.
  ///
  /// If the last byte is a CR, it is CRLF whatever the other lines have: an LF written there would merge with the CR
  /// into one line ending and could not be removed on its own again.
  init(atEndOf bytes: [UInt8]) {
    if bytes.last == ASCII.carriageReturn {
      self = .carriageReturnLineFeed
    } else if let last = bytes.lastIndex(of: ASCII.lineFeed), last > 0,
      bytes[last - 1] == ASCII.carriageReturn
    {
      self = .carriageReturnLineFeed
    } else {
      self = .lineFeed
    }
  }

  /// The line ending to write in the middle of a file: that of the line before, or else of this line.
  init(at offset: Int, of bytes: [UInt8]) {
    let lineFeed =
      bytes[..<offset].lastIndex(of: ASCII.lineFeed)
      ?? bytes[offset...].firstIndex(of: ASCII.lineFeed)
    if let lineFeed, lineFeed > 0, bytes[lineFeed - 1] == ASCII.carriageReturn {
      self = .carriageReturnLineFeed
    } else {
      self = .lineFeed
    }
  }
}
