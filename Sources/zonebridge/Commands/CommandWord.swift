/// The first word of a command line, apart from `--config FILE`: it decides which command runs.
enum CommandWord: Equatable {
  case missing
  case word(String)
  /// An option. `run` is then the default command.
  case option
  /// `-v` alone, by which many programs print their version.
  case verbose
  /// `help`, `-h` or `--help`, with the words that follow.
  case help(of: [String])
  /// `--config=` without a file, as a script writes it with a variable that is not set.
  case emptyFile

  init(in arguments: some Collection<String>) {
    // The parser would take the next word for the file, the command's name even, and start the agent in its place.
    if arguments.contains("--config=") {
      self = .emptyFile
      return
    }
    var rest = arguments[...]
    var isVerbose = false
    while let word = rest.popFirst() {
      if word == "--config" {
        // The parser reports a missing file.
        guard let file = rest.popFirst(), !file.hasPrefix("-") else {
          self = .option
          return
        }
      } else if word == "-v" || word == "--verbose" {
        isVerbose = true
      } else if isVerbose, !word.hasPrefix("--config=") {
        // The parser refuses `-v` before the name of a command.
        self = .option
        return
      } else if !word.hasPrefix("--config=") {
        self = Self.first(word, before: rest)
        return
      }
    }
    self = isVerbose ? .verbose : .missing
  }

  private static func first(_ word: String, before rest: some Collection<String>) -> CommandWord {
    if word == "help" || helpFlags.contains(word) {
      let others = rest.filter { !helpFlags.contains($0) }
      // The parser knows the help of `run`, whose name may be left out, and refuses options of `help`.
      return others.contains { $0.hasPrefix("-") } ? .option : .help(of: others)
    }
    // `--` ends the options, and names no command: without one, `run` would start the agent.
    return word.hasPrefix("-") && word != "--" ? .option : .word(word)
  }

  private static let helpFlags: Set = ["-h", "--help"]

  /// The command line that was probably meant, going by the names in other programs; nil if none is known.
  static func meant(by word: String) -> String? {
    switch word.lowercased() {
    case "version": "--version"
    case "apply", "sync", "reconcile", "once": "run --once"
    case "plan", "preview", "dry-run", "dryrun": "diff"
    case "undo", "revert", "rb": "rollback"
    case "history", "changes", "list", "ls": "rollback --list"
    case "show", "state", "info", "st": "status"
    case "test", "configtest", "checkconf", "lint", "config": "validate"
    case "doctor", "diagnose", "verify": "check"
    case "delete", "rm", "uninstall", "purge": "remove"
    case "daemon", "agent", "serve": "run"
    case "failover": "switch"
    case "setup", "configure", "install": "init"
    case "import", "takeover": "adopt"
    default: nil
    }
  }

  /// The agent is a service, which systemd starts and stops.
  static func isForService(_ word: String) -> Bool {
    ["start", "stop", "restart", "reload", "enable", "disable"].contains(word.lowercased())
  }
}
