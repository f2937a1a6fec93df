public import DNSNames

/// What a line of a zone file says, or several lines held together by parentheses.
public enum ZoneFileEntry: Hashable, Sendable {
  /// A resource record.
  case record(ZoneFileRecord)
  /// `$ORIGIN`: what names without a final dot are completed with from here on.
  case origin(DomainName, range: Range<Int>)
  /// `$TTL` (RFC 2308): the TTL, in seconds, of records that give none.
  case defaultTTL(UInt32, range: Range<Int>)
  /// `$INCLUDE`
  case include(ZoneFileInclude)
  /// `$GENERATE`, BIND's template for many records.
  case generate(ZoneFileGenerate)
  /// `$DATE`, which BIND once wrote into copies of zones.
  case date(range: Range<Int>)
}

/// A resource record as it is written.
public struct ZoneFileRecord: Hashable, Sendable {
  /// Whose record it is.
  public let owner: DomainName
  /// What the names of its rdata are completed with.
  let origin: DomainName
  /// Where the owner is written; nil if the line begins with blanks and so belongs to the owner
  /// of the record before.
  public let ownerRange: Range<Int>?
  /// The TTL in seconds; nil if none is written.
  public let ttl: UInt32?
  /// The class; nil if none is written, then it is the zone's.
  public let recordClass: RecordClass?
  /// The type in upper case.
  ///
  /// A type written by its number (RFC 3597) has its usual name here if
  /// it is one of those that every server knows: `TYPE39` is `DNAME`.
  public let type: RecordType
  /// The rdata with what stands between its parts; empty if there is none.
  public let rdata: Range<Int>
  /// From the owner, or the first word of a line without one, to the end of the rdata; a
  /// parenthesis that stands before it all is not in it.
  public let range: Range<Int>
  /// The rdata that a `$GENERATE` line makes of its template; nil for a record that is written.
  let generatedRdata: [UInt8]?
  /// How many parentheses are open where the record begins.
  let startDepth: Int
  /// How many parentheses are open where the rdata begins.
  let depth: Int

  /// What a reader notes of every record, for which it asks for no memory.
  struct Parts {
    var ownerRange: Range<Int>?
    /// Whether the record before was another owner's, or this is the first one of its file.
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

  /// A record that a `$GENERATE` line makes: it stands where the line stands.
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

  /// Whether a `$GENERATE` line makes the record, so that it cannot be edited alone.
  public var isGenerated: Bool { generatedRdata != nil }

  /// The words and quoted strings of the rdata, as they are written or made.
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

  /// The name that the rdata is, as that of NS and DNAME; nil for what is none.
  public func target(in bytes: [UInt8]) -> DomainName? {
    let words = words(in: bytes)
    guard let first = words.first else { return nil }
    guard first == Array("\\#".utf8) else {
      return try? DomainName(first, in: 0..<first.count, origin: origin)
    }
    // The form of RFC 3597: a length, and as many octets in hexadecimal.
    let digits = words.dropFirst(2).joined().map(ASCII.hexadecimalValue)
    guard digits.count.isMultiple(of: 2) else { return nil }
    return DomainName(
      wire: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
  }

  /// Where the words and quoted strings of the rdata are written; of a record that a `$GENERATE` line makes,
  /// those of its template.
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
/// named reads the file as if it stood here, with this origin and with the owner of the record
/// before. Afterwards origin and owner are what they were; a `$TTL` of the file goes on.
public struct ZoneFileInclude: Hashable, Sendable {
  /// The path, without quotes; relative paths begin in named's `directory`.
  public let path: PathText
  /// The path with its quotes.
  public let pathRange: Range<Int>
  /// The origin for the file: the one that the line gives, or the current one.
  public let origin: DomainName
  /// The owner for records without one at the beginning of the file; nil if there is none yet.
  public let owner: DomainName?
  /// The line without its ending.
  public let range: Range<Int>
}

/// A `$GENERATE` line.
public struct ZoneFileGenerate: Hashable, Sendable {
  /// The owners.
  public let names: GeneratedNames
  /// Where their template is written.
  public let ownerRange: Range<Int>
  /// The numbers that records are made for.
  public var numbers: GenerateNumbers { names.numbers }
  /// The TTL in seconds; nil if none is written.
  public let ttl: UInt32?
  /// The class; nil if none is written, then it is the zone's.
  public let recordClass: RecordClass?
  /// The type, in upper case.
  public let type: RecordType
  /// Where the rdata's template is written.
  public let rdata: Range<Int>
  /// What the rdata is made of.
  let rdataTemplate: GenerateTemplate
  /// The line without its ending.
  public let range: Range<Int>

  /// The records that it makes for a name.
  func records(of owner: DomainName) -> [ZoneFileRecord] {
    names.numbers(of: owner).map { ZoneFileRecord(owner, for: $0, by: self) }
  }
}
