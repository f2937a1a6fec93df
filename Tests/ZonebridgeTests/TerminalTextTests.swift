import Testing

@testable import zonebridge

/// Lines that fit into a terminal.
@Suite("Text for a terminal", .timeLimit(.minutes(1)))
struct TerminalTextTests {
  @Test(
    "text → lines that fit, broken at spaces, what goes on set in; a long word stays whole",
    arguments: [
      ("", 10, [""]), ("short", 10, ["short"]), ("one two three", 7, ["one two", "  three"]),
      ("  one two three", 9, ["  one two", "    three"]),
      ("a bcdefghijklmnop q", 8, ["a", "  bcdefghijklmnop", "  q"]),
      ("first\n  second third", 10, ["first", "  second", "    third"]),
      ("a  b", 80, ["a  b"]),
    ] as [(String, Int, [String])])
  func wraps(text: String, width: Int, lines: [String]) {
    let literal = TerminalText(stringLiteral: text)
    #expect(literal.wrapped(to: width).map(\.text) == lines)
  }

  @Test("styles → they take no room") func styles() {
    let good = TerminalText(stringLiteral: "good").styled("32")
    let text: TerminalText = "\(good) \(good)"
    #expect(text.wrapped(to: 9).map(\.text) == ["\u{1b}[32mgood\u{1b}[0m \u{1b}[32mgood\u{1b}[0m"])
    #expect(text.wrapped(to: 8).count == 2)
  }
}
