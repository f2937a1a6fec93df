import Glibc
package import SystemPackage

/// The journal of a change of several files: what is being replaced, and how far that has come.
///
/// It is written and flushed before anything else is, and is gone when the change is whole. So what
/// a power failure or a signal leaves can be told, and brought to its end: forward where all new copies
/// were flushed, else back.
package struct Journal: Sendable {
  private let path: FilePath

  /// - Parameter stateDirectory: on a local file system; whoever uses the journal has its lock.
  package init(in stateDirectory: FilePath) {
    path = stateDirectory.appending("journal")
  }

  /// What was found of a change that was cut off.
  package enum Recovery: Equatable, Sendable {
    case nothing
    /// The change was brought to its end.
    case forward([FilePath])
    /// The files are what they were before.
    case back([FilePath])
  }

  /// Writes down what is about to be staged.
  func begin(_ files: [StagedReplacement]) throws(FileChangeError) {
    let entries = files.map(JournalEntry.init)
    let text = ([Self.title] + entries.map(\.line) + [Self.endOfEntries])
      .map { "\($0)\n" }.joined()
    do throws(FileChangeError) {
      try write(text, flags: O_CREAT | O_EXCL)
      try syncDirectory(path.removingLastComponent())
    } catch .system(let operation, let failed, .fileExists) {
      // It is that of another change, which has still to be brought to its end by it.
      throw .system(operation, failed, .fileExists)
    } catch {
      try? close()
      throw error
    }
  }

  /// Writes down that all new copies are flushed: from here on, the way out is forward.
  func noteStaged(_ files: [StagedReplacement]) throws(FileChangeError) {
    var inodes: [String] = []
    for file in files {
      inodes.append(
        file.replacement.contents == nil
          ? "-" : "\(FileIdentity(try currentStatus(of: file.companion)).inode)")
    }
    try write("\(Self.staged) \(inodes.joined(separator: " "))\n", flags: O_APPEND)
  }

  /// Ends the journal.
  func close() throws(FileChangeError) {
    do throws(FileChangeError) {
      try attempt(.remove, path) { unsafe path.withPlatformString { unsafe unlink($0) } }
    } catch  where error.isNotFound {
      return
    }
    try syncDirectory(path.removingLastComponent())
  }

  private func write(_ text: String, flags: CInt) throws(FileChangeError) {
    let file = try OpenFile(
      path, flags: O_WRONLY | O_NOFOLLOW | flags, mode: 0o600, for: .stage, of: path)
    try file.write(Array(text.utf8)[...], for: .stage, of: path)
    let descriptor = file.descriptor
    try attempt(.sync, path) { fsync(descriptor) }
  }

  private static let title =
    "# zonebridge is changing these files; the next pass ends what was cut off."
  private static let endOfEntries = "end"
  private static let staged = "staged"

  /// Brings a change that was cut off to its end, or takes it back.
  ///
  /// - Returns: what was done.
  /// - Throws: what keeps a file from being put in order; the journal then stays.
  package func recover() throws(FileChangeError) -> Recovery {
    let text: [UInt8]
    do throws(FileChangeError) {
      text = try FileSnapshot.read(path).bytes
    } catch  where error.isNotFound {
      return .nothing
    }
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
    var inodes: [UInt64?]?
    let rest = lines[(end + 1)...]
    if let line = rest.first, rest.count == 2, line.hasPrefix(Self.staged) {
      inodes = line.split(separator: " ").dropFirst().map { UInt64($0) }
    }
    let recovery = try recover(entries, staged: inodes)
    for directory in Set(entries.map { $0.target.removingLastComponent() }) {
      do throws(FileChangeError) {
        try syncDirectory(directory)
      } catch  where error.isNotFound {
      }
    }
    try close()
    return recovery
  }

  private func recover(
    _ entries: [JournalEntry], staged inodes: [UInt64?]?
  ) throws(FileChangeError) -> Recovery {
    for entry in entries { try entry.finishExchange() }
    guard let inodes, inodes.count == entries.count else {
      for entry in entries { try entry.removeCompanion() }
      return .back(entries.map(\.target))
    }
    let states = zip(entries, inodes).map { entry, inode in entry.state(ofCopy: inode) }
    let isForward = !states.contains(.lost)
    for (entry, state) in zip(entries, states) {
      switch (state, isForward) {
      case (.waiting, true), (.swapped, false): try entry.swap(isBack: !isForward)
      default: break
      }
    }
    for entry in entries { try entry.removeCompanion() }
    return isForward ? .forward(entries.map(\.target)) : .back(entries.map(\.target))
  }
}
