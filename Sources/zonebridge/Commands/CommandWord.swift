/// What stands in the place of the command on a command line: what comes first, the configuration's place aside.
enum CommandWord: Equatable {
  case missing
  case word(String)
  /// An option, with which `run` may be left out.
  case option

  init(in arguments: some Collection<String>) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--config" {
        // Without the file it is a mistake that the parser tells.
        guard rest.popFirst() != nil else {
          self = .option
          return
        }
      } else if !word.hasPrefix("--config=") {
        self = word.hasPrefix("-") ? .option : .word(word)
        return
      }
    }
    self = .missing
  }
}
