import BINDText
import DNSNames
import TestSupport
import Testing

/// What was put into a file comes out of it, and leaves every other byte as it was.
@Suite(.timeLimit(.minutes(3))) struct RoundTripTests {
  private let checkers: Checkers

  init() throws { checkers = try Checkers() }

  private static let tails = [
    "", "\n", "\n\n", " ", "\t\n", "\r", "\r\n", " // x", "\n#", "\r\r\n",
  ]
  private static let heads = [
    "", "acl a { any; };", "// only a comment", "acl a {\r\n any; };",
    "acl a { any; };\nacl b { a; };",
  ]

  @Test(arguments: heads, tails)
  func anyEndOfFileComesBack(head: String, tail: String) throws {
    let file = bytes(head + tail)
    var edited = file
    for name in ["a", "zone b", "c"] {
      let outline = try NamedConfOutline(parsing: edited)
      edited = try edited.applying([
        outline.insertion(of: ["acl \(name.last ?? "x") { any; };"], named: name, digest: digest)
      ])
    }
    let outline = try NamedConfOutline(parsing: edited)
    #expect(try outline.blocks().map(\.name) == ["a", "zone b", "c"])
    for block in try outline.blocks() {
      #expect(!block.isEdited(in: edited, digest: digest))
    }
    let newline = UInt8(ascii: "\n")
    #expect((edited.last == newline) == (file.isEmpty || file.last == newline))
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
      var current = edited
      for index in order {
        let outline = try NamedConfOutline(parsing: current)
        let name = ["a", "zone b", "c"][index]
        let block = try #require(try outline.blocks().first { $0.name == name })
        current = try current.applying(outline.removal(of: [block]))
      }
      #expect(current == file)
    }
    #expect(try edited.applying(outline.removal(of: outline.blocks())) == file)
  }

  @Test(arguments: ["acl a { any; };\n", "acl a { any; };"])
  func blocksAddedReplacedAndRemovedInOneGo(head: String) throws {
    let file = bytes(head)
    let first = try NamedConfOutline(parsing: file)
    let both = try file.applying([
      first.insertion(of: ["acl b { any; };"], named: "b", digest: digest),
      first.insertion(of: ["acl c { any; };"], named: "c", digest: digest),
    ])
    let second = try NamedConfOutline(parsing: both)
    let blocks = try second.blocks()
    try #require(blocks.map(\.name) == ["b", "c"])
    let edits =
      try second.removal(of: [blocks[1]]) + [
        second.replacement(of: blocks[0], with: ["acl B { none; };"], digest: digest),
        second.insertion(of: ["acl d { any; };"], named: "d", digest: digest),
      ]
    let changed = try both.applying(edits)
    let third = try NamedConfOutline(parsing: changed)
    #expect(try third.blocks().map(\.name) == ["b", "d"])
    #expect(text(changed[try third.blocks()[0].body]) == "acl B { none; };\n")
    #expect(try changed.applying(third.removal(of: third.blocks())) == file)
  }

  private static let views = [
    "view a {};", "view a { };", "view a {\n};", "view a {\n\n  };", "  view a {\n  };",
    "view a { match-clients { any; }; };", "view a {\n  match-clients { any; }; };",
    "view a {\n\tmatch-clients { any; };\n};", "view a {\r\n    recursion no;\r\n};\r\n",
    "view a { recursion no; // x\n };", "view a { recursion no; /* x */ };",
    "view a {\n  /* x\n */ };", "view a\n{ recursion no;\r};", "view a { recursion no;\r\n\t};",
  ]

  @Test(arguments: views)
  func anyViewComesBack(view: String) throws {
    let file = bytes("// first\n" + view + "view b { recursion no; };")
    var edited = file
    for name in ["a", "b"] {
      for index in [0, 1] {
        let outline = try NamedConfOutline(parsing: edited)
        edited = try edited.applying([
          outline.insertion(
            of: ["zone \(name) {", "\ttype hint;", "};"], named: name,
            in: outline.views[index].list, digest: digest)
        ])
      }
    }
    let outline = try NamedConfOutline(parsing: edited)
    #expect(outline.zones.map(outline.nameText) == ["a", "b", "a", "b"])
    #expect(outline.zones.map(\.view) == [0, 0, 1, 1])
    let blocks = try outline.blocks()
    #expect(blocks.allSatisfy { !$0.isEdited(in: edited, digest: digest) })
    // To write a block again that is as it should be changes nothing.
    for block in blocks {
      let again = try outline.replacement(
        of: block, with: ["zone \(block.name) {", "\ttype hint;", "};"], digest: digest)
      #expect(try edited.applying([again]) == edited)
    }
    let replaced = try edited.applying([
      outline.replacement(of: blocks[2], with: ["zone c { };"], digest: digest)
    ])
    for final in [edited, replaced] {
      let outline = try NamedConfOutline(parsing: final)
      let removed = try final.applying(outline.removal(of: outline.blocks()))
      #expect(removed == file, "\(text(final))")
    }
  }

  @Test(arguments: [
    ("view a {\n\tx;\n};\n", "\t", "\t\t"), ("view a {\n    x;\n};\n", "    ", "        "),
    ("view a {\n};\n", "\t", "\t\t"), ("  view a {\n  };\n", "  \t", "  \t\t"),
    ("view a {\nx;\n};\n", "", "\t"), ("  view a { x; };\n", "  \t", "  \t\t"),
  ])
  func indentationFollowsTheSurroundings(view: String, one: String, two: String) throws {
    let file = bytes(view)
    let outline = try NamedConfOutline(parsing: file)
    let edit = try outline.insertion(
      of: ["zone b {", "\ttype hint;", "};"], named: "a", in: outline.views[0].list,
      digest: digest)
    let lines = text(edit.replacement).split(separator: "\n").map(String.init)
    #expect(lines[1...3] == ["\(one)zone b {", "\(two)type hint;", "\(one)};"])
    #expect(lines[0].hasSuffix("// BEGIN zonebridge a: managed, edits here are overwritten"))
    #expect(lines[4].hasPrefix("\(one)// END zonebridge a "))
  }

  @Test func indentationFollowsTheLastStatementOfTheFile() throws {
    for (file, indentation) in [("acl a { };\n    acl b { };\n", "    "), ("  acl a { };", "  ")] {
      let outline = try NamedConfOutline(parsing: bytes(file), context: .view)
      let edit = try outline.insertion(of: ["zone b { };"], named: "a", digest: digest)
      #expect(text(edit.replacement).contains("\n\(indentation)zone b { };\n"))
    }
  }

  @Test func aReplacedBlockKeepsItsLineEndingAndIndentation() throws {
    let file = bytes(
      """
      view "x" {\r
        // BEGIN zonebridge a: managed, edits here are overwritten\r
        old;\r
        // END zonebridge a sha256:0123456789ab\r
      };\r

      """)
    let outline = try NamedConfOutline(parsing: file)
    let block = try #require(try outline.blocks().first)
    let edit = try outline.replacement(of: block, with: ["zone b {", "};"], digest: digest)
    #expect(
      text(try file.applying([edit])) == """
        view "x" {\r
          // BEGIN zonebridge a: managed, edits here are overwritten\r
          zone b {\r
          };\r
          // END zonebridge a sha256:\(digest(bytes("  zone b {\r\n  };\r\n")))\r
        };\r

        """)
  }

  @Test func aBlockBeforeALoneReturnAtTheEndStaysReadable() throws {
    let block = try ManagedBlock.render(name: "a", body: [], comment: .slashes, digest: digest)
    let file = block.dropLast() + [UInt8(ascii: "\r")]
    let outline = try NamedConfOutline(parsing: Array(file))
    let edited = try file.map(\.self).applying([
      outline.insertion(of: ["acl b { };"], named: "b", digest: digest)
    ])
    let again = try NamedConfOutline(parsing: edited)
    let blocks = try again.blocks()
    #expect(blocks.map(\.name) == ["a", "b"])
    #expect(try edited.applying(again.removal(of: [blocks[1]])) == Array(file))
  }

  @Test func aSecondBlockOfANameIsRefused() throws {
    let file = try ManagedBlock.render(name: "a", body: [], comment: .slashes, digest: digest)
    let outline = try NamedConfOutline(parsing: file)
    #expect(throws: ManagedBlockError.duplicate(name: "a", firstLine: 1, secondLine: 3)) {
      try outline.insertion(of: [], named: "a", digest: digest)
    }
  }

  @Test(arguments: 1...60)
  func generatedConfigurationsStayAcceptedAndComeBack(seed: Int) throws {
    var generator = FileGenerator(seed: UInt64(seed))
    let (written, zones) = generator.configuration()
    let file = bytes(written)
    let outline = try NamedConfOutline(parsing: file)
    #expect(try outline.zones.map(outline.name) == zones.map { try DomainName($0.name) })
    #expect(outline.zones.map(\.view) == zones.map(\.view))

    // In a configuration with views named wants every zone in one: an acl goes anywhere.
    let names = ["one", "zone two", "three.example"]
    var edited = file
    for (index, name) in names.enumerated() {
      let outline = try NamedConfOutline(parsing: edited)
      edited = try edited.applying([
        outline.insertion(of: ["acl zb\(index) {", "\tany;", "};"], named: name, digest: digest)
      ])
    }
    let before = try checkers.checkConfiguration(file, options: "-p")
    try #require(before.isAccepted, "\(before.output)\n\(written)")
    let after = try checkers.checkConfiguration(edited, options: "-p")
    #expect(after.isAccepted, "\(after.output)")
    let isManaged = { (line: Substring) in line.hasPrefix("acl \"zb") }
    #expect(after.lines.filter(isManaged).count == 3)
    // Each acl is three lines of the canonical form.
    #expect(after.lines.count == before.lines.count + 9)

    for name in names.shuffled(using: &generator.random) {
      let outline = try NamedConfOutline(parsing: edited)
      let block = try #require(try outline.blocks().first { $0.name == name })
      edited = try edited.applying(outline.removal(of: [block]))
    }
    #expect(edited == file)
  }

  @Test(arguments: 1...60)
  func generatedZonesAreReadAsNamedReadsThemAndComeBack(seed: Int) throws {
    var generator = FileGenerator(seed: UInt64(seed))
    let (written, owners) = generator.zone()
    let file = bytes(written)
    let origin = try DomainName("contoso.com.")
    let outline = try ZoneFileOutline(parsing: file, origin: origin)
    var reader = try ZoneFileReader(file, origin: origin)
    var read: [String] = []
    while let entry = try reader.next() {
      if case .record(let record) = entry { read.append(record.owner.description) }
    }
    #expect(read == owners)

    let before = try checkers.compileZone(file, named: "contoso.com")
    try #require(before.isAccepted, "\(before.output)\n\(written)")
    let soa = try #require(outline.soa)
    #expect(before.output.contains(" \(soa.serial) "))

    let next = soa.serial.incremented()
    var edited = try file.applying([
      #require(outline.serialEdit(to: next)),
      outline.insertion(
        of: ["dname.contoso.com. 60 IN DNAME mesos.example."], named: "contoso.com",
        digest: digest),
    ])
    let after = try checkers.compileZone(edited, named: "contoso.com")
    try #require(after.isAccepted, "\(after.output)")
    let records = { (verdict: Checkers.Verdict) in
      Set(verdict.lines.filter { $0.contains(" IN ") && !$0.contains("SOA") })
    }
    #expect(records(after).subtracting(records(before)).count == 1)
    #expect(records(before).isSubset(of: records(after)))
    #expect(after.output.contains(" \(next) "))

    let edit = try ZoneFileOutline(parsing: edited, origin: origin)
    let restored = try edit.removal(of: edit.blocks()) + [#require(edit.serialEdit(to: soa.serial))]
    edited = try edited.applying(restored)
    // The serial may have been written with leading zeros; the generator does not.
    #expect(edited == file)
  }

  /// Damaged files are refused or read; they are never an end of the program, and what can be
  /// read comes back.
  @Test(arguments: 1...200)
  func damagedFilesDoNoHarm(seed: Int) throws {
    var generator = FileGenerator(seed: UInt64(seed))
    let conf = generator.configuration().text
    let zone = generator.zone().text
    let sprinkles =
      Array(
        "{};\"\\/*#()\n\r \t$@.".utf8) + [0, 0xff] + bytes("// BEGIN zonebridge a: x\n")
    for source in [conf, zone] {
      var file = bytes(source)
      for _ in 0..<Int.random(in: 1...4, using: &generator.random) {
        let place = Int.random(in: 0...file.count, using: &generator.random)
        if generator.random.oneIn(2), place < file.count {
          file.removeSubrange(place..<min(file.count, place + 3))
        } else {
          file.insert(sprinkles.randomElement(using: &generator.random) ?? 0, at: place)
        }
      }
      if let outline = try? NamedConfOutline(parsing: file), let blocks = try? outline.blocks() {
        let edited = try file.applying([outline.insertion(of: [], named: "x", digest: digest)])
        let again = try NamedConfOutline(parsing: edited)
        #expect(try again.blocks().count == blocks.count + 1)
        let mine = try again.blocks().filter { $0.name == "x" }
        #expect(try edited.applying(again.removal(of: mine)) == file)
      }
      if let outline = try? ZoneFileOutline(parsing: file, origin: .root),
        let blocks = try? outline.blocks()
      {
        let edited = try file.applying([outline.insertion(of: [], named: "x", digest: digest)])
        let again = try ZoneFileOutline(parsing: edited, origin: .root)
        #expect(try again.blocks().count == blocks.count + 1)
        let mine = try again.blocks().filter { $0.name == "x" }
        #expect(try edited.applying(again.removal(of: mine)) == file)
      }
    }
  }
}
