import BINDText
import DNSNames
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct ZoneFileReaderTests {
  private let checkers: Checkers

  init() throws { checkers = try Checkers() }

  /// What a file holds, a record a line, as `named-compilezone` tells it.
  private func records(
    of file: [UInt8], origin: DomainName, includes: [String: [UInt8]] = [:]
  ) throws -> [String] {
    var records: [String] = []
    try collect(file, origin: origin, owner: nil, includes: includes, into: &records)
    return records.sorted()
  }

  private func collect(
    _ file: [UInt8], origin: DomainName, owner: DomainName?, includes: [String: [UInt8]],
    into records: inout [String]
  ) throws {
    var reader = try ZoneFileReader(file, origin: origin, owner: owner)
    while let entry = try reader.next() {
      switch entry {
      case .record(let record): records.append("\(record.owner) \(record.type)")
      case .include(let include):
        let included = try #require(includes[include.path.description])
        try collect(
          included, origin: include.origin, owner: include.owner, includes: includes,
          into: &records)
      default: break
      }
    }
  }

  private func compiled(_ verdict: Checkers.Verdict) -> [String] {
    verdict.lines.compactMap { line in
      let words = line.split { $0 == " " || $0 == "\t" }
      return words.count > 3 && words[2] == "IN" ? "\(words[0]) \(words[3])" : nil
    }.sorted()
  }

  /// What is read of a record between two others, or why it is refused, without positions.
  private func reading(_ line: String, _ ending: String) throws -> [String] {
    let file = bytes("x A 192.0.2.1\(ending)\(line)\(ending)\(ending) MX 5 y\(ending)")
    var reader = try ZoneFileReader(file, origin: try DomainName("contoso.com."))
    var readings: [String] = []
    do throws(SyntaxError) {
      while let entry = try reader.next() {
        guard case .record(let record) = entry else { continue }
        let ttl = record.ttl.map { "\($0)" } ?? "-"
        let recordClass = record.recordClass.map { "\($0)" } ?? "-"
        let words = record.words(in: file).map(text).filter { $0 != "(" }
        readings.append("\(record.owner) \(ttl) \(recordClass) \(record.type) \(words)")
      }
    } catch {
      readings.append(error.message)
    }
    return readings
  }

  @Test(
    "a plain line → read as the same record in parentheses is",
    arguments: [
      "", " ", "\t", "x", "a", "A.b", "a.b.", "@", "*", ".", "a..b", ".a", "a.", "\\097", "a\\.b",
      String(repeating: "a", count: 64), String(repeating: "a.", count: 40), "$a", "1", "in",
    ])
  func plain(owner: String) throws {
    let middles = [
      "", "IN", "in", "60", "IN 60", "60 IN", "1h30m\tIN", "1h30 IN", "CLASS1", "60 60", "CH 5",
      "RESERVED0", "any", "4294967296", "IN IN", "\\IN", "I\\N", "A",
    ]
    var different: [String] = []
    for middle in middles {
      for end in ["A 192.0.2.1", "txt \"a ; b\" c ", "TYPE1 \\# 0", "TXT\"x\"", "NS\ty ; z", "MX"] {
        let body = end.replacing(" ; z", with: "")
        // A comment ends at LF alone.
        for ending in ["\n", "\r\n", "\r"] where ending == "\n" || body == end {
          let plain = try reading("\(owner) \(middle) \(end)", ending)
          let joined = try reading("\(owner) ( \(middle) \(body) )", ending)
          if plain != joined { different.append("\(owner) \(middle) \(end)\(ending)") }
        }
      }
    }
    #expect(different == [])
  }

  @Test(arguments: ZoneSamples.all.map(\.name))
  func agreesWithNamedAboutOwnersTypesAndSerial(sample: String) throws {
    let zone = try #require(ZoneSamples.all.first { $0.name == sample }).text
    let origin = try DomainName("contoso.com.")
    for file in [bytes(zone), bytes(zone.withCarriageReturns)] {
      // A comment ends at LF, and so does an escaped one in a string: CR LF would change them.
      if file != bytes(zone), zone.contains("\r") || zone.contains("\\\n") { continue }
      let verdict = try checkers.compileZone(file, named: "contoso.com")
      try #require(verdict.isAccepted, "\(verdict.output)")
      #expect(try records(of: file, origin: origin) == compiled(verdict))

      let soa = try #require(try ZoneFileOutline(parsing: file, origin: origin).soa)
      let check = try checkers.checkZone(file, named: "contoso.com")
      #expect(check.output.contains("loaded serial \(soa.serial)\n"))
      #expect(soa.owner == origin)
    }
  }

  @Test func agreesWithNamedAboutIncludedFiles() throws {
    let origin = try DomainName("contoso.com.")
    let files = [
      "a.db": bytes("\tA 192.0.2.1\nx A 192.0.2.2\n$ORIGIN deeper\n$INCLUDE \"b.db\"\n TXT x\n"),
      "b.db": bytes(" TXT b\ny A 192.0.2.4"),
    ]
    let zone = bytes(
      ZoneSamples.head
        + "w TXT w\n$INCLUDE a.db ; here\n TXT still-w\n$include ( b.db\n sub ) ; x\n TXT again-w\n"
    )
    for (name, file) in files { try checkers.write(file, to: name) }
    let verdict = try checkers.compileZone(zone, named: "contoso.com")
    try #require(verdict.isAccepted, "\(verdict.output)")
    #expect(try records(of: zone, origin: origin, includes: files) == compiled(verdict))
  }

  @Test(arguments: [
    "a TXT \"foo\nbar\"\n", "a TXT ( \"foo\nbar\" )\n", "a A 192.0.2.1 )\n", "a A ( 192.0.2.1\n",
    "$ORIGIN \"foo\"\n", "$ORIGIN foo bar\n", "$FOO bar\n", "$TTL 1h x\n", "$TTL x\n", ".. A ::1\n",
    "a \"A\" 192.0.2.1\n", "a;comment\n A 192.0.2.1\n", "\\[x A 192.0.2.1\n", "\\256 A 192.0.2.1\n",
    "a", "a IN", "a 5\n", "$INCLUDE\n", "$ORIGIN\n", "a TXT \"b", "a A 192.0.2.1\n(\n",
    "$TTL 5", "$ORIGIN x", "$ORIGIN x ; y", "$GENERATE 1-2 a$ A 10.0.0.$", "$DATE 20200101000000",
    "$INCLUDE /dev/null sub", "a TXT b\\", "a\\",
  ])
  func refusesWhatNamedRefuses(line: String) throws {
    let file = bytes(ZoneSamples.head + line)
    #expect(try !checkers.checkZone(file, named: "contoso.com").isAccepted)
    #expect(throws: SyntaxError.self) {
      try ZoneFileOutline(parsing: file, origin: DomainName("contoso.com"))
    }
  }

  @Test(arguments: [
    (" A 192.0.2.1\n", "1:2", "without an owner"),
    ("a A 192.0.2.1\nb A ( 192.0.2.1\n\n", "2:1", "'(' without ')'"),
    ("a A 192.0.2.1 )", "1:15", "no '('"),
    ("a TXT x\nb TXT \"x\n", "2:7", "does not end on its line"),
    ("a TXT x\0\n", "1:8", "zero byte"), ("a..b A 192.0.2.1", "1:1", "empty label"),
    ("$BOGUS x\n", "1:1", "no such directive"), ("@ SOA a b c 1 1 1 1", "1:11", "not a serial"),
    ("@ SOA a b 4294967296 1 1 1 1", "1:11", "not a serial"),
    ("@ SOA a b\n", "1:1", "without a serial"),
    ("@ SOA \\# 22 00 00 00000001", "1:7", "RFC 3597"),
    ("\0\0\0\u{2}\0\0\0\u{1}", "1:1", "'raw'"), ("\0\0\0\u{3}\0\0\0\u{1}", "1:1", "'map'"),
  ])
  func tellsWhereAFileIsBroken(file: String, place: String, words: String) {
    do throws(SyntaxError) {
      _ = try ZoneFileOutline(parsing: bytes(file), origin: .root)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.location.description == place)
      #expect(error.message.contains(words), "\(error.message)")
    }
  }

  @Test(
    "a secret where something else is wanted → the place and the fault, and nothing of the text there",
    arguments: [
      "$hunter2 x\n", "$ORIGIN hunter2..\n", "$TTL hunter2\n", "$ORIGIN a hunter2\n",
      "hunter2.. A ::1\n",
      "hunter2\\256 A ::1\n", "@ SOA a b hunter2 1 1 1 1\n",
      "$INCLUDE \"x\" hunter2..\n", "\(String(repeating: "hunter2", count: 10)) A ::1\n",
      "$INCLUDE x \"hunter2\"\n", "a TXT \"hunter2\n", "\"hunter2\n", "hunter2\n", "a ( hunter2\n",
      "; BEGIN zonebridge hunter2\n",
    ])
  func quotesNothing(line: String) throws {
    do {
      _ = try ZoneFileOutline(
        parsing: bytes("@ SOA a b 1 1 1 1 1\n" + line), origin: DomainName("contoso.com")
      ).blocks()
      Issue.record("nothing was thrown")
    } catch {
      #expect(!"\(error)".contains("hunter2"), "\(error)")
    }
  }

  @Test func tellsThePartsOfARecord() throws {
    let file = bytes("www 1h IN  tXt ( \"a b\" ; x\n c\\ d )  ; y\n\tTYPE39 \\# 0\n")
    var reader = try ZoneFileReader(file, origin: try DomainName("contoso.com"))
    guard case .record(let first) = try reader.next(), case .record(let second) = try reader.next()
    else {
      Issue.record("no records")
      return
    }
    #expect(first.owner.description == "www.contoso.com.")
    #expect(first.ownerRange == 0..<3)
    #expect(first.ttl == 3600)
    #expect(first.recordClass == .internet)
    #expect(first.type == "TXT")
    #expect(text(file[first.rdata]) == "( \"a b\" ; x\n c\\ d )")
    #expect(first.fields(in: file).map { text(file[$0]) } == ["\"a b\"", "c\\ d"])
    #expect(first.range == 0..<first.rdata.upperBound)
    #expect(second.owner == first.owner)
    #expect(second.ownerRange == nil)
    #expect(second.ttl == nil && second.recordClass == nil)
    #expect(second.type == "DNAME")
    #expect(text(file[second.range]) == "TYPE39 \\# 0")
    #expect(try reader.next() == nil)
    #expect(try reader.next() == nil)
  }

  /// What named makes of a line, and what is read of it; nil where named refuses it.
  @Test(
    "class and TTL in any order, or none → read as named does; one of them twice → no type that named knows",
    arguments: [
      ("a IN 60 TXT x", 60), ("a 60 IN TXT x", 60), ("a in txt x", nil), ("a 60 TXT x", 60),
      ("a TXT x", nil), ("a CLASS1 1h TXT x", 3600), ("a 1h30m class1 TYPE16 x", 5400),
      ("a ( 60\n IN ) TXT x", 60), ("a IN ; 5\n", nil), ("60 TXT x", nil), ("IN TXT x", nil),
      ("TXT TXT x", nil), ("a 0 TXT x", 0), ("a IN IN TXT x", nil), ("a 60 60 TXT x", nil),
      ("a 60 IN 60 TXT x", nil), ("a IN 60 IN TXT x", nil), ("a CH TXT x", nil),
    ] as [(String, UInt32?)])
  func classAndTTL(line: String, ttl: UInt32?) throws {
    let file = bytes("$TTL 7\n@ SOA ns h 42 1 2 3 4\n@ NS ns.x.\n\(line)\n")
    let verdict = try checkers.compileZone(file, named: "contoso.com")
    let origin = try DomainName("contoso.com")
    var last: ZoneFileRecord?
    do throws(SyntaxError) {
      var reader = try ZoneFileReader(file, origin: origin)
      while let entry = try reader.next() {
        if case .record(let record) = entry { last = record }
      }
    } catch {
      #expect(!verdict.isAccepted, "\(error)")
      return
    }
    let record = try #require(last)
    guard verdict.isAccepted else {
      // What is left to named-checkzone: a type that is none, or another class than the zone's.
      #expect(["60", "IN"].contains(record.type) || record.recordClass != .internet)
      return
    }
    let told = try #require(verdict.lines.first { $0.contains("TXT") })
      .split { $0 == " " || $0 == "\t" }
    #expect(told[0] == record.owner.description)
    #expect(record.type == "TXT")
    #expect(record.ttl == ttl)
    #expect(told[1] == "\(ttl ?? 7)")
    #expect(record.recordClass == nil || record.recordClass == .internet)
  }

  @Test("a record without owner behind $ORIGIN, $INCLUDE or $GENERATE → that of the record before")
  func inheritedOwners() throws {
    let zone = bytes(
      ZoneSamples.head + """
        a TXT x
        $ORIGIN sub
         TXT behind-origin
        $GENERATE 1-2 h$ A 10.0.0.$
         TXT behind-generate
        $INCLUDE other.db deeper
         TXT behind-include
        $TTL 5
         TXT behind-ttl
        a TXT in-sub
        $INCLUDE other.db
         TXT of-sub

        """)
    let other = bytes(" TXT inherited\nc TXT own\n")
    try checkers.write(other, to: "other.db")
    let verdict = try checkers.compileZone(zone, named: "contoso.com")
    try #require(verdict.isAccepted, "\(verdict.output)")
    let origin = try DomainName("contoso.com")
    let read = try records(of: zone, origin: origin, includes: ["other.db": other])
    let generated = (1...2).map { "h\($0).sub.contoso.com. A" }
    #expect((read + generated).sorted() == compiled(verdict))
    #expect(read.filter { $0 == "a.contoso.com. TXT" }.count == 6)
    #expect(read.filter { $0 == "a.sub.contoso.com. TXT" }.count == 3)
  }

  @Test func tellsDirectives() throws {
    let file = bytes(
      """
      $TTL 1h30m ; x
      $ORIGIN sub
      $INCLUDE "a b.db" x ; y
      $GENERATE 1-10/2 host$ 60 IN A 10.0.0.$ ; z
      $DATE 20240101000000

      """)
    let origin = try DomainName("contoso.com.")
    let sub = try DomainName("sub.contoso.com.")
    var reader = try ZoneFileReader(file, origin: origin)
    #expect(try reader.next() == .defaultTTL(5400, range: 0..<10))
    #expect(try reader.next() == .origin(sub, range: 15..<26))
    #expect(reader.origin == sub)
    guard case .include(let include) = try reader.next() else {
      Issue.record("no include")
      return
    }
    #expect(include.path == "a b.db")
    #expect(include.origin.description == "x.sub.contoso.com.")
    #expect(include.owner == nil)
    #expect(text(file[include.range]) == "$INCLUDE \"a b.db\" x")
    guard case .generate(let generate) = try reader.next() else {
      Issue.record("no template")
      return
    }
    #expect(text(file[generate.ownerRange]) == "host$")
    #expect(
      [generate.numbers.first, generate.numbers.last, generate.numbers.step] == [1, 10, 2])
    #expect(generate.ttl == 60)
    #expect(generate.type == "A")
    #expect(text(file[generate.rdata]) == "10.0.0.$")
    #expect(text(file[generate.range]) == "$GENERATE 1-10/2 host$ 60 IN A 10.0.0.$")
    guard case .date(let date) = try reader.next() else {
      Issue.record("no date")
      return
    }
    #expect(text(file[date]) == "$DATE 20240101000000")
    #expect(try reader.next() == nil)
  }

  @Test(
    arguments: [
      ("0", 0), ("60", 60), ("1h", 3600), ("1H30M", 5400), ("1w2d3h4m5s", 788_645), ("0s", 0),
      ("4294967295", 4_294_967_295), ("0h30", 30),
    ] as [(String, UInt32)])
  func readsTTLsAsNamedDoes(written: String, seconds: UInt32) throws {
    var reader = try ZoneFileReader(bytes("$TTL \(written)\n"), origin: .root)
    guard case .defaultTTL(let ttl, _) = try reader.next() else {
      Issue.record("no TTL")
      return
    }
    #expect(ttl == seconds)
  }

  @Test(arguments: ["1h30", "4294967296", "7102w", "h", "1x", "-1", "1h-"])
  func refusesTTLsThatNamedRefuses(written: String) throws {
    let file = bytes("$TTL \(written)\n" + ZoneSamples.head.dropFirst("$TTL 3600\n".count))
    #expect(try !checkers.checkZone(file, named: "contoso.com").isAccepted)
    #expect(throws: SyntaxError.self) { try ZoneFileOutline(parsing: file, origin: .root) }
  }

  @Test func keepsOwnersThatTheCallerKeeps() throws {
    let file = bytes("a A ::1\nb A ::1\n A ::1\nb A ::1\n$ORIGIN x.\nb A ::1\nc A ::1\n")
    var reader = try ZoneFileReader(file, origin: .root)
    var owners: [DomainName] = []
    while let entry = try reader.next() {
      if case .record(let record) = entry { owners.append(record.owner) }
    }
    #expect(owners.map(\.description) == ["a.", "b.", "b.", "b.", "b.x.", "c.x."])
  }
}
