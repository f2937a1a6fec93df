public import DNSNames

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
  private var watches: [WatchedName]
  /// Where each name's watch is.
  private let places: [DomainName: Int]
  /// How many labels the watched names have: what of an owner's end may be one.
  private let labelCounts: [Int]
  /// Whether an owner is looked up rather than held against every watch: a watch is soon seen not to have it, but
  /// that adds up where there are many.
  private let looksUp: Bool
  /// The one that the reader's current owner is.
  private var current: Int?
  /// Whether the current owner is still to be counted, if it has a record that makes it a name.
  private var isOwnerLeft = false
  /// The origin that the watches have been told.
  private var origin: DomainName?
  /// The reader's current owner; storage that is used again and again.
  private var owner = DomainName.root

  /// How many of the names below each to keep.
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

  /// Takes in what the reader has come to.
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

  /// Notes a name that lies below a watched one.
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

  /// The names below another; nil if it was not watched, or more are wanted than were kept.
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

/// A name that is watched, and what has been found of it.
private struct WatchedName: Sendable {
  /// Which names without a final dot may be the name, or below it.
  private enum Relative {
    case none
    /// All that end so.
    case ending([UInt8])
    case all
  }

  let name: DomainName
  /// Whether its records are wanted.
  let isOwner: Bool
  /// Whether the names below it are wanted.
  let isParent: Bool
  var records: [ZoneFileRecord] = []
  private(set) var below = OwnerNames()
  private let limit: Int
  /// The names below that have been counted.
  private var seen = NameSet()
  private let text: [UInt8]
  private var relative = Relative.none
  /// How many names that `$GENERATE` lines make are still spelled out, to be told from those that are there.
  private var roomForGenerated: Int

  init(_ name: DomainName, isOwner: Bool, isParent: Bool, limit: Int) {
    self.name = name
    self.isOwner = isOwner
    self.isParent = isParent
    self.limit = limit
    roomForGenerated = max(limit, 4096)
    text = Self.text(name.labels) + [ASCII.dot]
  }

  /// The octets of labels with dots between them: what a name without escapes is written like.
  private static func text(_ labels: some Sequence<[UInt8]>) -> [UInt8] {
    Array(labels.joined(separator: [ASCII.dot]))
  }

  /// Tells what names without a final dot are completed with from here on.
  mutating func note(origin: DomainName) {
    if origin.isSubdomain(of: name) {
      relative = isParent ? .all : .none
    } else if name.isBelow(origin) {
      relative = .ending(Self.text(name.labels.dropLast(origin.labelCount)))
    } else {
      relative = .none
    }
  }

  /// Whether a name that is written without escapes may be the name or below it: a look at its end,
  /// which most names do not pass.
  func mayHave(_ written: Range<Int>, in bytes: [UInt8]) -> Bool {
    let last = bytes[written.upperBound - 1]
    if last == ASCII.dot { return Self.ends(written, with: text, in: bytes) }
    // The origin itself may be meant.
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

  /// Forgets at the end of the file what is not asked for.
  mutating func finish() { seen = NameSet() }
}
