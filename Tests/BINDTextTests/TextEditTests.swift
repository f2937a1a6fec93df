import BINDText
import Testing

@Suite(.timeLimit(.minutes(3))) struct TextEditTests {
  private let alphabet = bytes("abcdefghij")

  private func edit(_ range: Range<Int>, _ replacement: String) -> TextEdit {
    TextEdit(range: range, replacement: bytes(replacement))
  }

  @Test func appliesEditsInAnyOrder() throws {
    let edits = [edit(7..<9, "-"), edit(0..<1, "AA"), edit(3..<3, "+"), edit(10..<10, "!")]
    #expect(text(try alphabet.applying(edits)) == "AAbc+defg-j!")
    #expect(text(try alphabet.applying(edits.reversed())) == "AAbc+defg-j!")
    #expect(try alphabet.applying([]) == alphabet)
  }

  @Test func keepsTheOrderOfInsertionsAtOnePlace() throws {
    let edits = [edit(2..<4, "X"), edit(2..<2, "1"), edit(2..<2, "2"), edit(4..<4, "3")]
    #expect(text(try alphabet.applying(edits)) == "ab12X3efghij")
  }

  @Test func refusesOverlapsAndForeignOffsets() {
    #expect(throws: TextEditError.overlap(0..<4, 3..<5)) {
      try alphabet.applying([edit(3..<5, ""), edit(0..<4, "")])
    }
    #expect(throws: TextEditError.overlap(0..<4, 2..<2)) {
      try alphabet.applying([edit(2..<2, "x"), edit(0..<4, "")])
    }
    #expect(throws: TextEditError.outOfBounds(9..<11, count: 10)) {
      try alphabet.applying([edit(9..<11, "")])
    }
  }

  @Test func tellsLinesAndColumns() {
    let file = bytes("one\r\ntwo\n\nfour")
    let places = [0: (1, 1), 4: (1, 5), 5: (2, 1), 8: (2, 4), 9: (3, 1), 10: (4, 1), 14: (4, 5)]
    for (offset, (line, column)) in places {
      #expect(SourceLocation(of: offset, in: file) == SourceLocation(line: line, column: column))
    }
    #expect(SourceLocation(of: 99, in: file).description == "4:5")
  }
}
