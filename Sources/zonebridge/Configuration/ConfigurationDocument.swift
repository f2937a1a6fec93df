import SystemPackage
import Yams

/// The YAML text of a configuration file.
enum ConfigurationDocument {
  /// The document's only node; its syntax and its keys' uniqueness have been looked at.
  static func root(
    of text: String, file: FilePath
  ) throws(ConfigurationError) -> ConfigurationNode {
    let node: Node?
    do {
      node = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      throw syntaxError(error, in: file)
    } catch {
      throw ConfigurationError(file: file, problem: "not YAML: \(error)")
    }
    guard let node, !ConfigurationNode.isNull(node) else {
      throw ConfigurationError(
        file: file, line: 1,
        problem: "the file is empty. Write at least the section clusters into it")
    }
    return ConfigurationNode(node, file: file, line: node.mark?.line ?? 1, key: nil)
  }

  /// The text in a file's bytes.
  static func text(of bytes: [UInt8], file: FilePath) throws(ConfigurationError) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
    throw ConfigurationError(
      file: file, line: index.map { $0 + 1 },
      problem: "the file is not UTF-8 text here. Save it in UTF-8")
  }

  private static func syntaxError(_ error: YamlError, in file: FilePath) -> ConfigurationError {
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let words = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
      return ConfigurationError(
        file: file, line: mark.line,
        problem: "not YAML: \(words). Look at the indentation, quotes and brackets here and above")
    case .duplicatedKeysInMapping(let keys, let context):
      let key = keys.first ?? ""
      return ConfigurationError(
        file: file, line: context.mark.line, key: key,
        problem: "the key stands more than once in its section, first here. Leave one of them")
    case .reader(let problem, let offset, _, let text):
      let line = offset.map { text.prefix($0).count { $0.isNewline } + 1 }
      return ConfigurationError(
        file: file, line: line,
        problem: "not YAML: \(problem). Take the control character out")
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      return ConfigurationError(file: file, problem: "not YAML: \(error)")
    }
  }
}
