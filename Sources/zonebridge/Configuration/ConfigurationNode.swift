import SystemPackage

/// A value in the configuration file, with the place and the key it stands under.
struct ConfigurationNode {
  enum Content {
    /// `isPlain` if it is written without quotes, and is no block of lines.
    case scalar(String, isPlain: Bool)
    case list([ConfigurationNode])
    case section([(name: String, value: ConfigurationNode)])
  }

  let file: FilePath
  /// Where the value begins: a list or section of several lines at its first entry, below the key.
  let place: TextPlace
  /// The path of the key from the top, as in `clusters[0].masters`; nil at the top itself.
  let key: String?
  /// Where the key is written; nil at the top, and for an entry of a list.
  let keyPlace: TextPlace?
  /// Where mistakes are noted, if the rest can still be read.
  let mistakes: ConfigurationMistakes
  private let content: Content

  init(
    _ content: Content, file: FilePath, place: TextPlace, key: String?, keyPlace: TextPlace?,
    mistakes: ConfigurationMistakes
  ) {
    self.content = content
    self.mistakes = mistakes
    self.file = file
    self.place = place
    self.key = key
    self.keyPlace = keyPlace
  }

  /// The line on which to look for a mistake in the value: the value's own where it is a single one.
  var line: Int {
    if case .scalar = content, !isNull { return place.line }
    return (keyPlace ?? place).line
  }

  /// An error about this value.
  func error(_ problem: String, remedy: String) -> ConfigurationError {
    ConfigurationError(file: file, line: line, key: key, problem: problem, remedy: remedy)
  }

  /// Notes something about this value that was probably not meant so.
  func warn(_ problem: String, remedy: String) {
    mistakes.warn(error(problem, remedy: remedy))
  }

  /// Whether nothing was written for the value: no text, `~` or `null`, without quotes.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// Whether the value is a list.
  var isList: Bool {
    guard case .list = content else { return false }
    return true
  }

  /// Whether the value is keys with values of their own.
  var isSection: Bool {
    guard case .section = content else { return false }
    return true
  }

  // MARK: Scalars

  /// The value as a text without control characters, which is not empty.
  func text(_ expected: String) throws(ConfigurationError) -> String {
    let (text, _) = try scalar(expected)
    guard !text.isEmpty else { throw error("has no value", remedy: "Write \(expected)") }
    guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
      throw error(
        "the value has a control character in it", remedy: "Write \(expected), on one line")
    }
    return text
  }

  /// The value as a whole number in a range, written in decimal digits.
  func integer(in range: ClosedRange<UInt32>) throws(ConfigurationError) -> UInt32 {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    let (text, isPlain) = try scalar(expected)
    let digits = text.utf8
    // YAML reads 010 as eight and "10" as a text: neither is taken for a number.
    guard isPlain, !digits.isEmpty,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      digits.count == 1 || digits.first != UInt8(ascii: "0"),
      let value = UInt32(text), range.contains(value)
    else {
      let shown = isPlain ? text : "\"\(text)\""
      throw error(
        "\(shown) is not \(expected)", remedy: "Write such a number, without quotes and unit")
    }
    return value
  }

  /// The value as a port number.
  func port() throws(ConfigurationError) -> UInt16 {
    UInt16(truncatingIfNeeded: try integer(in: 1...65535))
  }

  /// The value as `true` or `false`.
  func boolean() throws(ConfigurationError) -> Bool {
    let (text, isPlain) = try scalar("true or false")
    switch (isPlain, text) {
    case (true, "true"): return true
    case (true, "false"): return false
    default:
      throw error(
        "'\(text)' is neither true nor false", remedy: "Write true or false, without quotes")
    }
  }

  /// The value as a path; a relative one is relative to the configuration file's directory.
  func path() throws(ConfigurationError) -> FilePath {
    let text = try text("a path")
    guard text != "~", !text.hasPrefix("~/"), !text.hasPrefix("$") else {
      throw error(
        "'\(text)' is a path for a shell, and no shell reads this file",
        remedy: "Write the whole path, as in /var/lib/zonebridge")
    }
    let path = FilePath(text)
    return path.isAbsolute ? path : file.removingLastComponent().pushing(path)
  }

  // MARK: Collections

  /// The value as a list.
  func list(_ expected: String) throws(ConfigurationError) -> [ConfigurationNode] {
    guard case .list(let entries) = content else {
      guard !isNull else { throw error("has no value", remedy: "List \(expected)") }
      throw error("is \(kind), not a list", remedy: asList ?? "List \(expected)")
    }
    return entries
  }

  /// The value as a list of different values with at least one entry; what is wrong in the entries is noted.
  func nonEmptyList<Value: Hashable>(
    _ expected: String, read: (ConfigurationNode) throws -> Value
  ) throws(ConfigurationError) -> [Value] {
    let entries = try list(expected)
    guard !entries.isEmpty else {
      throw error("the list is empty", remedy: "List \(expected), or remove the key")
    }
    var values: [Value] = []
    for entry in entries {
      guard let value = mistakes.noting(entry, read) else { continue }
      if values.contains(value) {
        mistakes.note(
          entry.error("\(value) is in the list twice", remedy: "Remove it here"))
      }
      values.append(value)
    }
    return values
  }

  /// The value as keys with their values, in the order of the file.
  func pairs() throws(ConfigurationError) -> [(name: String, value: ConfigurationNode)] {
    guard case .section(let pairs) = content else {
      guard key != nil else {
        throw error("the file is \(kind), not keys with values", remedy: "Begin it with clusters:")
      }
      throw error("is \(kind), not a section", remedy: "Write its keys below it, as key: value")
    }
    return pairs
  }

  private func scalar(
    _ expected: String
  ) throws(ConfigurationError) -> (text: String, isPlain: Bool) {
    guard !isNull else {
      throw error("has no value", remedy: "Write \(expected), or remove the key")
    }
    guard case .scalar(let text, let isPlain) = content else {
      throw error("is \(kind), not a single value", remedy: "Write \(expected)")
    }
    return (text, isPlain)
  }

  /// How to write a single value, or several with commas, as a list; nil if that is not so simple.
  private var asList: String? {
    guard case .scalar(let text, _) = content, !isNull, let name = key?.split(separator: ".").last
    else { return nil }
    let values = text.split(separator: ",", omittingEmptySubsequences: false).map { value in
      value.drop { $0 == " " }
    }
    let arePlain = values.allSatisfy { value in
      !value.isEmpty
        && value.utf8.allSatisfy {
          $0 > 0x20 && $0 < 0x7f && !"[]{}#&*!|>'\"%@`".utf8.contains($0)
        }
    }
    guard arePlain else { return nil }
    return
      "Put \(values.count == 1 ? "it" : "them") in brackets: \(name): [\(values.joined(separator: ", "))]"
  }

  private var kind: String {
    switch content {
    case .scalar: isNull ? "without a value" : "a single value"
    case .list: "a list"
    case .section: "a section of keys"
    }
  }
}
