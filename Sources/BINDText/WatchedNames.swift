/// The names of a zone that somebody will ask about.
public struct WatchedNames: Hashable, Sendable {
  /// The names whose records will be asked for.
  public var owners: Set<DomainName>
  /// The names for which those below them will be asked for.
  public var parents: Set<DomainName>

  /// Makes a choice of names.
  public init(owners: Set<DomainName> = [], parents: Set<DomainName> = []) {
    self.owners = owners
    self.parents = parents
  }
}

/// What a pass over a zone file finds of the names that it watches.
struct WatchFindings: Sendable {
  private struct Records {
    let owner: DomainName
    var found: [ZoneFileRecord] = []
  }

  private struct Below {
    let name: DomainName
    var found = OwnerNames()
    /// Nothing any more at the end of the file.
    var seen = NameSet()
  }

  private var records: [Records]
  private var below: [Below]
  /// How many names below each are kept.
  private let limit: Int
  /// Which of the watched owners the reader's current one is.
  private var current: Int?

  init(of watched: WatchedNames, first limit: Int = 10) {
    records = watched.owners.map { Records(owner: $0) }
    below = watched.parents.map { Below(name: $0) }
    self.limit = limit
  }

  /// Takes in what the reader has come to.
  mutating func look(at step: ZoneFileReader.Step, of reader: ZoneFileReader) {
    switch step {
    case .record(let parts):
      if parts.isOwnerNew {
        let owner = reader.currentOwner
        current = records.firstIndex { $0.owner == owner }
        look(for: owner)
      }
      if let current { records[current].found.append(reader.record(of: parts)) }
    case .directive(.generate(let generate)): look(for: generate.owner)
    case .directive: break
    case .end:
      for index in below.indices { below[index].seen = NameSet() }
    }
  }

  private mutating func look(for owner: DomainName) {
    for index in below.indices
    where owner.isBelow(below[index].name) && below[index].seen.insert(owner) {
      below[index].found.count += 1
      if below[index].found.first.count < limit { below[index].found.first.append(owner) }
    }
  }

  /// The records of an owner; nil if it was not watched.
  func records(of owner: DomainName) -> [ZoneFileRecord]? {
    records.first { $0.owner == owner }?.found
  }

  /// The names below another; nil if it was not watched, or more are wanted than were kept.
  func owners(below name: DomainName, first wanted: Int) -> OwnerNames? {
    guard var found = below.first(where: { $0.name == name })?.found,
      found.first.count >= min(wanted, found.count)
    else { return nil }
    found.first.removeLast(max(0, found.first.count - wanted))
    return found
  }
}
