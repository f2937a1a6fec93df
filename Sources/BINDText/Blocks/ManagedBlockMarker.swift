/// The text of a marker, after its comment sign.
enum ManagedBlockMarker: Hashable {
  case begin(name: String)
  case end(name: String, digest: String)

  private static let beginWords = "BEGIN zonebridge"
  private static let endWords = "END zonebridge"
  private static let digestLabel = "sha256:"

  var text: String {
    switch self {
    case .begin(let name): "\(Self.beginWords) \(name): managed, edits here are overwritten"
    case .end(let name, let digest): "\(Self.endWords) \(name) \(Self.digestLabel)\(digest)"
    }
  }

  /// Whether the text of a comment begins like a marker: it is either a marker or a damaged one.
  static func isSuspected(_ bytes: [UInt8], in text: Range<Int>) -> Bool {
    begins(bytes, in: text, with: beginWords) || begins(bytes, in: text, with: endWords)
  }

  /// Reads the text of a comment that begins like a marker; nil if the marker is damaged.
  ///
  /// The text after the colon of a BEGIN is for people and may change.
  init?(_ text: String) {
    if let rest = Self.rest(of: text, after: Self.beginWords) {
      guard let colon = rest.firstIndex(of: ":") else { return nil }
      self = .begin(name: String(rest[..<colon]))
    } else if let rest = Self.rest(of: text, after: Self.endWords) {
      guard let space = rest.lastIndex(of: " ") else { return nil }
      let label = rest[rest.index(after: space)...]
      guard label.hasPrefix(Self.digestLabel) else { return nil }
      let digest = label.dropFirst(Self.digestLabel.count)
      guard digest.utf8.count == 12, digest.utf8.allSatisfy(Self.isHexDigit) else { return nil }
      self = .end(name: String(rest[..<space]), digest: String(digest))
    } else {
      return nil
    }
    guard Self.isUsable(name: name) else { return nil }
  }

  var name: String {
    switch self {
    case .begin(let name), .end(let name, _): name
    }
  }

  /// Whether a name survives being written into a marker and read back: one or two words, no colon.
  static func isUsable(name: String) -> Bool {
    let words = name.split(separator: " ", omittingEmptySubsequences: false)
    return (1...2).contains(words.count)
      && words.allSatisfy { word in
        !word.isEmpty && word.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f && $0 != ASCII.colon }
      }
  }

  /// Whether a line of the body would break the block, because it has a line break or is a marker.
  static func isRecognized(inLine line: String) -> Bool {
    if line.utf8.contains(ASCII.lineFeed) || line.utf8.contains(ASCII.carriageReturn) {
      return true
    }
    let text = line.drop { $0 == " " || $0 == "\t" || $0 == "/" || $0 == "#" || $0 == ";" }
    return text.hasPrefix(beginWords) || text.hasPrefix(endWords)
  }

  private static func begins(_ bytes: [UInt8], in text: Range<Int>, with words: String) -> Bool {
    guard text.count >= words.utf8.count else { return false }
    var index = text.lowerBound
    for byte in words.utf8 {
      guard bytes[index] == byte else { return false }
      index += 1
    }
    // "BEGIN zonebridges" is a different word.
    return index == text.upperBound || !isWordByte(bytes[index])
  }

  private static func rest(of text: String, after words: String) -> Substring? {
    guard text.hasPrefix(words + " ") else { return nil }
    return text.dropFirst(words.count + 1)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    ASCII.lowercased(byte) &- 0x61 < 26 || ASCII.isDigit(byte) || byte > 0x7f
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == ASCII.dot
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    ASCII.isDigit(byte) || byte &- 0x61 < 6
  }
}
