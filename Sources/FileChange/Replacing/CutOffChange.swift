import SystemPackage

/// An interrupted change, according to its journal and confirmed by the files.
///
/// The journal is not believed more than it has to be: its folders and files are known by what they are, not by their
/// paths, and where one is something else nothing at all is touched. Only files with a name that zonebridge gives are
/// removed.
struct CutOffChange {
  /// How far a file has come.
  private enum State {
    /// The target is the old file, the companion the new copy.
    case waiting
    /// The target is the new copy.
    case swapped
    /// Swapped, and the old file is gone.
    case done
    /// Swapped, and somebody has written to the old file since.
    case edited
    /// Somebody has put something else in the file's place since.
    case lost
  }

  private let journal: FilePath
  private let targets: [FilePath]
  /// Without those whose folder is gone.
  private var files: [Swap]
  /// Whether all copies had been staged.
  private let isStaged: Bool

  /// - Parameters:
  ///   - journal: the journal's path.
  ///   - entries: its entries.
  ///   - notes: what it says of the copies; nil if it was cut off before they were staged.
  /// - Throws: why the journal cannot be what a change of these files has left; nothing is touched.
  init(
    _ journal: FilePath, _ entries: [JournalEntry], notes: [CopyNote?]?
  ) throws(FileChangeError) {
    self.journal = journal
    targets = entries.map(\.target)
    isStaged = notes != nil
    files = []
    for (index, entry) in entries.enumerated() {
      guard let folder = try Self.folder(of: entry, journal) else { continue }
      let swap = Self.swap(entry, in: folder, notes?[index])
      try Self.prove(swap, entry, isStaged: isStaged, journal)
      files.append(swap)
    }
  }

  /// Nil where it is gone, and all files of the change with it.
  private static func folder(
    of entry: JournalEntry, _ journal: FilePath
  ) throws(FileChangeError) -> Folder? {
    let folder: Folder
    do throws(FileChangeError) {
      folder = try Walk.folder(at: entry.folder.path)
    } catch  where error.isNotFound {
      return nil
    }
    if case .marked(let mark) = entry.folder, !mark.isMark(of: folder) {
      throw .unprovenJournal(
        journal, file: mark.path, reason: "is not the folder whose files were being changed")
    }
    return folder
  }

  private static func swap(
    _ entry: JournalEntry, in folder: Folder, _ note: CopyNote?
  ) -> Swap {
    /// A device's number as it is now: it may be another after a start, and the folder is known by more.
    func device(_ recorded: UInt64?) -> UInt64 {
      guard case .marked(let mark) = entry.folder, let recorded else {
        return recorded ?? folder.identity.device
      }
      return recorded == mark.identity.device ? folder.identity.device : recorded
    }
    let old = entry.before.map {
      FileIdentity(
        device: device($0.device), inode: $0.inode, size: $0.size, modified: $0.modified,
        changed: $0.changed)
    }
    let copy = note.map { NodeID(device: device($0.device), inode: $0.inode) }
    return Swap(
      kind: entry.kind, folder: folder, name: entry.name, companion: entry.companion,
      path: entry.target, old: old, copy: entry.kind == .remove ? nil : copy)
  }

  /// Makes sure that what is there is what a change can have left.
  private static func prove(
    _ swap: Swap, _ entry: JournalEntry, isStaged: Bool, _ journal: FilePath
  ) throws(FileChangeError) {
    func unproven(_ name: FilePath.Component, _ reason: String) -> FileChangeError {
      .unprovenJournal(journal, file: swap.folder.path.appending(name), reason: reason)
    }
    let companion = try swap.occupant(of: swap.companion)
    let keeper = CompanionName.keeper(of: swap.companion)
    let kept = try swap.occupant(of: keeper)
    if isStaged {
      for (name, occupant) in [(swap.companion, companion), (keeper, kept)] where occupant == .other
      {
        throw unproven(name, "is neither the new copy nor the old file")
      }
    } else {
      // Nothing has been swapped yet.
      let status = try swap.folder.status(of: swap.companion, for: .resolve, of: swap.path)
      let isCopy = swap.kind != .remove && status?.type == .regular
      guard companion == .nothing || companion == .other && isCopy else {
        throw unproven(swap.companion, "is not a new copy")
      }
      guard kept == .nothing else {
        throw unproven(keeper, "is not of a change that was only begun")
      }
    }
    if case .path = entry.folder {
      let target = try swap.occupant(of: swap.name)
      guard [target, companion, kept].contains(where: { $0 != .nothing && $0 != .other }) else {
        throw unproven(
          swap.name,
          "is not shown by the journal of an earlier version to be the file that was changed")
      }
    }
  }

  // MARK: The end

  /// Completes or reverts the change; the journal stays.
  func end() throws(FileChangeError) -> Journal.Recovery {
    guard isStaged else {
      for file in files { try removeUnnotedCopy(of: file) }
      try flush()
      return .back(targets)
    }
    for file in files { try finishExchange(of: file) }
    var states: [State] = []
    for file in files { states.append(try state(of: file)) }
    // Once an old file is gone there is no way back.
    let isCleaningUp = zip(files, states).contains { $0.kind == .replace && $1 == .done }
    let isForward =
      isCleaningUp
      || files.count == targets.count && !states.contains(.lost) && !states.contains(.edited)
    var kept: [FilePath] = []
    for (index, state) in states.enumerated() {
      switch (state, isForward) {
      case (.waiting, true):
        try expectSameOwner(files[index])
        var file = files[index]
        try file.goForward()
      case (.swapped, false), (.edited, false): try files[index].goBack()
      default: break
      }
    }
    for file in files {
      if let edit = try file.removeCompanion() { kept.append(edit) }
    }
    try flush()
    return isForward ? .forward(targets, kept: kept) : .back(targets, kept: kept)
  }

  private func flush() throws(FileChangeError) {
    var flushed: Set<NodeID> = []
    for file in files where flushed.insert(file.folder.identity).inserted {
      try file.folder.flush()
    }
  }

  /// Removes a copy whose inode the journal lacks: it is known by its name, in the proven folder.
  private func removeUnnotedCopy(of file: Swap) throws(FileChangeError) {
    guard try file.occupant(of: file.companion) == .other else { return }
    try file.folder.remove(file.companion, of: file.path)
  }

  /// Ends an exchange that was made in several steps (see ``Folder/exchange(_:_:for:of:)``).
  private func finishExchange(of file: Swap) throws(FileChangeError) {
    let keeper = CompanionName.keeper(of: file.companion)
    let kept = try file.occupant(of: keeper)
    guard kept != .nothing else { return }
    let isInTwoPlaces = try file.occupant(of: file.name) == kept
    if try file.occupant(of: file.companion) == .nothing {
      try file.folder.move(keeper, to: file.companion, for: .replace, of: file.path)
    } else if kept != .edited || isInTwoPlaces {
      try file.folder.remove(keeper, of: file.path)
    }
  }

  private func state(of file: Swap) throws(FileChangeError) -> State {
    let target = try file.occupant(of: file.name)
    let companion = try file.occupant(of: file.companion)
    switch file.kind {
    case .replace:
      switch (target, companion) {
      case (.old, .copy): return .waiting
      case (.copy, .old): return .swapped
      case (.copy, .edited): return .edited
      case (.copy, .nothing): return .done
      default: return .lost
      }
    case .create:
      if target == .copy { return .swapped }
      return (target, companion) == (.nothing, .copy) ? .waiting : .lost
    case .remove:
      switch (target, companion) {
      case (.old, .nothing): return .waiting
      case (.nothing, .old): return .swapped
      case (.nothing, .edited): return .edited
      case (.nothing, .nothing): return .done
      default: return .lost
      }
    }
  }

  /// A copy has the owner of the file that it replaces: somebody who could plant a file beside it could not give it
  /// another owner.
  private func expectSameOwner(_ file: Swap) throws(FileChangeError) {
    guard file.kind == .replace else { return }
    let target = try file.folder.status(of: file.name, for: .resolve, of: file.path)
    let copy = try file.folder.status(of: file.companion, for: .resolve, of: file.path)
    guard target?.userID == copy?.userID, target?.groupID == copy?.groupID else {
      throw .unprovenJournal(
        journal, file: file.folder.path.appending(file.companion),
        reason: "does not belong to the owner of \(file.target)")
    }
  }
}
