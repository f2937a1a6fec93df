public import DNSNames

/// An entry of a zone file: one line, or several joined by parentheses.
public enum ZoneFileEntry: Hashable, Sendable {
  /// A resource record.
  case record(ZoneFileRecord)
  /// `$ORIGIN`: the origin that completes names without a final dot from here on.
  case origin(DomainName, range: Range<Int>)
  /// `$TTL` (RFC 2308): the TTL, in seconds, of records without one.
  case defaultTTL(UInt32, range: Range<Int>)
  /// `$INCLUDE`
  case include(ZoneFileInclude)
  /// `$GENERATE`, BIND's template for many records.
  case generate(ZoneFileGenerate)
  /// `$DATE`, which BIND once wrote into copies of zones.
  case date(range: Range<Int>)
}

/// A resource record as written.
public struct ZoneFileRecord: Hashable, Sendable {
  /// The name that the record belongs to.
  public let owner: DomainName
  /// The origin that completes the names in its rdata.
  let origin: DomainName
  /// The position of the owner; nil if the line begins with blanks, which means the owner of the record before.
  public let ownerRange: Range<Int>?
  /// The TTL in seconds; nil if the record gives none.
  public let ttl: UInt32?
  /// The class; nil if the record gives none and so has the class of the zone.
  public let recordClass: RecordClass?
  /// The type in upper case.
  ///
  /// A type written as a number (RFC 3597) has its usual name here if it is one of those that every server knows:
  /// `TYPE39` is `DNAME`.
  public let type: RecordType
  /// The rdata, including anything between its parts; empty if there is none.
  public let rdata: Range<Int>
  /// From the owner, or the first word of a line without one, to the end of the rdata.
  ///
  /// A parenthesis before the owner is not included.
  public let range: Range<Int>
  /// The rdata that a `$GENERATE` line makes from its template; nil for a record written in the file.
  let generatedRdata: [UInt8]?
  /// How many parentheses are open where the record begins.
  let startDepth: Int
  /// How many parentheses are open where the rdata begins.
  let depth: Int

  /// The data that a reader keeps for every record without allocating memory.
  struct Parts {
    var ownerRange: Range<Int>?
    /// Whether the record before has another owner, or this is the first record of its file.
    var isOwnerNew = false
    var ttl: UInt32?
    var recordClass: RecordClass?
    var type = 0..<0
    var rdata = 0..<0
    var range = 0..<0
    var startDepth = 0
    var depth = 0
  }

  init(owner: DomainName, origin: DomainName, _ parts: Parts, type: RecordType) {
    self.owner = owner
    self.origin = origin
    ownerRange = parts.ownerRange
    ttl = parts.ttl
    recordClass = parts.recordClass
    self.type = type
    rdata = parts.rdata
    range = parts.range
    generatedRdata = nil
    startDepth = parts.startDepth
    depth = parts.depth
  }

  /// A record that a `$GENERATE` line makes, at the position of the line.
  init(_ owner: DomainName, for number: Int, by line: ZoneFileGenerate) {
    self.owner = owner
    origin = line.names.origin
    ownerRange = line.ownerRange
    ttl = line.ttl
    recordClass = line.recordClass
    type = line.type
    rdata = line.rdata
    range = line.range
    generatedRdata = line.rdataTemplate.text(for: number) ?? []
    startDepth = 0
    depth = 0
  }

  /// Whether a `$GENERATE` line makes the record, which then cannot be edited by itself.
  public var isGenerated: Bool { generatedRdata != nil }

  /// The words and quoted strings of the rdata, as written or generated.
  public func words(in bytes: [UInt8]) -> [[UInt8]] {
    guard let generatedRdata else { return fields(in: bytes).map { Array(bytes[$0]) } }
    var lexer = ZoneFileLexer(generatedRdata)
    var words: [[UInt8]] = []
    while let token = try? lexer.next(), token.kind != .end {
      if token.kind == .word || token.kind == .string {
        words.append(Array(generatedRdata[token.range]))
      }
    }
    return words
  }

  /// The name that makes up the rdata, as in NS and DNAME records; nil if it is not a single name.
  public func target(in bytes: [UInt8]) -> DomainName? {
    let words = words(in: bytes)
    guard let first = words.first else { return nil }
    guard first == Array("\\#".utf8) else {
      return try? DomainName(first, in: 0..<first.count, origin: origin)
    }
    // The generic form of RFC 3597: a length, and that many octets in hexadecimal.
    let digits = words.dropFirst(2).joined().map(ASCII.hexadecimalValue)
    guard digits.count.isMultiple(of: 2) else { return nil }
    return DomainName(
      wire: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }

  /// The positions of the words and quoted strings of the rdata, or of its template in a `$GENERATE` line.
  public func fields(in bytes: [UInt8]) -> [Range<Int>] {
    var fields: [Range<Int>] = []
    var lexer = ZoneFileLexer(bytes, in: rdata, depth: depth)
    while let token = try? lexer.next(), token.kind != .end {
      if token.kind == .word || token.kind == .string { fields.append(token.range) }
    }
    return fields
  }
}

/// An `$INCLUDE` line.
///
/// named reads the file as if its text were here, with this origin and with the owner of the record before. Afterwards
/// named restores the origin and the owner; a `$TTL` of the file stays in effect.
public struct ZoneFileInclude: Hashable, Sendable {
  /// The path, without quotes; relative paths start in named's `directory`.
  public let path: PathText
  /// The path, including its quotes.
  public let pathRange: Range<Int>
  /// The origin for the file: the one on the line, or else the current one.
  public let origin: DomainName
  /// The owner for records without one at the beginning of the file; nil before the first owner.
  public let owner: DomainName?
  /// The line without its ending.
  public let range: Range<Int>
}

/// A `$GENERATE` line.
public struct ZoneFileGenerate: Hashable, Sendable {
  /// The owner names.
  public let names: GeneratedNames
  /// The position of their template.
  public let ownerRange: Range<Int>
  /// The numbers for which named makes records.
  public var numbers: GenerateNumbers { names.numbers }
  /// The TTL in seconds; nil if the line gives none.
  public let ttl: UInt32?
  /// The class; nil if the line gives none and so has the class of the zone.
  public let recordClass: RecordClass?
  /// The type, in upper case.
  public let type: RecordType
  /// The position of the rdata template.
  public let rdata: Range<Int>
  /// The parsed rdata template.
  let rdataTemplate: GenerateTemplate
  /// The line without its ending.
  public let range: Range<Int>

  /// The records that the line makes for a name.
  func records(of owner: DomainName) -> [ZoneFileRecord] {
    names.numbers(of: owner).map { ZoneFileRecord(owner, for: $0, by: self) }
  }
}
