import Glibc
package import SystemPackage

/// The journal of a change of several files: what is being replaced, and how far that has come.
///
/// It is written and flushed before anything else is, and is removed when the change is complete. So what a power
/// failure or a signal leaves can be recognised and completed: forward where all new copies were flushed, else back.
package struct Journal: Sendable {
  private static let name: FilePath.Component = "journal"
  /// A line for each file of a change.
  private static let limit: Int64 = 16 << 20

  private let directory: FilePath
  private let held: PrivateFolder?
  private var path: FilePath { directory.appending(Self.name) }

  /// - Parameters:
  ///   - stateDirectory: on a local file system; the caller must hold its lock.
  ///   - held: the same, if it is held open: then its path is only for messages.
  package init(in stateDirectory: FilePath, held: PrivateFolder? = nil) {
    directory = stateDirectory
    self.held = held
  }

  private func folder() throws(FileChangeError) -> PrivateFolder {
    if let held { return held }
    return try PrivateFolder(at: directory)
  }

  /// What was found of a change that was cut off.
  package enum Recovery: Equatable, Sendable {
    case nothing
    /// The change was completed; what somebody wrote meanwhile has a name of its own.
    case forward([FilePath], kept: [FilePath] = [])
    /// The files are what they were before.
    case back([FilePath], kept: [FilePath] = [])
  }

  /// Writes down what is about to be staged.
  func begin(_ files: [StagedReplacement]) throws(FileChangeError) {
    let entries = files.map(JournalEntry.init)
    let text = ([Self.title] + entries.map(\.line) + [Self.endOfEntries])
      .map { "\($0)\n" }.joined()
    do throws(FileChangeError) {
      try write(text, flags: O_CREAT | O_EXCL).flush()
    } catch .system(let operation, let failed, .fileExists) {
      // It is that of another change, which has still to be completed by it.
      throw .system(operation, failed, .fileExists)
    } catch {
      try? close()
      throw error
    }
  }

  /// Writes down that all new copies are flushed: from here on, the way out is forward.
  func noteStaged(_ files: [StagedReplacement]) throws(FileChangeError) {
    let fields = files.map { $0.swap.copy.map { CopyNote($0).field } ?? "-" }
    try write("\(Self.staged) \(fields.joined(separator: " "))\n", flags: O_APPEND)
  }

  /// Ends the journal.
  func close() throws(FileChangeError) {
    let folder = try folder().folder
    do throws(FileChangeError) {
      try folder.remove(Self.name, of: path)
    } catch  where error.isNotFound {
      return
    }
    try folder.flush()
  }

  /// - Returns: the folder that it is in.
  @discardableResult
  private func write(_ text: String, flags: CInt) throws(FileChangeError) -> Folder {
    let folder = try folder().folder
    let file = try folder.open(
      Self.name, flags: O_WRONLY | flags, mode: 0o600, for: .stage, of: path)
    try file.write(Array(text.utf8)[...], for: .stage, of: path)
    try file.flush(of: path)
    return folder
  }

  private static let title =
    "# zonebridge is changing these files; the next pass ends what was cut off."
  private static let endOfEntries = "end"
  private static let staged = "staged"

  /// Completes or reverts an interrupted change.
  ///
  /// - Returns: what was done.
  /// - Throws: what keeps a file from being put in order; the journal then stays.
  package func recover() throws(FileChangeError) -> Recovery {
    guard let text = try ownText() else { return .nothing }
    let lines = String(decoding: text, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == Self.title[...], let end = lines.firstIndex(of: Self.endOfEntries[...])
    else {
      // It was cut off itself, and so before anything else was written.
      try close()
      return .nothing
    }
    let entries = lines[1..<end].compactMap(JournalEntry.init)
    guard entries.count == end - 1 else { throw .damagedJournal(path) }
    let notes = Self.notes(lines[(end + 1)...])
    let recovery = try CutOffChange(
      path, entries, notes: notes?.count == entries.count ? notes : nil
    ).end()
    try close()
    return recovery
  }

  /// What is said of the copies; nil where the note is missing, or was cut off.
  private static func notes(_ rest: ArraySlice<Substring>) -> [CopyNote?]? {
    guard let line = rest.first, rest.count == 2, line.hasPrefix(staged) else { return nil }
    return line.split(separator: " ").dropFirst().map { CopyNote($0) }
  }

  /// What it says, if it was written by this user or by root; nil if there is none.
  private func ownText() throws(FileChangeError) -> [UInt8]? {
    let snapshot: FileSnapshot
    do throws(FileChangeError) {
      snapshot = try folder().read(Self.name, limit: Self.limit)
    } catch  where error.isNotFound {
      return nil
    } catch .notRegular {
      // It leads elsewhere, and we never had it do so.
      let status = try folder().folder.status(of: Self.name, for: .resolve, of: path)
      throw .foreignJournal(path, owner: status?.userID.rawValue ?? geteuid())
    }
    // It decides which files are renamed and removed, so it must be in its folder itself, and nobody else may have
    // written it.
    let metadata = snapshot.metadata
    guard isOurs(metadata.owner),
      metadata.mode.isDisjoint(with: [.groupWrite, .otherWrite]), snapshot.linkCount == 1
    else { throw .foreignJournal(path, owner: metadata.owner) }
    return snapshot.bytes
  }
}
