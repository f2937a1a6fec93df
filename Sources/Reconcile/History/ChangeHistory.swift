import DNSNames
import FileChange
import FoundationEssentials
package import ReconcileModel
import SystemPackage

/// The last changes with what they replaced, a file each in the folder `history` of the state directory.
package struct ChangeHistory: Sendable {
  private static let limit = 20

  private let state: StateDirectory
  var directory: FilePath { state.history }

  package init(in state: StateDirectory) {
    self.state = state
  }

  func folder() throws(FileChangeError) -> PrivateFolder {
    try state.folder().folder(StateDirectory.Name.history)
  }

  /// What was changed, the last change first; a damaged file is left out.
  package var entries: [HistoryEntry] {
    numbers.compactMap { read(Self.name(of: $0)) }
  }

  /// What the last change of each file left.
  var left: [FilePath: FileMark] {
    var left: [FilePath: FileMark] = [:]
    for file in entries.reversed().flatMap(\.files) {
      left[FilePath(recorded: file.path)] = file.left
    }
    return left
  }

  /// The highest serial of each zone that these changes have published.
  var serials: [ZoneInView: SerialNumber] {
    var serials: [ZoneInView: SerialNumber] = [:]
    for file in entries.flatMap(\.files) {
      guard let zone = file.zone.flatMap({ try? DomainName($0) }) else { continue }
      let name = ZoneInView(name: zone, view: file.view)
      for edit in file.edits where edit.isSerial {
        let digits = String(decoding: edit.new.bytes, as: UTF8.self)
        guard let serial = SerialNumber(decimal: digits) else { continue }
        if serials[name].map(serial.isNewer) ?? true { serials[name] = serial }
      }
    }
    return serials
  }

  /// Records a change before it is made.
  func begin(_ proposal: Proposal) throws(FileChangeError) -> HistoryEntry {
    let entry = HistoryEntry(proposal, number: (numbers.first ?? 0) + 1)
    try makeFolder()
    do throws(FileChangeError) {
      try write(entry, to: Self.pending)
    } catch {
      unlink(Self.pending)
      throw error
    }
    return entry
  }

  /// The change was made.
  func commit(_ entry: HistoryEntry) throws(FileChangeError) {
    var entry = entry
    for index in entry.files.indices {
      let state = FileState(of: FilePath(recorded: entry.files[index].path))
      entry.files[index].left = state.map { FileMark($0.identity) }
    }
    guard let name = Self.name(of: entry.number) else { return }
    try write(entry, to: name)
    // Beside an entry of its number it counts as recorded, so that nothing is lost if it comes back after a power failure.
    unlink(Self.pending)
    for number in numbers.dropFirst(Self.limit) { unlink(Self.name(of: number)) }
  }

  /// The change was not made.
  func abandon(_ entry: HistoryEntry) {
    unlink(Self.pending)
    unlink(Self.name(of: entry.number))
  }

  /// The change was reverted, in these files.
  func forget(_ entry: HistoryEntry, except kept: (FilePath) -> Bool) {
    var rest = entry
    rest.files.removeAll { !kept(FilePath(recorded: $0.path)) }
    // Dynamic zones come after what is seen served.
    rest.updates = []
    if rest.files.isEmpty {
      unlink(Self.name(of: entry.number))
    } else {
      try? commit(rest)
    }
  }

  /// A part of the change was reverted: what is left of it is the change.
  func replace(_ entry: HistoryEntry, by proposal: Proposal, hasUpdates: Bool) {
    var rest = HistoryEntry(proposal, number: entry.number)
    if !hasUpdates { rest.updates = [] }
    if rest.files.isEmpty, rest.updates.isEmpty {
      unlink(Self.name(of: entry.number))
    } else {
      try? commit(rest)
    }
  }

  /// Some aliases of dynamic zones were not changed after all.
  func correct(_ entry: HistoryEntry, without owners: Set<DomainName>) {
    var rest = entry
    rest.updates.removeAll { update in owners.contains { "\($0)" == update.owner } }
    if rest.files.isEmpty, rest.updates.isEmpty {
      unlink(Self.name(of: entry.number))
    } else {
      try? commit(rest)
    }
  }

  /// Finds out whether a change was made that a pass had no time to record as made.
  func recover() throws(PassError) {
    try? folder().removeUnfinishedCopies { name in
      name == Self.pending.string || Self.number(of: name) != nil
    }
    defer { unlink(Self.pending) }
    guard let entry = read(Self.pending), entry.isMade, numbers.first ?? 0 < entry.number else {
      return
    }
    do throws(FileChangeError) {
      try commit(entry)
    } catch {
      throw PassError("a change that was cut off cannot be recorded", error)
    }
  }

  // MARK: Files

  private static let pending: FilePath.Component = "pending"

  static func name(of number: Int) -> FilePath.Component? {
    FilePath.Component("\(number).json")
  }

  /// The numbers of the changes, the last one first.
  package var numbers: [Int] {
    ((try? folder().names()) ?? []).compactMap { Self.number(of: $0.string) }
      .sorted(by: >)
  }

  /// Nil for a file that is not of a change.
  private static func number(of name: String) -> Int? {
    name.hasSuffix(".json") ? Int(name.dropLast(5)) : nil
  }

  /// Makes the folder if it is missing.
  private func makeFolder() throws(FileChangeError) {
    do throws(FileChangeError) {
      _ = try state.folder().makeFolder(StateDirectory.Name.history)
    } catch .system(_, _, .fileExists) {
    }
  }

  private func read(_ name: FilePath.Component?) -> HistoryEntry? {
    guard let name, let snapshot = try? folder().read(name) else { return nil }
    return try? JSONDecoder().decode(HistoryEntry.self, from: Data(snapshot.bytes))
  }

  private func write(
    _ entry: HistoryEntry, to name: FilePath.Component
  ) throws(FileChangeError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and lists: JSON can express all of it.
    let text = (try? encoder.encode(entry)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    // It may quote a key that stands beside an edit in named.conf.
    try StateFile.write(text + "\n", to: name, in: try folder(), mode: .ownerReadWrite)
  }

  private func unlink(_ name: FilePath.Component?) {
    guard let name else { return }
    try? folder().remove(name)
  }
}

extension HistoryEntry {
  /// Whether its files are as it left them; one tells for all, because all were changed, or none.
  fileprivate var isMade: Bool {
    guard let file = files.first else { return true }
    let snapshot = try? FileSnapshot.read(FilePath(recorded: file.path))
    switch file.action {
    case .made: return snapshot != nil
    case .removed: return snapshot == nil
    case .changed:
      guard let bytes = snapshot?.bytes else { return false }
      return file.edits.allSatisfy { $0.stands(in: bytes, at: $0.offsetAfter) }
    }
  }
}
