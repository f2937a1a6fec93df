public import DNSNames

/// The parts of a zone file that matter to an edit that adds a record.
///
/// It is made in one pass over the bytes and keeps the bytes, but not the records.
public struct ZoneFileOutline: Sendable {
  /// The file.
  public let bytes: [UInt8]
  /// The origin that completes names without a final dot at the start of the file.
  public let origin: DomainName
  /// The owner of records without one at the start of an included file.
  public let inheritedOwner: DomainName?
  /// The SOA record; nil in an included file, or in a file that is not a zone.
  public var soa: StartOfAuthority? { authorities.first }
  /// All occurrences of the SOA record.
  ///
  /// A zone transfer also ends with the SOA (RFC 5936 section 2.2), and named accepts it twice if both are identical.
  public let authorities: [StartOfAuthority]
  /// The `$INCLUDE` lines, in file order.
  public let includes: [ZoneFileInclude]

  private let blockResult: Result<[ManagedBlock], ManagedBlockError>
  /// The positions after the managed blocks.
  private let resumptions: [ZoneFileReader.Resumption]
  /// The results of the pass for the watched names.
  private let findings: WatchFindings

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - origin: The zone's name, or the origin of the `$INCLUDE` line.
  ///   - owner: For an included file, the owner of the record before the `$INCLUDE` line.
  ///   - watched: The names that the caller will ask about: the pass collects the answers for them as well, so that the
  ///     file is not read again for each. The caller may ask about other names too.
  /// - Throws: An error in the form of a line or in the serial of the SOA that keeps named from reading the file.
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
        if reader.isStartOfAuthority {
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

  /// The managed blocks, in file order.
  ///
  /// Damaged markers do not affect the rest of the outline: only this method throws the error.
  public func blocks() throws(ManagedBlockError) -> [ManagedBlock] {
    try blockResult.get()
  }

  /// The line and column of a byte.
  public func location(of offset: Int) -> SourceLocation {
    SourceLocation(of: offset, in: bytes)
  }

  /// The records of one owner in this file, in file order.
  public func records(of owner: DomainName) -> [ZoneFileRecord] {
    findings.records(of: owner)
      ?? findings(of: WatchedNames(owners: [owner])).records(of: owner) ?? []
  }

  /// The owner names of this file strictly below a name: those that a DNAME there would hide (RFC 6672 2.4).
  public func owners(below name: DomainName, first limit: Int = 10) -> OwnerNames {
    findings.owners(below: name, first: limit)
      ?? findings(of: WatchedNames(parents: [name]), first: limit)
      .owners(below: name, first: limit) ?? OwnerNames()
  }

  /// Reads the file again for names that were not watched.
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

  /// The first record after a position, if it inherits the owner of the record before the position; nil otherwise.
  public func recordInheriting(behind offset: Int) -> ZoneFileRecord? {
    heir(behind: offset).record
  }

  /// The `$INCLUDE` lines between a position and the next record.
  ///
  /// If such a file begins with a record without an owner, that record inherits the owner from before the position.
  public func includesInheriting(behind offset: Int) -> [ZoneFileInclude] {
    heir(behind: offset).includes
  }

  /// Whether the first record of the file has no owner and so inherits that of the record before the `$INCLUDE` line.
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

  /// A reader at the last known position up to an offset: after a managed block, or at the start of the file.
  private func reader(notBeyond offset: Int) throws(SyntaxError) -> ZoneFileReader {
    if let place = resumptions.last(where: { $0.offset <= offset }) {
      return ZoneFileReader(bytes, from: place)
    }
    return try ZoneFileReader(bytes, origin: origin, owner: inheritedOwner)
  }
}
