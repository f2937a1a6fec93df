import SystemPackage

/// The section `hooks`: commands of the operator's.
struct HooksConfiguration: Hashable, Sendable {
  /// Run after a change.
  var change: HookCommand?
  /// Run when a problem begins or ends.
  var problem: HookCommand?

  static let keys = ["change", "problem"]

  static func read(_ node: ConfigurationNode) -> HooksConfiguration {
    let section = ConfigurationSection(node, keys: keys)
    return HooksConfiguration(
      change: section.value("change") { HookCommand(key: "hooks.change", words: try $0.command()) },
      problem: section.value("problem") {
        HookCommand(key: "hooks.problem", words: try $0.command())
      })
  }
}

/// A program with its arguments, and the key of the configuration that has it.
struct HookCommand: Hashable, Sendable {
  let key: String
  /// At least the program, as a whole path.
  let words: [String]
}

extension ConfigurationNode {
  /// The value as a program with its arguments, which no shell reads.
  fileprivate func command() throws(ConfigurationError) -> [String] {
    let expected =
      "the program's path and its arguments, as in [/usr/local/sbin/page, --urgent]"
    let entries = try list(expected)
    guard let program = entries.first else {
      throw error("the list is empty", remedy: "List \(expected), or remove the key")
    }
    guard FilePath(try program.text(expected)).isAbsolute else {
      throw program.error(
        "'\(try program.text(expected))' is not a whole path, and no folder is searched for it",
        remedy: "List \(expected)")
    }
    var words: [String] = []
    for entry in entries {
      words.append(try entry.text("an argument, in quotes if it is a number"))
    }
    return words
  }
}
