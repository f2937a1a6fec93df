package import SystemPackage

/// Several files changed as one: all of them, or none.
///
/// New copies of all files are written beside them and flushed to disk; then each file is looked at
/// again, and only if all are as they were when they were read is any replaced, each by a rename.
/// A reader (named, the checkers, an editor) sees a whole file at every moment, old or new.
package struct ChangeSet: Sendable {
  package let replacements: [FileReplacement]

  /// Replacements that make no difference are left out, so that such a file keeps its inode.
  package init(_ replacements: [FileReplacement]) {
    self.replacements = replacements.filter { !$0.isEmpty }
  }

  package var isEmpty: Bool { replacements.isEmpty }

  /// Changes the files.
  /// - Returns: what is needed to change them back.
  package func apply() throws(FileChangeError) -> AppliedChanges {
    let staged = try stage()
    do throws(FileChangeError) {
      for file in staged { try file.checkTargetIsUnchanged() }
    } catch {
      for file in staged { file.discard() }
      throw error
    }
    return try Self.swap(staged)
  }

  private func stage() throws(FileChangeError) -> [StagedReplacement] {
    var staged: [StagedReplacement] = []
    do throws(FileChangeError) {
      for replacement in replacements {
        let file = try StagedReplacement(replacement)
        staged.append(file)
        if let twin = staged.dropLast().first(where: { $0.target == file.target }) {
          throw FileChangeError.namedTwice(twin.replacement.path, replacement.path)
        }
      }
    } catch {
      for file in staged { file.discard() }
      throw error
    }
    return staged
  }

  private static func swap(
    _ staged: [StagedReplacement]
  ) throws(FileChangeError) -> AppliedChanges {
    var applied = AppliedChanges(files: [])
    do throws(FileChangeError) {
      for file in staged {
        let after = try file.swap()
        applied.files.append(
          AppliedFile(path: file.replacement.path, before: file.replacement.before, after: after))
      }
      for directory in Set(staged.map { $0.target.removingLastComponent() }) {
        try syncDirectory(directory)
      }
    } catch {
      for file in staged.dropFirst(applied.files.count) { file.discard() }
      try applied.putBack(after: error)
      throw error
    }
    return applied
  }
}

/// A file before and after a change.
package struct AppliedFile: Sendable {
  package let path: FilePath
  /// Nil if the change created the file.
  let before: FileVersion?
  /// Nil if the change removed the file.
  let after: FileVersion?

  /// What turns the file into what it was before.
  fileprivate var inverse: FileReplacement? {
    (before ?? after).map { known in
      FileReplacement(
        path: path, before: after, contents: before?.contents, metadata: known.metadata)
    }
  }
}

/// A change that was made.
package struct AppliedChanges: Sendable {
  package internal(set) var files: [AppliedFile]

  /// Puts all files back as they were before the change: contents, owner, group and mode.
  ///
  /// It is a change like any other: where a file has been changed by somebody else since, nothing
  /// is touched.
  package func undo() throws(FileChangeError) {
    _ = try ChangeSet(files.reversed().compactMap(\.inverse)).apply()
  }

  /// Puts back as many files as can be, each for itself.
  fileprivate func putBack(after cause: FileChangeError) throws(FileChangeError) {
    var left: [FilePath] = []
    for file in files.reversed() {
      do throws(FileChangeError) {
        _ = try ChangeSet([file.inverse].compactMap(\.self)).apply()
      } catch {
        left.append(file.path)
      }
    }
    guard left.isEmpty else { throw .notPutBack(left, cause: cause) }
  }
}
