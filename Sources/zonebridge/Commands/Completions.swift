import ArgumentParser
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage

/// What a shell offers for a word of the command line: names out of the configuration and the history.
///
/// A key is pressed for it: nothing is written, no lock taken, nobody asked, and where something cannot be read there is
/// nothing to offer.
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

  /// What an option has been given so far, as `--option value` or `--option=value`.
  private static func value(of option: String, in words: [String]) -> String? {
    for (index, word) in words.enumerated() {
      if word == option, index + 1 < words.count { return words[index + 1] }
      if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
    }
    return nil
  }
}
