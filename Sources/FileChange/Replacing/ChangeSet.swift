package import SystemPackage

/// Several files changed as one: all of them, or none.
///
/// The folders of all files are walked to and held; from there on nothing goes by a path. New copies are written beside
/// the files and flushed to disk; then each file is checked again, and only if none has changed since it was read are
/// they replaced, each by a rename. A reader (named, the checkers, an editor) sees a whole file at every moment, old or
/// new.
///
/// With a journal a change that is cut off, by a power failure or a signal, is completed or
/// taken back by ``Journal/recover()``, and leaves nothing behind.
package struct ChangeSet: Sendable {
  package let replacements: [FileReplacement]

  /// Replacements that make no difference are left out, so that such a file keeps its inode.
  package init(_ replacements: [FileReplacement]) {
    self.replacements = replacements.filter { !$0.isEmpty }
  }

  package var isEmpty: Bool { replacements.isEmpty }

  /// Changes the files.
  /// - Parameters:
  ///   - journal: keeps the change whole if this process dies before its end.
  ///   - onceSwapped: called when all files are new and can still be swapped back.
  /// - Returns: what is needed to change them back.
  /// - Throws: what kept them from being changed; they are as they were.
  package func apply(
    journal: Journal? = nil, onceSwapped: () throws(FileChangeError) -> Void = {}
  ) throws(FileChangeError) -> AppliedChanges {
    guard !isEmpty else {
      try onceSwapped()
      return AppliedChanges(files: [])
    }
    let files = try planned()
    try journal?.begin(files)
    var applied = AppliedChanges(files: [])
    do throws(FileChangeError) {
      for file in files { try file.stage() }
      for file in files { try file.checkTargetIsUnchanged() }
      try journal?.noteStaged(files)
      for file in files {
        let after = try file.goForward()
        applied.files.append(AppliedFile(file.replacement, after: after))
      }
      try Self.syncDirectories(of: files)
      try onceSwapped()
      // If somebody had a file open and has saved it meanwhile, it is restored with all others.
      for file in files { try file.swap.expectNoEdit() }
    } catch {
      try Self.swapBack(files.prefix(applied.files.count), after: error)
      Self.tidyUp(files, journal)
      throw error
    }
    // The old files are gone with the first of these: from here on, to revert is to write them again.
    do throws(FileChangeError) {
      // A file that was made has no companion: there is nothing to flush once more.
      let replaced = files.filter { $0.replacement.before != nil }
      for file in files {
        guard let kept = try file.swap.removeCompanion() else { continue }
        applied.keptEdits.append(KeptEdit(path: file.replacement.path, kept: kept))
      }
      try Self.syncDirectories(of: replaced)
      try journal?.close()
    } catch {
      try applied.putBack(after: error)
      Self.tidyUp(files, journal)
      throw error
    }
    return applied
  }

  private func planned() throws(FileChangeError) -> [StagedReplacement] {
    var files: [StagedReplacement] = []
    for replacement in replacements {
      let file = try StagedReplacement(replacement)
      if let twin = files.first(where: { $0.isSameFile(as: file) }) {
        throw .namedTwice(twin.replacement.path, replacement.path)
      }
      files.append(file)
    }
    return files
  }

  private static func syncDirectories(of files: [StagedReplacement]) throws(FileChangeError) {
    var flushed: Set<NodeID> = []
    for folder in files.map(\.swap.folder) where flushed.insert(folder.identity).inserted {
      try folder.flush()
    }
  }

  private static func swapBack(
    _ files: ArraySlice<StagedReplacement>, after cause: FileChangeError
  ) throws(FileChangeError) {
    var left: [FilePath] = []
    for file in files.reversed() {
      do throws(FileChangeError) {
        try file.swap.goBack()
      } catch {
        left.append(file.replacement.path)
      }
    }
    guard left.isEmpty else { throw .notPutBack(left, cause: cause) }
  }

  /// Takes the companions away after a failure, and the journal; what cannot be taken away stays in the
  /// journal for the next pass.
  private static func tidyUp(_ files: [StagedReplacement], _ journal: Journal?) {
    do throws(FileChangeError) {
      for file in files { _ = try file.swap.removeCompanion() }
      try syncDirectories(of: files)
      try journal?.close()
    } catch {
      // Reports the failure itself.
    }
  }
}

/// A file before and after a change.
package struct AppliedFile: Sendable {
  package let path: FilePath
  private let root: FilePath?
  private let held: Folder?
  /// Nil if the change created the file.
  let before: FileVersion?
  /// Nil if the change removed the file.
  let after: FileVersion?

  init(_ replacement: FileReplacement, after: FileVersion?) {
    path = replacement.path
    root = replacement.root
    held = replacement.held
    before = replacement.before
    self.after = after
  }

  /// The replacement that restores the file, or gives it other contents.
  fileprivate func inverse(holding contents: FileContents? = nil) -> FileReplacement? {
    (before ?? after).map { known in
      FileReplacement(
        path: path, root: root, before: after, contents: contents ?? before?.contents,
        metadata: known.metadata, held: held)
    }
  }
}

/// What somebody wrote into a file while it was being replaced: too late to revert the change, and before the old file
/// was gone.
package struct KeptEdit: Equatable, Sendable {
  /// The file that was replaced.
  package let path: FilePath
  /// Where the old file is now, with what was written into it.
  package let kept: FilePath
}

/// A change that was made.
package struct AppliedChanges: Sendable {
  package internal(set) var files: [AppliedFile]
  package internal(set) var keptEdits: [KeptEdit] = []

  /// Restores files to what they were before the change: contents, owner, group and mode.
  ///
  /// It is a change like any other: where a file has been changed by somebody else since, nothing
  /// is touched.
  /// - Parameters:
  ///   - journal: what keeps the change whole.
  ///   - paths: which files; nil for all of them.
  ///   - contents: what some of them shall hold instead of what they held.
  /// - Returns: what somebody wrote meanwhile and is in files of its own.
  /// - Throws: Why the files could not be reverted; they are as the change left them.
  @discardableResult
  package func undo(
    journal: Journal? = nil, only paths: Set<FilePath>? = nil,
    contents: [FilePath: FileContents] = [:]
  ) throws(FileChangeError) -> [KeptEdit] {
    let files = files.reversed().filter { paths?.contains($0.path) ?? true }
    let replacements = files.compactMap { $0.inverse(holding: contents[$0.path]) }
    return try ChangeSet(replacements).apply(journal: journal).keptEdits
  }

  /// Restores as many files as possible, each by itself.
  fileprivate func putBack(after cause: FileChangeError) throws(FileChangeError) {
    var left: [FilePath] = []
    for file in files.reversed() {
      do throws(FileChangeError) {
        _ = try ChangeSet([file.inverse()].compactMap(\.self)).apply()
      } catch {
        left.append(file.path)
      }
    }
    guard left.isEmpty else { throw .notPutBack(left, cause: cause) }
  }
}
