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
      (["--once"], .option), (["--config", "f", "--once", "x"], .option), (["-h"], .option),
      (["--config"], .option), (["--version"], .option),
    ] as [([String], CommandWord)])
  func command(arguments: [String], word: CommandWord) {
    #expect(CommandWord(in: arguments) == word)
  }
}
