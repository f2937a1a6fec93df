import ArgumentParser
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage

/// What a shell offers for a word of the command line: names from the configuration and the history.
///
/// It runs at a key press: it writes nothing, takes no lock, asks nobody, and offers nothing if something cannot be
/// read.
enum Completions {
  static let clusters = CompletionKind.custom { words, _, _ in names(words).clusters }
  static let aliases = CompletionKind.custom { words, _, _ in names(words).aliases }
  static let blocks = CompletionKind.custom { words, _, _ in
    let names = names(words)
    return names.clusters + names.aliases
  }
  /// The IDs of the changes that can be reverted, the last one first.
  static let changes = CompletionKind.custom { words, _, _ in
    ChangeHistory(in: StateDirectory(stateDirectory(words))).numbers.map { "\($0)" }
  }

  private static func names(_ words: [String]) -> (clusters: [String], aliases: [String]) {
    guard case .right(let configuration) = Configuration.read(path(words)) else { return ([], []) }
    return (
      configuration.desired.clusters.map(\.name), configuration.desired.aliases.map(\.blockName)
    )
  }

  private static func stateDirectory(_ words: [String]) -> FilePath {
    if let path = value(of: "--state-directory", in: words) { return FilePath(path) }
    return switch Configuration.read(path(words)) {
    case .right(let configuration): configuration.stateDirectory
    case .wrong: Configuration.stateDirectory(in: path(words))
    }
  }

  /// The configuration that the command would read.
  private static func path(_ words: [String]) -> FilePath {
    var common = CommonOptions()
    common.config = value(of: "--config", in: words)
    return common.path
  }

  /// The value of an option, as `--option value` or `--option=value`: the last one counts, as for the parser.
  private static func value(of option: String, in words: [String]) -> String? {
    for index in words.indices.reversed() {
      if words[index] == option, index + 1 < words.count { return words[index + 1] }
      if words[index].hasPrefix(option + "=") {
        return String(words[index].dropFirst(option.count + 1))
      }
    }
    return nil
  }
}
