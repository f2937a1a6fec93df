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

  /// What to write at the end of a file: the ending of its last whole line, LF if it has none.
  ///
  /// After a last byte CR it is CRLF whatever stands before: an LF put there would melt together
  /// with the CR, and could not be removed again alone.
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

  /// What to write in the middle of a file: the ending of the line before, or else of this one.
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
