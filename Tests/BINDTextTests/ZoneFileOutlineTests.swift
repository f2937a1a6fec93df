import BINDText
import DNSNames
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ZoneFileOutlineTests {
  private let origin: DomainName

  init() throws { origin = try DomainName("contoso.com.") }

  private func outline(_ text: String) throws -> ZoneFileOutline {
    try ZoneFileOutline(parsing: bytes(text), origin: origin)
  }

  @Test(arguments: [
    "@ SOA ns h 42 1 2 3 4\n", "@ SOA ( ns h\n42\n1 2 3 4 )\n", "@ SOA ns h (42;s\n 1 2 3 4)",
    "( @ SOA ns (h ) ; 7\n (42) 1 2 3 4 )\n",
    "@ TYPE6 ns h 42 1 2 3 4\n", "@ SOA ns h\\;1 42 1 2 3 4",
    "@ SOA ns h ( ; 41\n; 43\n\n\t42\t; serial\n1 2 3 4 )\r\n",
    "\"@\" CLASS1 SOA ns h 42 1 2 3 4\n", "$ORIGIN com.\ncontoso SOA ns h 42 1 2 3 4\n",
    "; @ SOA ns h 1 1 1 1 1\n@ TXT \"@ SOA a b 1\"\n SOA ns h 42 1 2 3 4\n",
  ])
  func findsTheSerialInEveryForm(zone: String) throws {
    let outline = try outline(zone)
    let soa = try #require(outline.soa)
    #expect(soa.serial == SerialNumber(42))
    #expect(soa.owner == origin)
    let edited = try outline.bytes.applying([soa.serialEdit(to: SerialNumber(4_294_967_295))])
    #expect(text(edited) == zone.replacing("42", with: "4294967295"))
  }

  @Test(arguments: [("0", 0), ("0010", 10), ("4294967295", 4_294_967_295)] as [(String, UInt32)])
  func readsAnySerial(digits: String, serial: UInt32) throws {
    let outline = try outline("@ SOA ns h \(digits) 1 2 3 4\n")
    #expect(outline.soa?.serial.rawValue == serial)
    #expect(outline.soa.map { text(outline.bytes[$0.serialRange]) } == digits)
  }

  @Test func hasNoSOAInAFragment() throws {
    let outline = try outline("a A 192.0.2.1\n")
    #expect(outline.soa == nil)
    #expect(outline.serialEdit(to: SerialNumber(1)) == nil)
  }

  @Test func tellsNamesThatADNAMEWouldHide() throws {
    let outline = try outline(
      ZoneSamples.head + """
        www A 192.0.2.1
        WWW AAAA ::1
        foo DNAME mesos.example.
        a.foo A 192.0.2.1
         TXT x
        b.c.FOO A 192.0.2.1
        a.foo TXT again
        xfoo A 192.0.2.1
        a\\.foo A 192.0.2.1
        $GENERATE 1-100 n$.foo A 192.0.2.1
        $ORIGIN foo
        d A 192.0.2.1
        other.example. A 192.0.2.1
        """)
    let foo = try DomainName("foo.contoso.com.")
    let below = outline.owners(below: foo, first: 2)
    #expect(below.count == 103)
    #expect(below.first.map(\.description) == ["a.foo.contoso.com.", "b.c.FOO.contoso.com."])
    let all = outline.owners(below: origin)
    #expect(all.count == 107)
    #expect(all.first.first?.description == "www.contoso.com.")
    #expect(try outline.owners(below: DomainName("www.contoso.com")).count == 0)
  }

  @Test func namesThatAreOursOrThereForDNSSECAloneAreNotCounted() throws {
    let outline = try outline(
      ZoneSamples.head + """
        a RRSIG A 13 3 60 20300101000000 20200101000000 1 contoso.com. AAAA
          NSEC b A
          A 192.0.2.1
        b 60 nsec a A
        $ORIGIN other
         RRSIG NSEC 13 3 60 20300101000000 20200101000000 1 contoso.com. AAAA
         TXT mine
        $ORIGIN contoso.com.
        0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 12 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr A
         RRSIG NSEC3 13 3 60 20300101000000 20200101000000 1 contoso.com. AAAA
        ; BEGIN zonebridge x.contoso.com: managed, edits here are overwritten
        x.contoso.com. 60 IN DNAME mesos.example.
        ; END zonebridge x.contoso.com sha256:000000000000
        x TXT y
        ; BEGIN zonebridge ours.contoso.com: managed, edits here are overwritten
        ours.contoso.com. 60 IN DNAME mesos.example.
        ; END zonebridge ours.contoso.com sha256:000000000000

        """)
    let names = outline.owners(below: origin)
    #expect(names.first.map(\.withoutTrailingDot) == ["a", "b", "x"].map { "\($0).contoso.com" })
    #expect(names.count == 3)
  }

  @Test func countsManyNamesOnce() throws {
    var zone = ""
    for round in 0..<2 {
      for number in 0..<5000 { zone += "h\(number) TXT \(round)\n" }
    }
    let names = try outline(zone).owners(below: origin, first: 3)
    #expect(names.count == 5000)
    #expect(names.first.map(\.withoutTrailingDot) == (0..<3).map { "h\($0).contoso.com" })
  }

  @Test func tellsTheRecordsOfAnOwner() throws {
    let outline = try outline(
      ZoneSamples.head + "foo CNAME x\nbar A 192.0.2.1\nFOO.contoso.com. 60 TYPE39 \\# 0\n")
    let records = try outline.records(of: DomainName("foo.contoso.com"))
    #expect(records.map(\.type) == ["CNAME", "DNAME"])
    #expect(records.map(\.ttl) == [nil, 60])
  }

  @Test func tellsWhoInheritsFromABlock() throws {
    let block = text(
      try ManagedBlock.render(
        name: "a", body: ["x.contoso.com. 60 IN DNAME y."], comment: .semicolon, digest: digest))
    for (rest, isInherited) in [
      ("", false), ("b TXT x\n TXT y\n", false), (" TXT x\n", true), ("; x\n\n\tTXT x\n", true),
      ("$ORIGIN y\n TXT x\n", true),
    ] {
      let outline = try outline(ZoneSamples.head + block + rest)
      let found = try #require(try outline.blocks().first)
      let heir = outline.recordInheriting(behind: found.range.upperBound)
      #expect((heir != nil) == isInherited, "\(rest)")
      if let heir { #expect(heir.range.lowerBound > found.range.upperBound) }
    }
  }

  /// Everything that the outline is asked, found out from the entries one by one.
  private func expectAnswers(
    of outline: ZoneFileOutline, about names: Set<DomainName>, _ file: String
  ) throws {
    var records: [ZoneFileRecord] = []
    var owners: [DomainName] = []
    var reader = try ZoneFileReader(outline.bytes, origin: origin)
    while let entry = try reader.next() {
      switch entry {
      case .record(let record):
        records.append(record)
        owners.append(record.owner)
      case .generate:
        owners += try (1...2).map { try DomainName("g\($0).a.b.contoso.com") }
      default: break
      }
    }
    for name in names {
      let written = outline.records(of: name).filter { !$0.isGenerated }
      #expect(written == records.filter { $0.owner == name }, "\(name) \(file)")
      var below: [DomainName] = []
      for owner in owners where owner.isBelow(name) && !below.contains(owner) {
        below.append(owner)
      }
      for limit in [0, 1, 10, 1000] {
        let found = outline.owners(below: name, first: limit)
        #expect(found.count == below.count, "\(name) \(file)")
        #expect(found.first == Array(below.prefix(limit)), "\(name) \(file)")
      }
    }
  }

  @Test("names are found, watched or not, however they are written", arguments: 1...40)
  func watchedNames(seed: Int) throws {
    var generator = FileGenerator(seed: UInt64(seed))
    var zone = generator.zone().text
    if seed == 1 {
      zone =
        ZoneSamples.head + """
          a.B A 192.0.2.1
          x.A.b A 192.0.2.1
          xa.b A 192.0.2.1
          a.b.contoso.com. A 192.0.2.1
          y.a.B.CONTOSO.com. A 192.0.2.1
          z\\.a.b A 192.0.2.1
          \\097.b A 192.0.2.1
          v.\\A.b A 192.0.2.1
          "q.a.b" A 192.0.2.1
          $GENERATE 1-2 g$.a.b A 192.0.2.1
          $ORIGIN b
          a A 192.0.2.1
          w.a A 192.0.2.1
          @ A 192.0.2.1
          $ORIGIN a
          @ TXT x
          u TXT x
          \\@ TXT x
          $ORIGIN .
          a.b.contoso.com TXT x
          t.a.b.contoso.com TXT x
          contoso.com TXT x
          """
    }
    let plain = try outline(zone)
    var names: Set<DomainName> = [
      .root, origin, try DomainName("nobody.contoso.com"), try DomainName("a.b.contoso.com"),
    ]
    for name in plain.owners(below: origin, first: 10).first {
      names.insert(name)
      if let parent = name.parent { names.insert(parent) }
    }
    let watching = try ZoneFileOutline(
      parsing: bytes(zone), origin: origin, watching: WatchedNames(owners: names, parents: names))
    #expect(watching.soa == plain.soa)
    try expectAnswers(of: plain, about: names, zone)
    try expectAnswers(of: watching, about: names, zone)
  }

  @Test func watchesTheOwnerThatAnIncludedFileInherits() throws {
    let owner = try DomainName("a.contoso.com")
    for (file, count, below) in [(" TXT x\nb TXT x\n", 1, 2), ("b TXT x\n", 0, 1)] {
      for names in [WatchedNames(owners: [owner], parents: [origin]), WatchedNames()] {
        let outline = try ZoneFileOutline(
          parsing: bytes(file), origin: origin, owner: owner, watching: names)
        #expect(outline.records(of: owner).count == count)
        #expect(outline.owners(below: origin).count == below)
      }
    }
  }

  @Test func tellsWhoInheritsFromEachOfManyBlocks() throws {
    // Before each block another origin counts, and each is looked at from its own end on.
    var zone = ZoneSamples.head
    let rests = ["", "b TXT x\n", " TXT x\n", "$INCLUDE a.db\n TXT x\n", "( b ) TXT x\n"]
    for (index, rest) in rests.enumerated() {
      zone += "$ORIGIN o\(index)\n"
      zone += text(
        try ManagedBlock.render(
          name: "b\(index)", body: ["x.contoso.com. 60 IN DNAME y."], comment: .semicolon,
          digest: digest))
      zone += rest + "last TXT x\n"
    }
    let outline = try outline(zone)
    let ends = try outline.blocks().map(\.range.upperBound)
    #expect(
      ends.map { outline.recordInheriting(behind: $0)?.owner.description }
        == [nil, nil, "x.contoso.com.", "x.contoso.com.", nil])
    #expect(
      ends.map { outline.includesInheriting(behind: $0).map(\.origin.description) }
        == [[], [], [], ["o3.o2.o1.o0.contoso.com."], []])
    // A place within what a block is followed by is looked for from there on as well.
    let heir = try #require(outline.recordInheriting(behind: ends[2]))
    #expect(outline.recordInheriting(behind: heir.range.lowerBound) == heir)
    #expect(outline.recordInheriting(behind: heir.range.upperBound) == nil)
  }

  @Test func tellsIncludes() throws {
    let outline = try outline("a TXT x\n$INCLUDE a.db\n$INCLUDE /b.db sub ; x\n")
    #expect(outline.includes.map(\.path) == ["a.db", "/b.db"])
    #expect(
      outline.includes.map(\.origin.description) == ["contoso.com.", "sub.contoso.com."])
    #expect(
      outline.includes.map { $0.owner?.description } == Array(repeating: "a.contoso.com.", count: 2)
    )
  }
}
