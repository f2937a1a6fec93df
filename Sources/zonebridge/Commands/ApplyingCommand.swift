/// The command that applies what another one only showed.
struct ApplyingCommand {
  /// For a shell.
  let text: String

  /// - Parameter arguments: The words of the command that showed it, the program's name first.
  init(_ arguments: [String]) {
    var words: [String] = []
    var isValue = false
    for word in arguments.dropFirst() {
      defer { isValue = word == "--color" }
      guard !isValue, word != "--dry-run", word != "--json", !word.hasPrefix("--color") else {
        continue
      }
      words.append(word)
    }
    // `diff`, and `run` with or without its name, show one pass.
    if !words.contains(where: Self.changing.contains) {
      var isPath = false
      words.removeAll { word in
        defer { isPath = word == "--config" }
        return !isPath && ["diff", "run", "--once"].contains(word)
      }
      words.insert(contentsOf: ["run", "--once"], at: 0)
    }
    text = (["zonebridge"] + words.map(Self.quoted)).joined(separator: " ")
  }

  /// The commands that have a dry run besides `run`.
  private static let changing = ["adopt", "remove", "rollback", "switch"]

  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20)
          || "-_./:=@,+".utf8.contains($0)
      }
    return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
  }
}
