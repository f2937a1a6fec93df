/// What a zone file holds, as far as somebody has to know who puts a record into it.
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
  public let soa: StartOfAuthority?
  /// The `$INCLUDE` lines, in the order in which they stand.
  public let includes: [ZoneFileInclude]

  private let blockResult: Result<[ManagedBlock], ManagedBlockError>

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - origin: The zone's name, or what the `$INCLUDE` line says.
  ///   - owner: For an included file, the owner of the record before the `$INCLUDE` line.
  /// - Throws: What keeps named from reading the file, as far as it concerns the form of lines and
  ///   the SOA's serial.
  public init(
    parsing bytes: [UInt8], origin: DomainName, owner: DomainName? = nil
  ) throws(SyntaxError) {
    var reader = try ZoneFileReader(bytes, origin: origin, owner: owner)
    var soa: StartOfAuthority?
    var includes: [ZoneFileInclude] = []
    while let entry = try reader.next() {
      switch entry {
      case .record(let record) where soa == nil && record.type == "SOA":
        soa = try StartOfAuthority(record, in: bytes)
      case .include(let include):
        includes.append(include)
      default: break
      }
    }
    self.bytes = bytes
    self.origin = origin
    inheritedOwner = owner
    self.soa = soa
    self.includes = includes
    blockResult = reader.blockResult
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

  /// Goes through the entries of the file once more.
  func forEachEntry(_ body: (ZoneFileEntry) -> Bool) {
    guard var reader = try? ZoneFileReader(bytes, origin: origin, owner: inheritedOwner) else {
      return
    }
    while let entry = try? reader.next(), body(entry) {}
  }

  /// The records of one owner in this file, in the order in which they stand.
  public func records(of owner: DomainName) -> [ZoneFileRecord] {
    var records: [ZoneFileRecord] = []
    forEachEntry { entry in
      if case .record(let record) = entry, record.owner == owner { records.append(record) }
      return true
    }
    return records
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
    forEachEntry { entry in
      switch entry {
      case .include(let include) where include.range.lowerBound >= offset:
        includes.append(include)
        return true
      case .record(let record) where record.range.lowerBound >= offset:
        if record.ownerRange == nil { heir = record }
        return false
      default: return true
      }
    }
    return (heir, includes)
  }
}
