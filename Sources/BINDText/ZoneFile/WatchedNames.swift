public import DNSNames

/// The names of a zone that the caller will ask about.
public struct WatchedNames: Hashable, Sendable {
  /// The names whose records the caller will ask for.
  public var owners: Set<DomainName>
  /// The names whose descendants the caller will ask for.
  public var parents: Set<DomainName>

  /// Selects names.
  public init(owners: Set<DomainName> = [], parents: Set<DomainName> = []) {
    self.owners = owners
    self.parents = parents
  }
}

/// The results of a pass over a zone file for the names that it watches.
struct WatchFindings: Sendable {
  private var watches: [WatchedName]
  /// The index of each name's watch.
  private let places: [DomainName: Int]
  /// The label counts of the watched names: only suffixes of an owner with as many labels can be watched.
  private let labelCounts: [Int]
  /// Whether an owner is looked up in `places` rather than compared with every watch.
  ///
  /// One comparison usually fails early, but with many watches they add up.
  private let looksUp: Bool
  /// The index of the watch whose name is the reader's current owner.
  private var current: Int?
  /// Whether the current owner still has to be counted, if one of its next records makes it a name.
  private var isOwnerLeft = false
  /// The origin last passed to the watches.
  private var origin: DomainName?
  /// The reader's current owner, in reused storage.
  private var owner = DomainName.root

  /// Keeps up to `limit` of the names below each watched name.
  init(of watched: WatchedNames, first limit: Int = 10) {
    let watches = watched.owners.union(watched.parents).map { name in
      WatchedName(
        name, isOwner: watched.owners.contains(name), isParent: watched.parents.contains(name),
        limit: limit)
    }
    places = Dictionary(
      uniqueKeysWithValues: watches.indices.map { (watches[$0].name, $0) })
    labelCounts = Set(watches.map(\.name.labelCount)).sorted()
    looksUp = watches.count > 8
    self.watches = watches
  }

  /// Processes the step that the reader has just made.
  mutating func look(at step: ZoneFileReader.Step, of reader: inout ZoneFileReader) {
    switch step {
    case .record:
      if reader.parts.isOwnerNew || isOwnerLeft { lookAtOwner(of: &reader) }
      if let current { watches[current].records.append(reader.record) }
    case .directive(.origin): origin = nil
    case .directive(.generate(let generate)):
      for index in watches.indices { watches[index].look(at: generate) }
    case .directive: break
    case .end:
      for index in watches.indices { watches[index].finish() }
    }
  }

  private mutating func lookUpOwner(of reader: inout ZoneFileReader) {
    current = nil
    isOwnerLeft = false
    reader.spellOwner(into: &owner)
    let labelCount = owner.labelCount
    for count in labelCounts.prefix(while: { $0 <= labelCount }) {
      guard let index = places[owner.suffix(of: count)] else { continue }
      if count == labelCount {
        if watches[index].isOwner { current = index }
      } else if watches[index].isParent {
        note(owner, at: index, &reader)
      }
    }
  }

  /// Records a name below a watched one.
  private mutating func note(
    _ owner: DomainName, at index: Int, _ reader: inout ZoneFileReader
  ) {
    if reader.isIncidental {
      isOwnerLeft = true
    } else {
      watches[index].look(at: owner, reader.parts.range)
    }
  }

  private mutating func lookAtOwner(of reader: inout ZoneFileReader) {
    if looksUp { return lookUpOwner(of: &reader) }
    if origin == nil {
      origin = reader.origin
      for index in watches.indices { watches[index].note(origin: reader.origin) }
    }
    current = nil
    isOwnerLeft = false
    var isSpelled = false
    for index in watches.indices {
      guard reader.isOwnerSpelled || watches[index].mayHave(reader.ownerText, in: reader.bytes)
      else { continue }
      if !isSpelled { reader.spellOwner(into: &owner) }
      isSpelled = true
      if watches[index].isParent, owner.isBelow(watches[index].name) {
        note(owner, at: index, &reader)
      }
      if watches[index].isOwner, watches[index].name == owner { current = index }
    }
  }

  /// The records of an owner; nil if it was not watched.
  func records(of owner: DomainName) -> [ZoneFileRecord]? {
    places[owner].map { watches[$0] }.flatMap { $0.isOwner ? $0.records : nil }
  }

  /// The names below another; nil if it was not watched, or if fewer names were kept than wanted.
  func owners(below name: DomainName, first wanted: Int) -> OwnerNames? {
    guard let watch = places[name].map({ watches[$0] }), watch.isParent else { return nil }
    var found = watch.below
    guard found.first.count >= min(wanted, found.count)
    else { return nil }
    found.first.removeLast(max(0, found.first.count - wanted))
    found.offsets.removeLast(max(0, found.offsets.count - wanted))
    return found
  }
}

/// A watched name and what the pass has found for it.
private struct WatchedName: Sendable {
  /// The names without a final dot that may be the watched name or below it.
  private enum Relative {
    case none
    /// Those with this ending.
    case ending([UInt8])
    case all
  }

  let name: DomainName
  /// Whether the caller wants its records.
  let isOwner: Bool
  /// Whether the caller wants the names below it.
  let isParent: Bool
  var records: [ZoneFileRecord] = []
  private(set) var below = OwnerNames()
  private let limit: Int
  /// The names below it that have been counted.
  private var seen = NameSet()
  private let text: [UInt8]
  private var relative = Relative.none
  /// How many more names of `$GENERATE` lines to spell out, so that duplicates of other names are found.
  private var roomForGenerated: Int

  init(_ name: DomainName, isOwner: Bool, isParent: Bool, limit: Int) {
    self.name = name
    self.isOwner = isOwner
    self.isParent = isParent
    self.limit = limit
    roomForGenerated = max(limit, 4096)
    text = Self.text(name.labels) + [ASCII.dot]
  }

  /// The octets of labels with dots between them: the text of a name without escapes.
  private static func text(_ labels: some Sequence<[UInt8]>) -> [UInt8] {
    Array(labels.joined(separator: [ASCII.dot]))
  }

  /// Sets the origin that completes names without a final dot from here on.
  mutating func note(origin: DomainName) {
    if origin.isSubdomain(of: name) {
      relative = isParent ? .all : .none
    } else if name.isBelow(origin) {
      relative = .ending(Self.text(name.labels.dropLast(origin.labelCount)))
    } else {
      relative = .none
    }
  }

  /// Whether a name written without escapes may be the watched name or below it.
  ///
  /// It compares only the ends, which rules out most names.
  func mayHave(_ written: Range<Int>, in bytes: [UInt8]) -> Bool {
    let last = bytes[written.upperBound - 1]
    if last == ASCII.dot { return Self.ends(written, with: text, in: bytes) }
    // It may be the origin itself.
    if last == ASCII.at { return true }
    switch relative {
    case .none: return false
    case .ending(let text): return Self.ends(written, with: text, in: bytes)
    case .all: return true
    }
  }

  private static func ends(
    _ written: Range<Int>, with text: [UInt8], in bytes: [UInt8]
  ) -> Bool {
    guard written.count >= text.count else { return false }
    var place = written.upperBound
    for byte in text.reversed() {
      place -= 1
      guard ASCII.lowercased(bytes[place]) == ASCII.lowercased(byte) else { return false }
    }
    return true
  }

  mutating func look(at owner: DomainName, _ range: Range<Int>) {
    guard isParent, owner.isBelow(name), seen.insert(owner) else { return }
    below.count += 1
    guard below.first.count < limit else { return }
    below.first.append(owner)
    below.offsets.append(range.lowerBound)
  }

  mutating func look(at line: ZoneFileGenerate) {
    if isOwner { records += line.records(of: name) }
    guard isParent, !line.type.isForDNSSECAlone else { return }
    for numbers in line.names.numbers(below: name) {
      let spelled = numbers.all.prefix(roomForGenerated)
      for number in spelled { line.names.name(for: number).map { look(at: $0, line.range) } }
      let count = min(numbers.count, roomForGenerated)
      roomForGenerated -= count
      below.count += numbers.count - count
    }
  }

  /// Frees what is not needed after the end of the file.
  mutating func finish() { seen = NameSet() }
}
