package import SystemPackage

/// Several files changed as one: all of them, or none.
///
/// New copies of all files are written beside them and flushed to disk; then each file is looked at
/// again, and only if all are as they were when they were read is any replaced, each by a rename.
/// A reader (named, the checkers, an editor) sees a whole file at every moment, old or new.
///
/// With a journal a change that is cut off, by a power failure or a signal, is brought to its end or
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
  ///   - journal: what keeps the change whole where this process does not live to its end.
  ///   - onceSwapped: what belongs to the change, when all files are new and can still be swapped back.
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
        let after = try file.swap()
        applied.files.append(
          AppliedFile(path: file.replacement.path, before: file.replacement.before, after: after))
      }
      try Self.syncDirectories(of: files)
      try onceSwapped()
    } catch {
      try Self.swapBack(files.prefix(applied.files.count), after: error)
      Self.tidyUp(files, journal)
      throw error
    }
    // The old files are gone with the first of these: from here on, back means to write them anew.
    do throws(FileChangeError) {
      for file in files { try file.removeCompanion() }
      try Self.syncDirectories(of: files)
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
      if let twin = files.first(where: { $0.target == file.target }) {
        throw .namedTwice(twin.replacement.path, replacement.path)
      }
      files.append(file)
    }
    return files
  }

  private static func syncDirectories(of files: [StagedReplacement]) throws(FileChangeError) {
    for directory in Set(files.map { $0.target.removingLastComponent() }) {
      try syncDirectory(directory)
    }
  }

  private static func swapBack(
    _ files: ArraySlice<StagedReplacement>, after cause: FileChangeError
  ) throws(FileChangeError) {
    var left: [FilePath] = []
    for file in files.reversed() {
      do throws(FileChangeError) {
        try file.swapBack()
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
      for file in files { try file.removeCompanion() }
      try syncDirectories(of: files)
      try journal?.close()
    } catch {
      // The failure itself is what is told.
    }
  }
}

/// A file before and after a change.
package struct AppliedFile: Sendable {
  package let path: FilePath
  /// Nil if the change created the file.
  let before: FileVersion?
  /// Nil if the change removed the file.
  let after: FileVersion?

  /// What turns the file into what it was before, or gives it other contents.
  fileprivate func inverse(holding contents: FileContents? = nil) -> FileReplacement? {
    (before ?? after).map { known in
      FileReplacement(
        path: path, before: after, contents: contents ?? before?.contents,
        metadata: known.metadata)
    }
  }
}

/// A change that was made.
package struct AppliedChanges: Sendable {
  package internal(set) var files: [AppliedFile]

  /// Puts files back as they were before the change: contents, owner, group and mode.
  ///
  /// It is a change like any other: where a file has been changed by somebody else since, nothing
  /// is touched.
  /// - Parameters:
  ///   - journal: what keeps the change whole.
  ///   - paths: which files; nil for all of them.
  ///   - contents: what some of them shall hold instead of what they held.
  /// - Throws: what kept the files from being put back; they are as the change left them.
  package func undo(
    journal: Journal? = nil, only paths: Set<FilePath>? = nil,
    contents: [FilePath: FileContents] = [:]
  ) throws(FileChangeError) {
    let files = files.reversed().filter { paths?.contains($0.path) ?? true }
    let replacements = files.compactMap { $0.inverse(holding: contents[$0.path]) }
    _ = try ChangeSet(replacements).apply(journal: journal)
  }

  /// Puts back as many files as can be, each for itself.
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
