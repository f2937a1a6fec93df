import SystemPackage

/// A file that changes places with its companion: two names in one folder, and what belongs under them.
///
/// Anybody who may write to the folder may put something else under either name at any moment. So the result of a
/// rename is compared, by inode, with the intention, and undone if it differs.
struct Swap: Sendable {
  enum Kind: String, Sendable {
    case replace, create, remove
  }

  /// What is under one of the two names.
  enum Occupant: Equatable {
    case nothing
    /// The new copy, as it was written.
    case copy
    /// The old file, as it was read.
    case old
    /// The old file, and somebody has written to it since.
    case edited
    case other
  }

  let kind: Kind
  let folder: Folder
  let name: FilePath.Component
  let companion: FilePath.Component
  /// What messages call the file.
  let path: FilePath
  /// The old file; nil for one that is created.
  let old: FileIdentity?
  /// The new copy; nil for a file that is removed, and where it is not known yet.
  var copy: NodeID?
  /// The old file as it was when it had got the companion's name: a rename counts as a change of the inode.
  var displaced: FileIdentity?

  /// The file itself, symbolic links followed.
  var target: FilePath { folder.path.appending(name) }

  func occupant(of name: FilePath.Component) throws(FileChangeError) -> Occupant {
    guard let status = try folder.status(of: name, for: .resolve, of: path) else { return .nothing }
    let node = NodeID(status)
    if status.type == .regular, node == copy { return .copy }
    guard status.type == .regular, let old, node == old.node else { return .other }
    let identity = FileIdentity(status)
    if let displaced { return identity == displaced ? .old : .edited }
    return identity.size == old.size && identity.modified == old.modified ? .old : .edited
  }

  // MARK: Forward

  /// Puts the new copy in the file's place, and the old file in the companion's; the folder is not yet
  /// flushed.
  /// - Throws: ``FileChangeError/changedMeanwhile(_:)`` and the like, when all is as it was before.
  mutating func goForward() throws(FileChangeError) {
    switch kind {
    case .replace: try replace()
    case .create: try create()
    case .remove: try remove()
    }
    guard old != nil else { return }
    displaced = try folder.status(of: companion, for: .resolve, of: path).map { FileIdentity($0) }
  }

  private func replace() throws(FileChangeError) {
    try expectCopy()
    try folder.exchange(companion, name, for: .replace, of: path)
    guard try occupant(of: name) == .copy else { throw try takenBack(.replace) }
    guard try occupant(of: companion) == .old else {
      // Somebody has put another file in the place since the last look, or saved this one: theirs stands.
      try folder.exchange(companion, name, for: .replace, of: path)
      throw .changedMeanwhile(path)
    }
  }

  private func create() throws(FileChangeError) {
    try expectCopy()
    do throws(FileChangeError) {
      try folder.move(companion, to: name, for: .create, of: path)
    } catch .system(_, _, .fileExists) {
      throw .alreadyExists(path)
    }
    guard try occupant(of: name) == .copy else { throw try takenBack(.create) }
  }

  private func remove() throws(FileChangeError) {
    try folder.move(name, to: companion, for: .remove, of: path)
    guard try occupant(of: companion) == .old else {
      do throws(FileChangeError) {
        try folder.move(companion, to: name, for: .create, of: path)
      } catch {
        guard let kept = try keepCompanion() else { throw error }
        throw .keptBeside(path, at: kept)
      }
      throw .changedMeanwhile(path)
    }
  }

  private func expectCopy() throws(FileChangeError) {
    guard try occupant(of: companion) == .copy else { throw .copyReplaced(path) }
  }

  /// Undoes a step by which something that we did not write has got the file's name.
  private func takenBack(_ step: FileOperation) throws(FileChangeError) -> FileChangeError {
    if kind == .replace {
      try folder.exchange(companion, name, for: step, of: path)
    } else {
      try folder.move(name, to: companion, for: step, of: path)
    }
    guard let kept = try keepCompanion() else { return .copyReplaced(path) }
    return .keptBeside(path, at: kept)
  }

  // MARK: Back

  /// Undoes the swap, unless somebody has put something else in the file's place since: theirs stands.
  func goBack() throws(FileChangeError) {
    switch kind {
    case .replace:
      guard try occupant(of: name) == .copy, try isOld(companion) else {
        throw .changedMeanwhile(path)
      }
      try folder.exchange(companion, name, for: .replace, of: path)
      guard try isOld(name), try occupant(of: companion) == .copy else {
        try folder.exchange(companion, name, for: .replace, of: path)
        throw .changedMeanwhile(path)
      }
    case .create:
      guard try occupant(of: name) == .copy else { throw .changedMeanwhile(path) }
      guard try occupant(of: companion) != .copy else {
        // It was cut off between the two steps of a move (see ``Folder/move(_:to:for:of:)``).
        return try folder.remove(name, of: path)
      }
      try folder.move(name, to: companion, for: .remove, of: path)
      guard try occupant(of: companion) == .copy else {
        try folder.move(companion, to: name, for: .create, of: path)
        throw .changedMeanwhile(path)
      }
    case .remove:
      guard try isOld(companion) else { throw .changedMeanwhile(path) }
      try folder.move(companion, to: name, for: .create, of: path)
    }
  }

  /// Whether it is the old file, written to or not.
  private func isOld(_ name: FilePath.Component) throws(FileChangeError) -> Bool {
    let occupant = try occupant(of: name)
    return occupant == .old || occupant == .edited
  }

  // MARK: The companion

  /// Makes sure that nobody has written to the old file since it was read: who had it open does not know
  /// that it has another name by now.
  func expectNoEdit() throws(FileChangeError) {
    guard try occupant(of: companion) != .edited else { throw .changedMeanwhile(path) }
  }

  /// Takes the companion away: the new copy before the swap or after going back, else the old file.
  ///
  /// Whether there is one is looked at first: a file that is created or removed has none at one end of the
  /// way or the other, and a file system that is mounted read-only refuses to remove even what is not
  /// there. What somebody else has put there is left alone.
  /// - Returns: where the old file is now if somebody wrote to it at the last moment; nil if it is gone.
  func removeCompanion() throws(FileChangeError) -> FilePath? {
    switch try occupant(of: companion) {
    case .nothing, .other: return nil
    case .copy, .old: try folder.remove(companion, of: path)
    case .edited: return try keepCompanion()
    }
    return nil
  }

  /// Gives what has the companion's name, and is not ours to remove, one by which it is found; nil if there
  /// is nothing of the kind.
  private func keepCompanion() throws(FileChangeError) -> FilePath? {
    switch try occupant(of: companion) {
    case .nothing, .copy, .old: return nil
    case .edited, .other: break
    }
    let kept = CompanionName.makeForEdit(of: name)
    try folder.move(companion, to: kept, for: .replace, of: path)
    return folder.path.appending(kept)
  }
}
