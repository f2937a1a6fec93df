import BINDText
import DNSNames
import TestSupport
import Testing

/// `$GENERATE` lines, compared with what named makes of them.
@Suite(.timeLimit(.minutes(3))) struct GenerateTests {
  private let checkers: Checkers
  private let origin: DomainName

  init() throws {
    checkers = try Checkers()
    origin = try DomainName("contoso.com")
  }

  private func outline(_ lines: String) throws -> ZoneFileOutline {
    try ZoneFileOutline(parsing: bytes(ZoneSamples.head + lines), origin: origin)
  }

  /// The owners that named makes of lines; nil where it refuses them.
  private func owners(_ lines: String) throws -> Set<DomainName>? {
    let verdict = try checkers.compileZone(bytes(ZoneSamples.head + lines), named: "contoso.com")
    guard verdict.isAccepted else { return nil }
    return Set(
      try verdict.lines.filter { $0.contains(" IN ") }
        .map { try DomainName(String($0.prefix { $0 != " " && $0 != "\t" })) })
  }

  /// Expects that the same names are seen as by named, below any name.
  private func compare(_ lines: String, _ random: inout SeededGenerator) throws -> Bool {
    guard let made = try owners(lines) else { return false }
    let outline = try outline(lines)
    let seen = outline.owners(below: origin, first: .max)
    #expect(Set(seen.first).union([origin]) == made, "\(lines)")
    #expect(seen.count == made.count - 1, "\(lines)")
    var asked = Set(made.shuffled(using: &random).prefix(8).flatMap(\.andParents))
    for name in asked.prefix(6) {
      let text = name.withoutTrailingDot.uppercased()
      asked.formUnion([try DomainName("0\(text)"), try DomainName("1.\(text)")])
    }
    for name in asked where name.isSubdomain(of: origin) {
      #expect(
        outline.owners(below: name).count == made.count { $0.isBelow(name) }, "\(name)\n\(lines)")
      #expect(outline.records(of: name).isEmpty != made.contains(name), "\(name)\n\(lines)")
      let watching = try ZoneFileOutline(
        parsing: outline.bytes, origin: origin,
        watching: WatchedNames(owners: [name], parents: [name]))
      #expect(watching.owners(below: name) == outline.owners(below: name))
      #expect(watching.records(of: name) == outline.records(of: name))
    }
    return true
  }

  @Test(
    "every form of template → the names that named makes",
    arguments: [
      "9-18/3 h$", "0-2 h${5}$", "8-12 h${0,3}", "8-300/7 ${0,5,n}", "8-300/7 x.${0,5,N}",
      "0-40 ${5,3,X}", "0-3 ${1,2,o}", "0-3 a$$b$", "0-3 a\\$b$", "0-20/4 ${-10,3}",
      "0-20/4 ${-10,4,x}", "0-20/4 ${-10,4,o}", "0-12 \\$$", "0-70000/999 ${0,0,n}", "0-9 ${0,1,n}",
      "3-5 fix", "3-5 @", "0-12 a\\.$", "0-12 a\\046$", "0-12 \\\\$", "1-2 x${+5}", "1-2x y$",
      "1-2/1z y$", "0-300/50 $.$.b", "7-13 $.d${1,2,x}.e", "1-2 ${0,3,d}${9,x}", "10-99/9 a\\0$",
      "2147483600-2147483640/7 a$", "2147483600-2147483640/7 ${-2147483640}.$",
      "0-600/111 x-${0,2,n}0", "0-3 $.contoso.com.", "0-3 $.other.com.",
    ])
  func forms(line: String) throws {
    var random = SeededGenerator(seed: 1)
    #expect(try compare("$GENERATE \(line) A 192.0.2.1\n", &random))
  }

  @Test("generated templates → the names that named makes", arguments: 1...60)
  func generated(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var compared = 0
    for _ in 0..<8 {
      var lines = ""
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        if random.oneIn(4) { lines += "$ORIGIN \(random.pick("a", "1", "d2.x"))\n" }
        let first = random.pick(0, 1, 7, 95, 250, 4090)
        let last = first + Int.random(in: 0...400, using: &random)
        let step = random.pick("", "", "/\(Int.random(in: 1...50, using: &random))")
        lines += "$GENERATE \(first)-\(last)\(step) \(template(&random)) A 192.0.2.1\n"
      }
      if try compare(lines, &random) { compared += 1 }
    }
    #expect(compared > 0)
  }

  private func template(_ random: inout SeededGenerator) -> String {
    (0..<Int.random(in: 1...5, using: &random)).map { _ in
      if random.oneIn(2) {
        return random.pick("h", "-", ".", "x.", ".a", "D", "\\.", "\\$", "$$", "\\046", "0", "\\[")
      }
      let offset = random.pick(0, 1, 10, -7, -100, 100_000, Int.random(in: -9...9, using: &random))
      let base = random.pick("d", "o", "x", "X", "n", "N")
      // named never comes to an end of the nibbles of a negative number.
      let shown = base.lowercased() == "n" ? abs(offset) : offset
      let width = Int.random(in: 0...9, using: &random)
      return random.pick(
        "$", "${\(offset)}", "${\(offset),\(width)}", "${\(shown),\(width),\(base)}")
    }.joined()
  }

  @Test(
    "what named refuses → refused",
    arguments: [
      "5-1 a$ A 192.0.2.1", "-1-2 a$ A 192.0.2.1", "1--2 a$ A 192.0.2.1", "1-2/0 a$ A 192.0.2.1",
      "1-2/ a$ A 192.0.2.1",
      "1 a$ A 192.0.2.1", "a-b a$ A 192.0.2.1", "1-2 a${} A 192.0.2.1", "1-2 a${x} A 192.0.2.1",
      "1-2 a${1,} A 192.0.2.1", "1-2 a${1,2,} A 192.0.2.1", "1-2 a${1,2,q} A 192.0.2.1",
      "1-2 a${1 A 192.0.2.1", "1-2 a${1,2,d A 192.0.2.1", "1-2 a$ A 192.0.2.${x}",
      "99999999999-2 a$ A 192.0.2.1",
    ])
  func refused(line: String) throws {
    #expect(try owners("$GENERATE \(line)\n") == nil)
    #expect(throws: SyntaxError.self) { try outline("$GENERATE \(line)\n") }
  }

  @Test("the records of a name → type, TTL and rdata as the line makes them, and where it stands")
  func records() throws {
    let outline = try outline(
      "$GENERATE 0-9 d$ 30 IN DNAME a${10,4,x}.example.\n$GENERATE 1-3 x MX \"$ m$\"\n")
    let record = try #require(try outline.records(of: DomainName("D7.contoso.com")).first)
    #expect(record.type == .dname)
    #expect(record.ttl == 30)
    #expect(record.isGenerated)
    #expect(record.words(in: outline.bytes).map { text($0) } == ["a0011.example."])
    #expect(text(outline.bytes[record.range]).hasPrefix("$GENERATE 0-9"))
    #expect(outline.removal(of: record) == nil)
    #expect(try outline.records(of: DomainName("d10.contoso.com")).isEmpty)
    #expect(try outline.records(of: DomainName("d07.contoso.com")).isEmpty)
    let same = try outline.records(of: DomainName("x.contoso.com"))
    #expect(
      same.map { $0.words(in: outline.bytes).map { text($0) } } == [
        ["1", "m1"], ["2", "m2"], ["3", "m3"],
      ])
  }

  @Test("a line for two thousand million names → those below a name are counted all the same")
  func millions() throws {
    let outline = try outline(
      """
      $GENERATE 0-2147483647 h$.x A 192.0.2.1
      $GENERATE 0-2147483647 ${0,15,n} A 192.0.2.1
      $GENERATE 0-2147483647 n.d$ A 192.0.2.1

      """)
    #expect(try outline.owners(below: DomainName("x.contoso.com"), first: 2).count == 1 << 31)
    #expect(
      try outline.owners(below: DomainName("x.contoso.com"), first: 2).first.map(\.description)
        == ["h0.x.contoso.com.", "h1.x.contoso.com."])
    #expect(try outline.owners(below: DomainName("b.a.0.contoso.com")).count == 1 << 20)
    #expect(try outline.owners(below: DomainName("d77777777.contoso.com")).count == 1)
    #expect(try outline.records(of: DomainName("h2147483647.x.contoso.com")).count == 1)
  }

  @Test("the same names by several lines → each counted once")
  func twice() throws {
    let outline = try outline(
      "$GENERATE 1-200 h$.x A 192.0.2.$\n$GENERATE 1-200 h$.x TXT $\nh7.x AAAA ::1\n")
    #expect(try outline.owners(below: DomainName("x.contoso.com")).count == 200)
  }
}

extension DomainName {
  fileprivate var andParents: [DomainName] {
    var names = [self]
    while let parent = names.last?.parent, !parent.isRoot { names.append(parent) }
    return names
  }
}
