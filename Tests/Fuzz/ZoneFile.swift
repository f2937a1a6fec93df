import BINDText
import DNSNames

/// Reads a zone file and tries all kinds of edits.
func testZoneFile(_ bytes: [UInt8]) {
  let tokens = zoneFileTokens(bytes)
  guard let outline = try? ZoneFileOutline(parsing: bytes, origin: ZoneFileOutline.zone) else {
    return
  }
  expect(tokens != nil, "what has an outline has tokens")
  let words = Set((tokens ?? []).map(\.range))
  for record in outline.records {
    expect(record.fields(in: bytes).allSatisfy(words.contains), "a record's fields are tokens")
  }
  outline.testBlocks()
  outline.testSerial()
  outline.testOwners()
  outline.testRemovalOfRecords()
}

/// The tokens of a file; nil if they end in an error.
///
/// They omit nothing but blanks, parentheses and the line ends within these.
private func zoneFileTokens(_ bytes: [UInt8]) -> [ZoneFileLexer.Token]? {
  var lexer = ZoneFileLexer(bytes)
  var tokens: [ZoneFileLexer.Token] = []
  var end = 0
  while let token = try? lexer.next() {
    expect(token.range.lowerBound >= end, "tokens follow each other")
    expect(
      bytes[end..<token.range.lowerBound].allSatisfy(" \t\r\n()".utf8.contains),
      "between tokens there are blanks and parentheses only")
    if token.kind == .end { return tokens }
    expect(!token.range.isEmpty, "a token has bytes")
    end = token.range.upperBound
    tokens.append(token)
  }
  return nil
}

extension ZoneFileOutline: Subject {
  static let zone = expectNoError("the zone has a name") { try DomainName("zone.example") }

  func reading(_ bytes: [UInt8]) throws -> ZoneFileOutline {
    try ZoneFileOutline(parsing: bytes, origin: origin)
  }

  /// Its records, in file order.
  var records: [ZoneFileRecord] {
    expectNoError("the records can be read once more") {
      var reader = try ZoneFileReader(bytes, origin: origin)
      var records: [ZoneFileRecord] = []
      while let entry = try reader.next() {
        if case .record(let record) = entry { records.append(record) }
      }
      return records
    }
  }

  var contents: [AnyHashable] {
    [soa?.owner, soa?.serial]
      + includes.flatMap { [$0.path, $0.origin, $0.owner] as [AnyHashable] }
      + records.flatMap { contents(of: $0) }
  }

  func contents(of record: ZoneFileRecord) -> [AnyHashable] {
    [record.owner, record.ttl, record.type, record.fields(in: bytes).map { Array(bytes[$0]) }]
  }

  static var body: [String] { ["fuzz.example. 60 TXT x"] }
  static var isReadWithoutBlocks: Bool { false }

  static var contentsOfBody: [AnyHashable] {
    expectNoError("the body can be read") {
      let outline = try ZoneFileOutline(parsing: body.flatMap(\.utf8), origin: zone)
      return outline.records.flatMap(outline.contents)
    }
  }
}
