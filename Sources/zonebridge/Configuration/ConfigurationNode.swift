import SystemPackage
import Yams

/// A value in the configuration file, with the place and the key it stands under.
struct ConfigurationNode {
  let file: FilePath
  let line: Int
  /// The path of the key from the top, as in `clusters[0].masters`; nil at the top itself.
  let key: String?
  private let node: Node

  init(_ node: Node, file: FilePath, line: Int, key: String?) {
    self.node = node
    self.file = file
    self.line = line
    self.key = key
  }

  /// An error about this value.
  func error(_ problem: String) -> ConfigurationError {
    ConfigurationError(file: file, line: line, key: key, problem: problem)
  }

  /// Whether nothing was written for the value: no text, `~` or `null`, without quotes.
  static func isNull(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// Whether the value is a list.
  var isList: Bool { node.sequence != nil }

  /// Whether the value is keys with values of their own.
  var isSection: Bool { node.mapping != nil }

  // MARK: Scalars

  /// The value as a text without control characters, which is not empty.
  func text(_ expected: String) throws(ConfigurationError) -> String {
    let text = try scalar(expected).string
    guard !text.isEmpty else { throw error("has no value. Write \(expected)") }
    guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }) else {
      throw error("a control character stands in the value. Write \(expected) on one line")
    }
    return text
  }

  /// The value as a whole number in a range, written in decimal digits.
  func integer(in range: ClosedRange<UInt32>) throws(ConfigurationError) -> UInt32 {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    let scalar = try scalar(expected)
    let digits = scalar.string.utf8
    // YAML reads 010 as eight and "10" as a text: neither is taken for a number.
    guard scalar.style == .plain, !digits.isEmpty,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      digits.count == 1 || digits.first != UInt8(ascii: "0"),
      let value = UInt32(scalar.string), range.contains(value)
    else {
      let shown = scalar.style == .plain ? scalar.string : "\"\(scalar.string)\""
      throw error("\(shown) is no such number. Write \(expected), without quotes or unit")
    }
    return value
  }

  /// The value as a port number.
  func port() throws(ConfigurationError) -> UInt16 {
    UInt16(truncatingIfNeeded: try integer(in: 1...65535))
  }

  /// The value as `true` or `false`.
  func boolean() throws(ConfigurationError) -> Bool {
    let scalar = try scalar("true or false")
    switch (scalar.style, scalar.string) {
    case (.plain, "true"): return true
    case (.plain, "false"): return false
    default: throw error("'\(scalar.string)' is neither true nor false. Write one of the two")
    }
  }

  /// The value as a path; a relative one is relative to the configuration file's directory.
  func path() throws(ConfigurationError) -> FilePath {
    let path = FilePath(try text("a path"))
    return path.isAbsolute ? path : file.removingLastComponent().pushing(path)
  }

  // MARK: Collections

  /// The value as a list.
  func list(_ expected: String) throws(ConfigurationError) -> [ConfigurationNode] {
    guard case .sequence(let sequence) = node else {
      throw error("is \(kind), not a list. Write \(expected) as a list: [one, two]")
    }
    return sequence.enumerated().map { index, entry in
      ConfigurationNode(
        entry, file: file, line: entry.mark?.line ?? line, key: "\(key ?? "")[\(index)]")
    }
  }

  /// The value as a list of different values with at least one entry.
  func nonEmptyList<Value: Hashable>(
    _ expected: String, read: (ConfigurationNode) throws(ConfigurationError) -> Value
  ) throws(ConfigurationError) -> [Value] {
    let entries = try list(expected)
    guard !entries.isEmpty else { throw error("the list is empty. Write \(expected) into it") }
    var values: [Value] = []
    for entry in entries {
      let value = try read(entry)
      guard !values.contains(value) else {
        throw entry.error("\(value) stands in the list already. Take it out here")
      }
      values.append(value)
    }
    return values
  }

  /// The value as keys with their values, in the order of the file.
  func pairs() throws(ConfigurationError) -> [(name: String, value: ConfigurationNode)] {
    guard case .mapping(let mapping) = node else {
      throw error("is \(kind), not a section. Write its keys below it, as key: value")
    }
    var pairs: [(name: String, value: ConfigurationNode)] = []
    for (keyNode, value) in mapping {
      let keyLine = keyNode.mark?.line ?? line
      guard case .scalar(let scalar) = keyNode else {
        throw ConfigurationError(
          file: file, line: keyLine, key: key, problem: "a key has to be a word. Write key: value")
      }
      // A collection's own mark is that of its first entry, below the key.
      let valueLine =
        value.scalar == nil || Self.isNull(value) ? keyLine : value.mark?.line ?? keyLine
      let path = key.map { "\($0).\(scalar.string)" } ?? scalar.string
      pairs.append(
        (scalar.string, ConfigurationNode(value, file: file, line: valueLine, key: path)))
    }
    return pairs
  }

  private func scalar(_ expected: String) throws(ConfigurationError) -> Node.Scalar {
    guard case .scalar(let scalar) = node, !Self.isNull(node) else {
      throw Self.isNull(node)
        ? error("has no value. Write \(expected), or take the key out")
        : error("is \(kind), not a single value. Write \(expected)")
    }
    return scalar
  }

  private var kind: String {
    switch node {
    case .scalar: Self.isNull(node) ? "without a value" : "a single value"
    case .sequence: "a list"
    case .mapping: "a section of keys"
    case .alias: "a YAML alias"
    }
  }
}
