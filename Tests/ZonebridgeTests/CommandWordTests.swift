import Testing

@testable import zonebridge

/// What a command line is taken for before it is parsed.
@Suite("The command on a command line", .timeLimit(.minutes(1)))
struct CommandWordTests {
  @Test(
    "a command line → its command; nothing but the configuration's place → none",
    arguments: [
      ([], .missing), (["--config", "f"], .missing), (["--config=f"], .missing),
      (["--config", "f", "--config=g"], .missing), (["statsu"], .word("statsu")),
      (["--config", "f", "diff"], .word("diff")),
      (["--config=f", "diff", "--json"], .word("diff")),
      (["--once"], .option), (["--config", "f", "--once", "x"], .option),
      (["--config"], .option), (["--config", "--once"], .option), (["--version"], .option),
      (["-v"], .verbose), (["--config", "f", "--verbose"], .verbose),
      (["-v", "--config=f"], .verbose), (["-v", "--once"], .option), (["-v", "run"], .option),
      (["--"], .word("--")), (["--", "run"], .word("--")), ([""], .word("")),
      (["--config=", "status"], .emptyFile), (["status", "--config="], .emptyFile),
      (["-h"], .help(of: [])), (["help"], .help(of: [])), (["--help", "-h"], .help(of: [])),
      (["help", "statsu"], .help(of: ["statsu"])), (["--help", "statsu"], .help(of: ["statsu"])),
      (["--config=f", "help", "run", "diff", "-h"], .help(of: ["run", "diff"])),
      (["--help", "--once"], .option), (["help", "rollback", "--list"], .option),
    ] as [([String], CommandWord)])
  func command(arguments: [String], word: CommandWord) {
    #expect(CommandWord(in: arguments) == word)
  }

  @Test(
    "what other programs call it → the command here",
    arguments: [
      ("version", "--version"), ("plan", "diff"), ("Undo", "rollback"), ("ls", "rollback --list"),
      ("configtest", "validate"), ("frobnicate", nil),
    ])
  func meant(word: String, meant: String?) { #expect(CommandWord.meant(by: word) == meant) }
}
