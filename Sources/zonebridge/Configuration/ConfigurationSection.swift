/// A section of the configuration file, none of whose keys is unknown.
struct ConfigurationSection {
  let node: ConfigurationNode
  private let values: [String: ConfigurationNode]

  /// Reads a section that can have `keys`.
  init(_ node: ConfigurationNode, keys: [String]) throws(ConfigurationError) {
    var values: [String: ConfigurationNode] = [:]
    for (name, value) in try node.pairs() {
      guard keys.contains(name) else {
        throw value.error(
          "unknown key",
          remedy: UnknownKey(name, among: keys).suggestion.map { "Did you mean \($0)?" }
            ?? "The keys here are \(keys.joined(separator: ", "))")
      }
      values[name] = value
    }
    self.node = node
    self.values = values
  }

  /// A section that was left out of the one given.
  init(emptyAt node: ConfigurationNode) {
    self.node = node
    values = [:]
  }

  subscript(key: String) -> ConfigurationNode? { values[key] }

  /// The value of a key that has to be there.
  func required(_ key: String, _ expected: String) throws(ConfigurationError) -> ConfigurationNode {
    guard let value = values[key] else {
      throw node.error("the key \(key) is missing", remedy: "Write \(key): and \(expected)")
    }
    return value
  }
}
