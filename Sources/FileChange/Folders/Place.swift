import SystemPackage

/// Where a path leads: a name in a folder that is held, and what is there.
///
/// What is there is no symbolic link: those on the way were followed, or refused (see ``LinkRule``).
struct Place: Sendable {
  let folder: Folder
  /// Nil where the path leads to the folder itself.
  let name: FilePath.Component?
  /// What was there; nil where there was nothing of that name.
  let status: Stat?

  /// The path without symbolic links, `.` and `..`.
  var realPath: FilePath { name.map { folder.path.appending($0) } ?? folder.path }

  /// What is there; throws where there is nothing.
  func existing(_ path: FilePath) throws(FileChangeError) -> Stat {
    guard let status else { throw .system(.resolve, path, .noSuchFileOrDirectory) }
    return status
  }
}
