/// What stands in the place of the command on a command line: what comes first, the configuration's place aside.
enum CommandWord: Equatable {
  case missing
  case word(String)
  /// An option, with which `run` may be left out.
  case option
  /// Nothing but that much is to be said, which to many programs means that they tell their version.
  case verbose

  init(in arguments: some Collection<String>) {
    var rest = arguments[...]
    var isVerbose = false
    while let word = rest.popFirst() {
      if word == "--config" {
        // Without the file it is a mistake that the parser tells.
        guard rest.popFirst() != nil else {
          self = .option
          return
        }
      } else if word == "-v" || word == "--verbose" {
        isVerbose = true
      } else if isVerbose, !word.hasPrefix("--config=") {
        // `run` is not to be left out before a command's name.
        self = .option
        return
      } else if !word.hasPrefix("--config=") {
        self = word.hasPrefix("-") ? .option : .word(word)
        return
      }
    }
    self = isVerbose ? .verbose : .missing
  }

  /// The command line that was probably meant, by what other programs call it; nil where nobody knows.
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
