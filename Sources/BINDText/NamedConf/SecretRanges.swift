import DNSNames

/// The secrets in the text of a named.conf: keys for TSIG and for rndc, and the passwords of plugins.
///
/// The search matches anything that looks like a secret, wherever it is: a key in a comment is still secret, and so is
/// one in a file that named would reject.
public enum SecretRanges {
  private static let keywords = ["secret", "password"]

  /// The range of each secret, from its keyword to the end of its value.
  public static func find(in bytes: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var index = 0
    while index < bytes.count {
      let end = endOfWord(at: index, in: bytes)
      guard end > index else {
        index += 1
        continue
      }
      let isKeyword = keywords.contains { bytes.matches($0, in: index..<end) }
      if isKeyword, let last = endOfValue(behind: end, in: bytes) {
        ranges.append(index..<last)
        index = last
      } else {
        index = end
      }
    }
    return ranges
  }

  /// A value in quotes, or a word before a semicolon.
  private static func endOfValue(behind start: Int, in bytes: [UInt8]) -> Int? {
    endOfValue(at: startOfValue(behind: start, isInComment: false, in: bytes), in: bytes)
      ?? endOfValue(at: startOfValue(behind: start, isInComment: true, in: bytes), in: bytes)
  }

  private static func endOfValue(at index: Int, in bytes: [UInt8]) -> Int? {
    guard index < bytes.count else { return nil }
    if bytes[index] == ASCII.quote {
      var end = index + 1
      while end < bytes.count, bytes[end] != ASCII.quote {
        end += bytes[end] == ASCII.backslash ? 2 : 1
      }
      return min(end + 1, bytes.count)
    }
    // The base64 alphabet (RFC 4648 section 4).
    var end = index
    while end < bytes.count, isBase64(bytes[end]) { end += 1 }
    guard end > index else { return nil }
    var next = end
    while next < bytes.count, isSpace(bytes[next]) { next += 1 }
    return next < bytes.count && bytes[next] == ASCII.semicolon ? end : nil
  }

  /// Skips blanks, line ends and comments; if the keyword is itself in a comment, the comment signs that continue it.
  private static func startOfValue(
    behind start: Int, isInComment: Bool, in bytes: [UInt8]
  ) -> Int {
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      if isSpace(byte) {
        index += 1
      } else if isInComment, ASCII.isCommentSign(byte), byte != ASCII.semicolon {
        index += 1
      } else if !isInComment, let end = endOfComment(at: index, in: bytes) {
        index = end
      } else {
        break
      }
    }
    return index
  }

  private static func endOfComment(at start: Int, in bytes: [UInt8]) -> Int? {
    let rest = bytes[start...]
    if rest.first == ASCII.hash || rest.starts(with: [ASCII.slash, ASCII.slash]) {
      return rest.firstIndex(of: ASCII.lineFeed) ?? bytes.count
    }
    guard rest.starts(with: [ASCII.slash, ASCII.asterisk]) else { return nil }
    var index = start + 2
    while index + 1 < bytes.count {
      if bytes[index] == ASCII.asterisk, bytes[index + 1] == ASCII.slash { return index + 2 }
      index += 1
    }
    return nil
  }

  private static func endOfWord(at start: Int, in bytes: [UInt8]) -> Int {
    var end = start
    while end < bytes.count, isInWord(bytes[end]) { end += 1 }
    return end
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    ASCII.isBlank(byte) || byte == ASCII.lineFeed || byte == ASCII.carriageReturn
  }

  private static func isLetter(_ byte: UInt8) -> Bool { ASCII.lowercased(byte) &- 0x61 < 26 }

  private static func isInWord(_ byte: UInt8) -> Bool {
    isLetter(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      || byte == ASCII.dot
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    isLetter(byte) || ASCII.isDigit(byte) || byte == ASCII.equals || byte == ASCII.slash
      || byte == UInt8(ascii: "+")
  }
}
