public import DNSNames

/// Reads a zone file entry by entry, as BIND's lib/dns/master.c does, without loading it.
///
/// It provides the owner, TTL, class and type of each record, and the position of the rdata, whose form only
/// named-checkzone checks. As long as the caller keeps no owner, it allocates no memory per record.
public struct ZoneFileReader: ~Copyable, Sendable {
  typealias Token = ZoneFileLexer.Token

  /// The file.
  public var bytes: [UInt8] { lexer.bytes }
  /// The origin that completes names without a final dot at this position of the file.
  public private(set) var origin: DomainName
  /// The owner of the last record; nil before the first.
  public var owner: DomainName? { hasOwner ? currentOwner : nil }

  var lexer: ZoneFileLexer
  private var scanner = ManagedBlockScanner()
  private var hasOwner: Bool
  /// The position of the current owner; the same text again means the same owner.
  private(set) var ownerText = 0..<0
  /// The current owner, if it has been spelled out.
  private var spelledOwner: DomainName
  /// Whether it has been; otherwise it is the text at `ownerText`, without escapes and relative to the current origin.
  private(set) var isOwnerSpelled = true
  /// Whether no record of the current owner has been read yet.
  private var isOwnerNew = true
  /// The parts of the last record; meaningless before the first.
  private(set) var parts = ZoneFileRecord.Parts()
  /// The positions after the managed blocks read so far.
  private(set) var resumptions: [Resumption] = []

  /// Starts at the beginning of a file.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - origin: The zone's name, or the origin of the `$INCLUDE` line.
  ///   - owner: For an included file, the owner of the record before the `$INCLUDE` line.
  /// - Throws: If the file is in one of named's binary formats.
  public init(
    _ bytes: [UInt8], origin: DomainName, owner: DomainName? = nil
  ) throws(SyntaxError) {
    if bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, bytes[2] == 0,
      bytes[3] == 2 || bytes[3] == 3
    {
      // BIND's lib/dns/include/dns/masterdump.h: the file begins with a format number of four bytes.
      let format = bytes[3] == 2 ? "raw" : "map"
      throw SyntaxError(
        """
        this is a zone file in named's binary format '\(format)', which cannot be edited; convert it to text with \
        named-compilezone -f \(format) -F text, and remove 'masterfile-format \(format);' from named.conf
        """, at: 0, in: bytes)
    }
    lexer = ZoneFileLexer(bytes)
    self.origin = origin
    spelledOwner = owner ?? .root
    hasOwner = owner != nil
  }

  /// A position between two records, with the state needed to continue from there.
  struct Resumption: Sendable {
    let offset: Int
    let origin: DomainName
    let owner: DomainName?
  }

  /// Continues in a file that has been read in part.
  init(_ bytes: [UInt8], from place: Resumption) {
    lexer = ZoneFileLexer(bytes, in: place.offset..<bytes.count, depth: 0)
    origin = place.origin
    spelledOwner = place.owner ?? .root
    hasOwner = place.owner != nil
  }

  /// The managed blocks read so far, or the first damaged marker.
  var blockResult: Result<[ManagedBlock], ManagedBlockError> { scanner.result }

  /// The next entry; nil at the end of the file.
  ///
  /// It throws an error in the form of a line that keeps named from reading the file. Reading ends with the first
  /// error.
  public mutating func next() throws(SyntaxError) -> ZoneFileEntry? {
    switch try step() {
    case .record:
      spellOwner()
      return .record(record)
    case .directive(let entry): return entry
    case .end: return nil
    }
  }

  /// A step of the reader.
  enum Step {
    /// A record, whose parts are in `parts`.
    case record
    /// Any other entry; these are rare and stored indirectly to keep a step small.
    indirect case directive(ZoneFileEntry)
    /// The end of the file.
    case end
  }

  /// Advances to the next entry: the fast path through records that nobody needs.
  mutating func step() throws(SyntaxError) -> Step {
    try readPlainRecord() ? .record : try readTokens()
  }

  /// Advances to the next entry, whatever its form.
  private mutating func readTokens() throws(SyntaxError) -> Step {
    while true {
      let token = try lexer.next()
      switch token.kind {
      case .endOfLine:
        continue
      case .comment:
        lookAtComment(token, isBetweenRecords: true)
        if try readPlainRecord() { return .record }
      case .end:
        try checkParentheses(from: token.range.lowerBound)
        scanner.finish(lexer.bytes)
        return .end
      case .leadingBlank:
        let first = try nextOnLine(isBetweenRecords: true)
        guard first.kind != .endOfLine, first.kind != .end else { continue }
        guard hasOwner else {
          throw error("a record without an owner, and no record before it", at: first)
        }
        try readRecord(
          ownerRange: nil, first: word(first), start: first.range.lowerBound,
          startDepth: lexer.depth)
        return .record
      case .word, .string:
        let text = lexer.bytes.content(of: token)
        if let first = text.first, lexer.bytes[first] == ASCII.dollar {
          return .directive(try directive(text, token))
        }
        try setOwner(text, token)
        let depth = lexer.depth
        let first = try nextWord()
        try readRecord(
          ownerRange: token.range, first: first, start: token.range.lowerBound, startDepth: depth)
        return .record
      }
    }
  }

  /// The record that the reader has just read.
  var record: ZoneFileRecord {
    ZoneFileRecord(owner: currentOwner, origin: origin, parts, type: recordType)
  }

  /// Whether the record just read does not count when looking for names that a DNAME would hide.
  ///
  /// This applies to a record in a managed block, which zonebridge wrote, and to a record that only serves DNSSEC.
  ///
  /// Each name with an NSEC or RRSIG also has other records (RFC 4034), except the hashed names of NSEC3 (RFC 5155),
  /// which nobody asks for.
  var isIncidental: Bool {
    scanner.isInBlock || recordType.isForDNSSECAlone
  }

  /// Whether the record just read is an SOA record, without a string for its type.
  var isStartOfAuthority: Bool {
    switch parts.type.count {
    case 3: lexer.bytes.uppercaseKey(in: parts.type) == 0x53_4f41
    // It may be `TYPE6` (RFC 3597).
    case 5...: ASCII.uppercased(lexer.bytes[parts.type.lowerBound]) == 0x54 && recordType == .soa
    default: false
    }
  }

  /// The type of the record that the reader has just read.
  var recordType: RecordType { lexer.bytes.recordType(in: parts.type) }

  private mutating func setOwner(_ text: Range<Int>, _ token: Token) throws(SyntaxError) {
    if hasOwner, isWritten(text, like: ownerText) { return }
    isOwnerSpelled = !lexer.bytes.isPlainName(in: text, origin: origin)
    if isOwnerSpelled, let reason = spelledOwner.assign(lexer.bytes, in: text, origin: origin) {
      throw error("this is \(reason)", at: token)
    }
    hasOwner = true
    isOwnerNew = true
    ownerText = text
  }

  /// The owner of the last record; meaningless before the first.
  private var currentOwner: DomainName {
    if isOwnerSpelled { return spelledOwner }
    var owner = DomainName.root
    spellOwner(into: &owner)
    return owner
  }

  /// Assigns the octets of the current owner to a name, reusing its storage.
  func spellOwner(into name: inout DomainName) {
    if isOwnerSpelled {
      name = spelledOwner
    } else {
      // A plain name cannot be invalid.
      _ = name.assign(lexer.bytes, in: ownerText, origin: origin)
    }
  }

  private mutating func spellOwner() {
    guard !isOwnerSpelled else { return }
    _ = spelledOwner.assign(lexer.bytes, in: ownerText, origin: origin)
    isOwnerSpelled = true
  }

  private func isWritten(_ text: Range<Int>, like other: Range<Int>) -> Bool {
    guard text.count == other.count, !text.isEmpty else { return false }
    // Consecutive names of the same length differ near their ends.
    var distance = text.count
    while distance > 0 {
      distance -= 1
      guard lexer.bytes[text.lowerBound + distance] == lexer.bytes[other.lowerBound + distance]
      else { return false }
    }
    return true
  }

  /// Reads a plain record.
  ///
  /// - Returns: Whether the next entry is one; if not, nothing has been read.
  private mutating func readPlainRecord() throws(SyntaxError) -> Bool {
    guard let plain = lexer.plainRecord() else { return false }
    if let owner = plain.owner {
      if !hasOwner || !isWritten(owner, like: ownerText) {
        guard lexer.bytes.isPlainName(in: owner, origin: origin) else { return false }
        isOwnerSpelled = false
        hasOwner = true
        isOwnerNew = true
        ownerText = owner
      }
    } else if !hasOwner {
      return false
    }
    lexer.skipWords(to: plain.type.upperBound)
    let rdata = try skipRecord(from: plain.start)
    parts = ZoneFileRecord.Parts(
      ownerRange: plain.owner, isOwnerNew: isOwnerNew, ttl: plain.ttl,
      recordClass: plain.recordClass, type: plain.type, rdata: rdata,
      range: plain.start..<max(rdata.upperBound, plain.type.upperBound))
    isOwnerNew = false
    return true
  }

  /// Reads on from the first word after the owner: class and TTL in either order, type, rdata.
  private mutating func readRecord(
    ownerRange: Range<Int>?, first: Range<Int>, start: Int, startDepth: Int
  ) throws(SyntaxError) {
    let (recordClass, ttl, type) = try classTTLType(first)
    let depth = lexer.depth
    let rdata = try skipRecord(from: start)
    parts = ZoneFileRecord.Parts(
      ownerRange: ownerRange, isOwnerNew: isOwnerNew, ttl: ttl, recordClass: recordClass,
      type: type, rdata: rdata, range: start..<max(rdata.upperBound, type.upperBound),
      startDepth: startDepth, depth: depth)
    isOwnerNew = false
  }

  /// Reads `[class] [ttl] [class] type`, in the order in which BIND looks for them.
  mutating func classTTLType(
    _ first: Range<Int>
  ) throws(SyntaxError) -> (RecordClass?, UInt32?, Range<Int>) {
    var word = first
    var recordClass = lexer.bytes.recordClass(in: word)
    if recordClass != nil { word = try nextWord() }
    let ttl = lexer.bytes.timeToLive(in: word)
    if ttl != nil { word = try nextWord() }
    if recordClass == nil {
      recordClass = lexer.bytes.recordClass(in: word)
      if recordClass != nil { word = try nextWord() }
    }
    return (recordClass, ttl, word)
  }

  /// Skips the rest of the record that began at `start` and returns the range of its rdata.
  mutating func skipRecord(from start: Int) throws(SyntaxError) -> Range<Int> {
    let rdata = try lexer.skipRecord(&scanner)
    try checkParentheses(from: start)
    return rdata
  }

  private func checkParentheses(from start: Int) throws(SyntaxError) {
    guard lexer.depth > 0 else { return }
    throw SyntaxError(
      "the record that begins here has a '(' without ')'", at: start, in: lexer.bytes)
  }

  /// The next token that is not a comment.
  mutating func nextOnLine(isBetweenRecords: Bool = false) throws(SyntaxError) -> Token {
    while true {
      let token = try lexer.next()
      guard token.kind == .comment else { return token }
      lookAtComment(token, isBetweenRecords: isBetweenRecords)
    }
  }

  private mutating func lookAtComment(_ token: Token, isBetweenRecords: Bool) {
    scanner.look(
      at: token.range, signLength: 1, in: lexer.bytes,
      list: isBetweenRecords && lexer.depth == 0 ? 0 : nil)
    if scanner.blockCount > resumptions.count {
      resumptions.append(Resumption(offset: token.range.upperBound, origin: origin, owner: owner))
    }
  }

  /// The next word of a record, up to its type.
  private mutating func nextWord() throws(SyntaxError) -> Range<Int> {
    try word(try nextOnLine())
  }

  func word(_ token: Token) throws(SyntaxError) -> Range<Int> {
    switch token.kind {
    case .word: return token.range
    case .string: throw error("a quoted string where a class, TTL or type is expected", at: token)
    default: throw error("the line ends before the type of its record", at: token)
    }
  }

  func error(_ message: String, at token: Token) -> SyntaxError {
    SyntaxError(message, at: token.range.lowerBound, in: lexer.bytes)
  }

  /// Sets the origin to that of a `$ORIGIN` line.
  ///
  /// The owner stays the same, but its text may now mean another name.
  mutating func setOrigin(_ name: DomainName) {
    spellOwner()
    origin = name
    ownerText = 0..<0
  }
}

extension RecordType {
  /// Whether records of this type only describe other records, so that they alone do not make a name.
  var isForDNSSECAlone: Bool { ["NSEC", "NSEC3", "RRSIG"].contains(self) }
}

extension [UInt8] {
  /// The range of a word or string, without the quotes.
  func content(of token: ZoneFileLexer.Token) -> Range<Int> {
    token.kind == .string
      ? token.range.lowerBound + 1..<token.range.upperBound - 1 : token.range
  }
}
