import SystemPackage

/// The YAML text of a configuration file.
enum ConfigurationDocument {
  /// The document's only node; its syntax was checked, and duplicate keys are noted.
  static func root(
    of text: String, file: FilePath, mistakes: ConfigurationMistakes
  ) throws(ConfigurationError) -> ConfigurationNode {
    var reader = try DocumentReader(text, file: file, mistakes: mistakes)
    guard let root = try reader.root(), !root.isNull else {
      throw ConfigurationError(
        file: file, line: 1, problem: "the file is empty",
        remedy: "Begin with zonebridge.yaml.example, or let zonebridge init write a first one")
    }
    return root
  }

  /// The text in a file's bytes.
  static func text(of bytes: [UInt8], file: FilePath) throws(ConfigurationError) -> String {
    if let encoding = ForeignEncoding(of: bytes) {
      throw ConfigurationError(
        file: file, line: 1, problem: encoding.rawValue,
        remedy: "Save it as UTF-8 without BOM")
    }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
    throw ConfigurationError(
      file: file, line: index.map { $0 + 1 },
      problem: "the file is not UTF-8 text here", remedy: "Save it in UTF-8")
  }

  /// What editors of other systems write in place of UTF-8, known by the first bytes.
  private enum ForeignEncoding: String {
    case markedUTF8 = "begins with a byte order mark"
    case utf16 = "is UTF-16"

    init?(of bytes: [UInt8]) {
      if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
        self = .markedUTF8
      } else if bytes.starts(with: [0xfe, 0xff]) || bytes.starts(with: [0xff, 0xfe]) {
        self = .utf16
      } else if bytes.count >= 4, bytes[0] != bytes[1],
        // A configuration begins with ASCII, of which each other byte is zero then.
        bytes[0] == 0 && bytes[2] == 0 || bytes[1] == 0 && bytes[3] == 0
      {
        self = .utf16
      } else {
        return nil
      }
    }
  }
}
