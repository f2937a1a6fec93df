/// A section of the configuration file.
///
/// What is wrong in it is noted, and the rest is read all the same.
struct ConfigurationSection {
  let node: ConfigurationNode
  private let values: [String: ConfigurationNode]
  /// Whether it is no section at all, in which nothing can be missing.
  private var isBroken = false

  /// Reads a section that can have `keys`.
  init(_ node: ConfigurationNode, keys: [String]) {
    self.node = node
    guard let pairs = node.mistakes.noting(node, { try $0.pairs() }) else {
      values = [:]
      isBroken = true
      return
    }
    var values: [String: ConfigurationNode] = [:]
    for (name, value) in pairs {
      guard !keys.contains(name) else {
        values[name] = value
        continue
      }
      node.mistakes.note(
        value.error(
          "unknown key",
          remedy: UnknownKey(name, among: keys).remedy))
    }
    self.values = values
  }

  /// A section that was left out of the one given.
  init(emptyAt node: ConfigurationNode) {
    self.node = node
    values = [:]
  }

  subscript(key: String) -> ConfigurationNode? { values[key] }

  /// The value of a key; nil where it is not there, or wrong.
  func value<Value>(
    _ key: String, _ read: (ConfigurationNode) throws -> Value
  ) -> Value? {
    values[key].flatMap { node.mistakes.noting($0, read) }
  }

  /// The value of a key that has to be there; nil where it is not, or wrong.
  func required<Value>(
    _ key: String, _ expected: String, _ read: (ConfigurationNode) throws -> Value
  ) -> Value? {
    guard values[key] == nil, !isBroken else { return value(key, read) }
    node.mistakes.note(
      node.error("the key \(key) is missing", remedy: "Add \(key): \(expected)"))
    return nil
  }

  /// Notes what is wrong with the section as a whole, unless it is none.
  func note(_ error: ConfigurationError) {
    if !isBroken { node.mistakes.note(error) }
  }
}
