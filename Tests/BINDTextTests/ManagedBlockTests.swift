import BINDText
import DNSNames
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ManagedBlockTests {
  private func block(_ name: String, _ body: String = "acl a { any; };\n") -> String {
    """
    // BEGIN zonebridge \(name): managed, edits here are overwritten
    \(body)// END zonebridge \(name) sha256:\(digest(bytes(body)))

    """
  }

  @Test func isWrittenAsTheContractSays() throws {
    let rendered = try ManagedBlock.render(
      name: "prod", body: ["zone \"x\" {", "\ttype forward;", "};"], comment: .slashes,
      digest: { _ in "1f0a9c44d2b7" })
    #expect(
      text(rendered) == """
        // BEGIN zonebridge prod: managed, edits here are overwritten
        zone "x" {
        \ttype forward;
        };
        // END zonebridge prod sha256:1f0a9c44d2b7

        """)
    let inZone = try ManagedBlock.render(
      name: "contoso.com", body: ["x"], comment: .semicolon, indentation: "  ",
      lineEnding: .carriageReturnLineFeed, digest: digest)
    #expect(
      text(inZone) == """
          ; BEGIN zonebridge contoso.com: managed, edits here are overwritten\r
          x\r
          ; END zonebridge contoso.com sha256:\(digest(bytes("  x\r\n")))\r

        """)
  }

  @Test(arguments: ["", " ", "a b c", "a:b", "a  b", " a", "a\nb", "a\tb"])
  func refusesNamesThatAMarkerCannotHold(name: String) {
    #expect(throws: ManagedBlockError.unusableName(name)) {
      try ManagedBlock.render(name: name, body: [], comment: .slashes, digest: digest)
    }
  }

  @Test(arguments: [
    "a\nb", "a\r", "// END zonebridge a sha256:000000000000", "\t#BEGIN zonebridge",
  ])
  func refusesLinesThatWouldBreakTheBlock(line: String) {
    #expect(throws: ManagedBlockError.unusableLine(line)) {
      try ManagedBlock.render(name: "a", body: [line], comment: .slashes, digest: digest)
    }
  }

  @Test func isFoundWithItsParts() throws {
    let file = """
      // mine
        # BEGIN zonebridge zone contoso.com: managed, whatever this said in another version
        acl x { none; };
        # END zonebridge zone contoso.com sha256:0123456789ab
      \(block("prod"))acl z { any; };
      """
    let outline = try NamedConfOutline(parsing: bytes(file))
    let blocks = try outline.blocks()
    try #require(blocks.map(\.name) == ["zone contoso.com", "prod"])
    #expect(text(outline.bytes[blocks[0].body]) == "  acl x { none; };\n")
    #expect(blocks[0].recordedDigest == "0123456789ab")
    #expect(blocks[0].indentation == "  ")
    #expect(blocks[0].lineEnding == .lineFeed)
    #expect(blocks[0].isEdited(in: outline.bytes, digest: digest))
    #expect(text(outline.bytes[blocks[1].range]) == block("prod"))
    #expect(!blocks[1].isEdited(in: outline.bytes, digest: digest))
  }

  @Test func isFoundAtTheEndWithoutLineEndingAndWithCarriageReturns() throws {
    let file = bytes(String(block("a", "").dropLast()).withCarriageReturns)
    let found = try #require(try NamedConfOutline(parsing: file).blocks().first)
    #expect(found.range == 0..<file.count)
    #expect(found.body.isEmpty)
    #expect(found.lineEnding == .carriageReturnLineFeed)
  }

  private static let begin = "// BEGIN zonebridge a: managed, edits here are overwritten\n"
  private static let end = "// END zonebridge a sha256:0123456789ab\n"
  private static let beginB = "// BEGIN zonebridge b: managed, edits here are overwritten\n"
  private static let endB = "// END zonebridge b sha256:0123456789ab\n"

  @Test(
    arguments: [
      ("\n" + begin, .beginWithoutEnd(name: "a", line: 2)),
      (begin + begin + end, .beginWithoutEnd(name: "a", line: 1)),
      (begin + beginB + endB, .beginWithoutEnd(name: "a", line: 1)),
      ("\n\n" + end, .endWithoutBegin(name: "a", line: 3)),
      (begin + endB, .endWithoutBegin(name: "b", line: 2)),
      (begin + end + end, .endWithoutBegin(name: "a", line: 3)),
      (begin + end + begin + end, .duplicate(name: "a", firstLine: 1, secondLine: 3)),
      (begin + beginB + endB + end, .nested(name: "b", line: 2, within: "a", beginLine: 1)),
      (begin + beginB + end + endB, .crossed(name: "a", line: 3, with: "b", beginLine: 2)),
      (
        begin + "acl a {\n" + end + "any; };\n",
        .splitsStatement(name: "a", beginLine: 1, endLine: 3)
      ),
      (
        "acl a {\n" + begin + "any; };\n" + end,
        .splitsStatement(name: "a", beginLine: 2, endLine: 4)
      ),
      ("options\n" + begin + end + "{ };", .splitsStatement(name: "a", beginLine: 2, endLine: 3)),
      (
        "// BEGIN zonebridge a\n" + end,
        .unreadable(text: "BEGIN zonebridge a", line: 1)
      ),
      (
        begin + "// END zonebridge a\n",
        .unreadable(text: "END zonebridge a", line: 2)
      ),
      (
        begin + "// END zonebridge a sha256:0123456789\n",
        .unreadable(text: "END zonebridge a sha256:0123456789", line: 2)
      ),
      (
        begin + "// END zonebridge a sha256:0123456789AB\n",
        .unreadable(text: "END zonebridge a sha256:0123456789AB", line: 2)
      ),
      ("// BEGIN zonebridge", .unreadable(text: "BEGIN zonebridge", line: 1)),
      ("// BEGIN zonebridge a b c: x\n", .unreadable(text: "BEGIN zonebridge a b c: x", line: 1)),
    ] as [(String, ManagedBlockError)])
  func toldWhatIsDamaged(file: String, error: ManagedBlockError) throws {
    for file in [file, file.withCarriageReturns] {
      let outline = try NamedConfOutline(parsing: bytes(file))
      #expect(throws: error) { try outline.blocks() }
      #expect(throws: error) { try outline.insertion(of: [], named: "new", digest: digest) }
      #expect(error.description.contains("line \(error.line ?? 0)"))
    }
  }

  @Test(
    arguments: [
      ("\n/*\n\(begin)*/\n", .commentedOut(name: "a", line: 3, commentLine: 2)),
      (
        "/* BEGIN zonebridge a: managed, edits here are overwritten */\n",
        .commentedOut(name: "a", line: 1, commentLine: 1)
      ),
      ("/*\n * \(end) */\n", .commentedOut(name: "a", line: 2, commentLine: 1)),
      (
        "acl x { /*\n# BEGIN zonebridge a: m\r\n*/ any; };",
        .commentedOut(name: "a", line: 2, commentLine: 1)
      ),
      ("acl \"\n\(begin)\" { any; };\n", .quoted(name: "a", line: 2, stringLine: 1)),
      ("zone a { file \"x\n\(end)\"; };\n", .quoted(name: "a", line: 2, stringLine: 1)),
      ("acl x { any; }; \(begin)", .beginWithoutEnd(name: "a", line: 1)),
      ("acl x {\n\(begin)\(end)}; // x\n\(end)", .endWithoutBegin(name: "a", line: 5)),
    ] as [(String, ManagedBlockError)])
  func toldWhereNoMarkerMayBe(file: String, error: ManagedBlockError) throws {
    let outline = try NamedConfOutline(parsing: bytes(file))
    #expect(throws: error) { try outline.blocks() }
    #expect(error.description.contains("line \(error.line ?? 0)"))
  }

  @Test func noBlockGoesIntoAListWithinABlock() throws {
    let outline = try NamedConfOutline(parsing: bytes(block("a", "view v {\n};\n")))
    #expect(throws: ManagedBlockError.nested(name: "b", line: 3, within: "a", beginLine: 1)) {
      try outline.insertion(of: [], named: "b", in: outline.views[0].list, digest: digest)
    }
  }

  @Test func eachListMayHaveABlockOfAName() throws {
    let file = bytes(
      """
      view a {
      \(block("a", ""))};
      view b { match-clients { any; }; \(block("a", ""))};
      \(block("a", ""))
      """)
    let outline = try NamedConfOutline(parsing: file)
    let blocks = try outline.blocks()
    #expect(blocks.map(\.name) == ["a", "a", "a"])
    #expect(blocks.map { outline.stands($0, in: outline.views[0].list) } == [true, false, false])
    #expect(blocks.map { outline.stands($0, in: outline.views[1].list) } == [false, true, false])
    #expect(blocks.map { outline.stands($0, in: nil) } == [false, false, true])
    #expect(throws: ManagedBlockError.duplicate(name: "a", firstLine: 5, secondLine: 7)) {
      try outline.insertion(of: [], named: "a", in: outline.views[1].list, digest: digest)
    }
  }

  @Test(arguments: [
    "/* BEGIN zonebridge was here */\n",
    "acl x { any; }; // BEGIN zonebridge\n",
    "acl x { any; }; \(end)",
    "acl x // BEGIN zonebridge a: managed\n { any; };",
    "acl \"// BEGIN zonebridge a: managed\" { any; };",
    "// BEGIN zonebridges are\n",
    "// see BEGIN zonebridge a: managed\n",
    "// begin zonebridge a\n",
    "///BEGIN zonebridge a: managed\n",
    "// #BEGIN zonebridge a: managed\n",
  ])
  func isNotSeenWhereNoMarkerIs(file: String) throws {
    #expect(try NamedConfOutline(parsing: bytes(file)).blocks().isEmpty)
  }

  @Test(arguments: [
    "x TXT \"\\\n; BEGIN zonebridge a: managed, edits here are overwritten\"\n",
    "x TXT a ; BEGIN zonebridge a: managed, edits here are overwritten\n",
    "\\; BEGIN zonebridge\n",
  ])
  func isNotSeenInZoneFilesWhereNoMarkerIs(file: String) throws {
    // The last is a record of the owner `;` whose type named does not know.
    #expect(try ZoneFileOutline(parsing: bytes(file), origin: .root).blocks().isEmpty)
  }

  @Test func isFoundInZoneFilesIndentedToo() throws {
    let file = bytes(
      "@ NS x\n  ; BEGIN zonebridge a: managed\n  b NS y\n\t; END zonebridge a sha256:0123456789ab")
    let blocks = try ZoneFileOutline(parsing: file, origin: .root).blocks()
    #expect(blocks.map { text(file[$0.body]) } == ["  b NS y\n"])
  }

  @Test("damaged markers in a zone file → refused with their line, and nothing is put in")
  func damageInAZoneFileIsTold() throws {
    let begin = "; BEGIN zonebridge a: managed, edits here are overwritten\n"
    let end = "; END zonebridge a sha256:0123456789ab\n"
    let (beginB, endB) = (begin.replacing(" a:", with: " b:"), end.replacing(" a ", with: " b "))
    let cases: [(String, ManagedBlockError)] = [
      ("@ NS x\n" + begin + "@ NS y\n", .beginWithoutEnd(name: "a", line: 2)),
      (
        "@ TXT (\n" + begin + "x )\n" + end,
        .splitsStatement(name: "a", beginLine: 2, endLine: 4)
      ),
      (
        begin + "@ TXT (\n" + end + "x )\n",
        .splitsStatement(name: "a", beginLine: 1, endLine: 3)
      ),
      ("@ NS x\n\n" + end, .endWithoutBegin(name: "a", line: 3)),
      (begin + endB, .endWithoutBegin(name: "b", line: 2)),
      (begin + begin + end, .beginWithoutEnd(name: "a", line: 1)),
      (begin + end + end, .endWithoutBegin(name: "a", line: 3)),
      (begin + end + "@ NS x\n" + begin + end, .duplicate(name: "a", firstLine: 1, secondLine: 4)),
      (begin + beginB + endB + end, .nested(name: "b", line: 2, within: "a", beginLine: 1)),
      (begin + beginB + end + endB, .crossed(name: "a", line: 3, with: "b", beginLine: 2)),
      (
        begin + "; END zonebridge a\n",
        .unreadable(text: "END zonebridge a", line: 2)
      ),
      (
        "; BEGIN zonebridge a\n" + end,
        .unreadable(text: "BEGIN zonebridge a", line: 1)
      ),
      (
        "@ (\n" + begin + "TXT x )\n" + end,
        .splitsStatement(name: "a", beginLine: 2, endLine: 4)
      ),
    ]
    for (file, error) in cases + cases.map({ ($0.0.withCarriageReturns, $0.1) }) {
      let outline = try ZoneFileOutline(parsing: bytes(file), origin: .root)
      #expect(throws: error) { try outline.blocks() }
      #expect(throws: error) { try outline.insertion(of: [], named: "new", digest: digest) }
      #expect(error.description.contains("line \(error.line ?? 0)"))
    }
  }
}
