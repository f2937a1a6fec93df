import BINDText
import DNSNames
import TestSupport
import Testing

/// What is taken out of files that people wrote: their own records and statements.
@Suite("Records and statements that are taken over", .timeLimit(.minutes(1)))
struct RecordEditTests {
  /// A zone file, and what is left when the records of `a` are taken out; nil where one has to stay.
  struct Row: Sendable, CustomTestStringConvertible {
    let zone: String
    let left: String?

    init(_ zone: String, _ left: String?) {
      self.zone = zone
      self.left = left
    }

    var testDescription: String { zone.debugDescription }
  }

  @Test(
    "a record that begins its line → gone with it, and every other byte stays; any other → left alone",
    arguments: [
      Row("a TXT x\n", ""), Row("a TXT x", ""), Row("a TXT x\r\n", ""),
      Row("b TXT y\na TXT x\nc TXT z\n", "b TXT y\nc TXT z\n"),
      Row("b TXT y\r\na TXT x\r\nc TXT z", "b TXT y\r\nc TXT z"),
      Row("b TXT y\na TXT x", "b TXT y\n"), Row("a TXT x \t\nb TXT y\n", "b TXT y\n"),
      Row("a TXT x\n\t60 IN TXT y\nb TXT z\n", "b TXT z\n"),
      // Over several lines, with what looks like an end of it in between.
      Row("a TXT ( x ; )\n\n y )\nb TXT z\n", "b TXT z\n"),
      Row("a ( TXT\n x )\nb TXT z\n", "b TXT z\n"),
      Row("a TXT \"x;\\\n)\"\nb TXT z\n", "b TXT z\n"),
      Row("a TXT x (\n)\nb TXT z\n", "b TXT z\n"), Row("a TXT x\\;y\\ \nb TXT z\n", "b TXT z\n"),
      // A comment is somebody's, and stays.
      Row("a TXT x ; why\nb TXT y\n", "; why\nb TXT y\n"), Row("a TXT x;why", ";why"),
      // One that would be a marker on a line of its own, and one that only resembles it.
      Row("a TXT x ; BEGIN zonebridge b: managed\n", nil),
      Row("a TXT x ; END zonebridge b sha256:0123456789ab\n", nil),
      Row("a TXT x ;; BEGIN zonebridge b: managed\n", nil),
      Row("a TXT x ; BEGIN zonebridges\n", "; BEGIN zonebridges\n"),
      // A parenthesis that opens before it, on its line or on one before, would lose its record.
      Row("( a TXT x )\n", nil), Row("(\na TXT x )\n", nil), Row("(\n\na TXT x\n)\nb TXT y\n", nil),
      Row("( ) a TXT x\n", nil),
      // To named a lone CR ends a line: what follows would begin one, or end another's.
      Row("a TXT x\rb TXT y\n", nil), Row("b TXT y\ra TXT x\n", nil),
    ])
  func removal(_ row: Row) throws {
    let outline = try ZoneFileOutline(parsing: bytes(row.zone), origin: .root)
    let records = try outline.records(of: DomainName("a."))
    try #require(!records.isEmpty)
    let edits = records.map { outline.removal(of: $0) }
    guard let left = row.left else {
      #expect(edits.contains(nil))
      return
    }
    #expect(text(try outline.bytes.applying(edits.map { try #require($0) })) == left)
  }

  private func adopted(_ file: String, body: [String]?) throws -> String {
    let outline = try NamedConfOutline(parsing: bytes(file))
    let zone = try #require(outline.zones.first)
    let edit = try outline.takingOver(zone, with: body, named: "p", digest: { _ in "0123456789ab" })
    return text(try outline.bytes.applying([edit]))
  }

  @Test(
    "a zone statement taken away → nothing but it goes, its comments stay before where it stood",
    arguments: [
      ("zone a { };\n", ""), ("zone a { };", ""), ("zone a { };\r\n", ""),
      ("acl x { any; };\nzone a { };\nacl y { any; };\n", "acl x { any; };\nacl y { any; };\n"),
      ("  zone a {\n\t};  \nacl y { any; };\n", "acl y { any; };\n"),
      ("acl x { any; }; zone a { };\n", "acl x { any; }; "),
      ("zone a { }; acl y { any; };\n", " acl y { any; };\n"),
      (
        "zone a { // one\n # two\n /* three\n */ };\nacl y { any; };\n",
        "// one\n# two\n/* three\n */\nacl y { any; };\n"
      ),
      ("  zone a { // one\r\n};\r\n", "  // one\r\n"),
      ("zone a { type hint/*glued*/; };\n", "/*glued*/\n"),
      // In a string they are none.
      ("zone a { file \"// x # y /* z */\"; };\n", ""),
      // On a line of its own it would be a marker.
      (
        "zone a { type // BEGIN zonebridge b: managed\n hint; };\n",
        "// // BEGIN zonebridge b: managed\n"
      ),
      ("zone a { }; // END of it\n", " // END of it\n"),
    ])
  func takenAway(file: String, left: String) throws {
    #expect(try adopted(file, body: nil) == left)
  }

  @Test("a zone statement made a block → its place and indentation kept, CRLF too") func block()
    throws
  {
    let begin = "// BEGIN zonebridge p: managed, edits here are overwritten"
    let end = "// END zonebridge p sha256:0123456789ab"
    #expect(
      try adopted("view v {\n  zone a { // mine\n };\n};\n", body: ["x;"])
        == "view v {\n  // mine\n  \(begin)\n  x;\n  \(end)\n};\n")
    #expect(try adopted("zone a { };\r\n", body: ["x;"]) == "\(begin)\r\nx;\r\n\(end)\r\n")
    #expect(
      try adopted("acl x { any; }; zone a { }; acl y { any; };\n", body: ["x;"])
        == "acl x { any; }; \n\(begin)\nx;\n\(end)\n acl y { any; };\n")
  }

  @Test("behind the statement stands what would become a marker → refused, with its line")
  func wouldBeMarker() throws {
    #expect(
      throws: ManagedBlockError.unreadable(text: "// BEGIN zonebridge b: managed", line: 2)
    ) {
      try adopted(
        "\nzone a { }; // BEGIN zonebridge b: managed\n// END zonebridge b sha256:0123456789ab\n",
        body: nil)
    }
  }
}

/// What somebody changed by hand in a block shows by its digest, and nothing else does.
@Suite("Blocks that were edited by hand", .timeLimit(.minutes(1)))
struct EditedBlockTests {
  private let block = """
    ; BEGIN zonebridge a: managed, edits here are overwritten
    x 60 IN DNAME y.
    ; END zonebridge a sha256:DIGEST

    """

  private func isEdited(_ text: String) throws -> Bool {
    let right = digest(bytes("x 60 IN DNAME y.\n"))
    let file = bytes(text.replacing("DIGEST", with: right))
    let found = try #require(try ZoneFileOutline(parsing: file, origin: .root).blocks().first)
    return found.isEdited(in: file, digest: digest)
  }

  @Test("as it was written, wherever it stands → not edited") func sound() throws {
    #expect(try !isEdited(block))
    #expect(try !isEdited("@ TXT z\n\n" + block + "@ TXT z\n"))
    #expect(try !isEdited(String(block.dropLast())), "the END line may be the last of the file")
    #expect(try !isEdited(block.replacing("managed, edits here", with: "in other words")))
    #expect(try !isEdited(block.replacing("; END", with: "  ;  END")))
  }

  @Test(
    "any byte of the body changed → edited",
    arguments: [
      ("60", "61"), ("60", "600"), ("x 60", "X 60"), ("x 60", "x  60"), ("y.\n", "y. \n"),
      ("y.\n", "y. ; mine\n"), ("y.\n", "y.\r\n"), ("x 60", "\nx 60"), ("y.\n", "y.\nz TXT z\n"),
      ("x 60 IN DNAME y.\n", ""), ("x 60 IN DNAME y.", "; x 60 IN DNAME y."),
    ])
  func edited(old: String, new: String) throws {
    let changed = block.replacing(old, with: new, maxReplacements: 1)
    try #require(changed != block)
    #expect(try isEdited(changed))
  }

  @Test("another digest in the END line → edited") func otherDigest() throws {
    let file = bytes(block.replacing("DIGEST", with: "0123456789ab"))
    let found = try #require(try ZoneFileOutline(parsing: file, origin: .root).blocks().first)
    #expect(found.recordedDigest == "0123456789ab")
    #expect(found.isEdited(in: file, digest: digest))
  }
}

/// Ends of zone files that a block goes behind, and comes out of again.
@Suite("The ends of zone files", .timeLimit(.minutes(3)))
struct ZoneEndTests {
  static let heads = [
    "", "a TXT x", "; only a comment", "a TXT ( x\n y )", "a TXT \"x ; y\"", "a TXT x\n\n",
    "a TXT x\r\nb TXT y", "a TXT x\\;", "a ( TXT x\n)",
  ]
  static let tails = [
    "", "\n", " ", "\t\n", "\r\n", "\n\n", " ; x", "\n;", "\n\t; x\n", "\n \n", "\r",
  ]

  @Test(
    "a block put behind any end → read as no other record, and taken out to the byte",
    arguments: heads, tails)
  func roundTrip(head: String, tail: String) throws {
    let file = bytes(head + tail)
    let before = try ZoneFileOutline(parsing: file, origin: .root)
    var edited = file
    for name in ["p", "q"] {
      let outline = try ZoneFileOutline(parsing: edited, origin: .root)
      edited = try edited.applying([
        outline.insertion(of: ["\(name).x. 60 IN DNAME y."], named: name, digest: digest)
      ])
    }
    let after = try ZoneFileOutline(parsing: edited, origin: .root)
    let blocks = try after.blocks()
    #expect(blocks.map(\.name) == ["p", "q"])
    #expect(blocks.allSatisfy { !$0.isEdited(in: edited, digest: digest) })
    for name in ["a.", "b."] {
      let owner = try DomainName(name)
      #expect(
        after.records(of: owner).map { text(edited[$0.range]) }
          == before.records(of: owner).map { text(file[$0.range]) })
    }
    for name in ["p.x.", "q.x."] {
      #expect(try after.records(of: DomainName(name)).map(\.type) == ["DNAME"])
    }
    for block in blocks {
      #expect(after.recordInheriting(behind: block.range.upperBound) == nil)
      #expect(after.includesInheriting(behind: block.range.upperBound).isEmpty)
    }
    #expect(try edited.applying(after.removal(of: blocks)) == file)
    for first in blocks {
      let once = try edited.applying(after.removal(of: [first]))
      let rest = try ZoneFileOutline(parsing: once, origin: .root)
      #expect(try once.applying(rest.removal(of: rest.blocks())) == file)
    }
  }

  @Test("a block of that name is there already → refused, with both lines") func second() throws {
    let file = bytes("@ TXT x\n")
    let once = try file.applying([
      ZoneFileOutline(parsing: file, origin: .root).insertion(
        of: ["x. TXT y"], named: "p", digest: digest)
    ])
    let outline = try ZoneFileOutline(parsing: once, origin: .root)
    #expect(throws: ManagedBlockError.duplicate(name: "p", firstLine: 2, secondLine: 5)) {
      try outline.insertion(of: ["x. TXT y"], named: "p", digest: digest)
    }
  }
}
