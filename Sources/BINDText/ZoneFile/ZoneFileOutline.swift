public import DNSNames

/// What a zone file contains: the part that matters to an edit that adds a record.
///
/// It is made in one pass over the bytes and keeps them, not the records.
public struct ZoneFileOutline: Sendable {
  /// The file.
  public let bytes: [UInt8]
  /// What names without a final dot are completed with at the start of the file.
  public let origin: DomainName
  /// The owner that records without one have at the start of an included file.
  public let inheritedOwner: DomainName?
  /// The SOA record; nil in a file that is included, or that is no zone.
  public var soa: StartOfAuthority? { authorities.first }
  /// Each occurrence of the SOA record: a zone transfer ends with it as well (RFC 5936 section 2.2), and named
  /// takes it twice if nothing in it differs.
  public let authorities: [StartOfAuthority]
  /// The `$INCLUDE` lines, in the order in which they stand.
  public let includes: [ZoneFileInclude]

  private let blockResult: Result<[ManagedBlock], ManagedBlockError>
  /// The places behind the managed blocks.
  private let resumptions: [ZoneFileReader.Resumption]
  /// What the pass found of the names that it was to watch.
  private let findings: WatchFindings

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - origin: The zone's name, or what the `$INCLUDE` line says.
  ///   - owner: For an included file, the owner of the record before the `$INCLUDE` line.
  ///   - watched: The names that will be asked about: the pass then gathers the answers as well, and
  ///     the file is not gone through again for each. Others may be asked about too.
  /// - Throws: What keeps named from reading the file, if it is the form of a line or the SOA's serial.
  public init(
    parsing bytes: [UInt8], origin: DomainName, owner: DomainName? = nil,
    watching watched: WatchedNames = WatchedNames()
  ) throws(SyntaxError) {
    var reader = try ZoneFileReader(bytes, origin: origin, owner: owner)
    var authorities: [StartOfAuthority] = []
    var includes: [ZoneFileInclude] = []
    var findings = WatchFindings(of: watched)
    reading: while true {
      let step = try reader.step()
      findings.look(at: step, of: &reader)
      switch step {
      case .record:
        if reader.recordType == "SOA" {
          authorities.append(try StartOfAuthority(reader.record, in: bytes))
        }
      case .directive(.include(let include)): includes.append(include)
      case .directive: break
      case .end: break reading
      }
    }
    self.findings = findings
    self.bytes = bytes
    self.origin = origin
    inheritedOwner = owner
    self.authorities = authorities
    self.includes = includes
    blockResult = reader.blockResult
    resumptions = reader.resumptions
  }

  /// The managed blocks, in the order in which they stand.
  ///
  /// Damaged markers do not keep the rest of the outline from being read: they are thrown here.
  public func blocks() throws(ManagedBlockError) -> [ManagedBlock] {
    try blockResult.get()
  }

  /// The line and column of a byte.
  public func location(of offset: Int) -> SourceLocation {
    SourceLocation(of: offset, in: bytes)
  }

  /// The records of one owner in this file, in the order in which they stand.
  public func records(of owner: DomainName) -> [ZoneFileRecord] {
    findings.records(of: owner)
      ?? findings(of: WatchedNames(owners: [owner])).records(of: owner) ?? []
  }

  /// The owner names of this file that lie strictly below a name: what a DNAME there would hide
  /// (RFC 6672 2.4).
  public func owners(below name: DomainName, first limit: Int = 10) -> OwnerNames {
    findings.owners(below: name, first: limit)
      ?? findings(of: WatchedNames(parents: [name]), first: limit)
      .owners(below: name, first: limit) ?? OwnerNames()
  }

  /// Goes through the file once more, for names that were not watched.
  private func findings(of watched: WatchedNames, first limit: Int = 0) -> WatchFindings {
    var findings = WatchFindings(of: watched, first: limit)
    guard var reader = try? ZoneFileReader(bytes, origin: origin, owner: inheritedOwner) else {
      return findings
    }
    while let step = try? reader.step() {
      findings.look(at: step, of: &reader)
      if case .end = step { break }
    }
    return findings
  }

  /// The first record behind a place if it has no owner of its own, and so has that of the record
  /// before the place; nil where nothing inherits.
  public func recordInheriting(behind offset: Int) -> ZoneFileRecord? {
    heir(behind: offset).record
  }

  /// The `$INCLUDE` lines between a place and the next record: if such a file begins with a record
  /// without owner, that is the one of the record before the place.
  public func includesInheriting(behind offset: Int) -> [ZoneFileInclude] {
    heir(behind: offset).includes
  }

  /// Whether the file's first record has no owner of its own, and so has that of the record before
  /// the `$INCLUDE` line.
  public var beginsWithoutOwner: Bool {
    heir(behind: 0).record != nil
  }

  private func heir(behind offset: Int) -> (record: ZoneFileRecord?, includes: [ZoneFileInclude]) {
    var heir: ZoneFileRecord?
    var includes: [ZoneFileInclude] = []
    guard var reader = try? reader(notBeyond: offset) else { return (nil, []) }
    reading: while let entry = try? reader.next() {
      switch entry {
      case .include(let include) where include.range.lowerBound >= offset:
        includes.append(include)
      case .record(let record) where record.range.lowerBound >= offset:
        if record.ownerRange == nil { heir = record }
        break reading
      default: break
      }
    }
    return (heir, includes)
  }

  /// A reader at the last known place that is not beyond an offset: behind a managed block, or at the
  /// start of the file.
  private func reader(notBeyond offset: Int) throws(SyntaxError) -> ZoneFileReader {
    if let place = resumptions.last(where: { $0.offset <= offset }) {
      return ZoneFileReader(bytes, from: place)
    }
    return try ZoneFileReader(bytes, origin: origin, owner: inheritedOwner)
  }
}
