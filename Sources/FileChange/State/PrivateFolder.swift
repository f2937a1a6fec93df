import Glibc
package import SystemPackage

/// A folder that only zonebridge uses, such as the state directory: it is held open, and everything in it is reached by
/// plain names, never through a link.
package final class PrivateFolder: Sendable {
  /// What it was asked for by.
  package let path: FilePath
  let folder: Folder

  /// - Throws: why it cannot be had.
  package convenience init(at path: FilePath) throws(FileChangeError) {
    self.init(try Walk.folder(at: path), path)
  }

  init(_ folder: Folder, _ path: FilePath) {
    self.path = path
    self.folder = folder
  }

  // MARK: What is in it

  /// The names in it, in no order.
  package func names() throws(FileChangeError) -> [FilePath.Component] {
    try folder.names()
  }

  /// Makes a folder for its owner alone.
  package func makeFolder(_ name: FilePath.Component) throws(FileChangeError) -> PrivateFolder {
    let path = path.appending(name)
    try folder.makeFolder(name, mode: 0o700, of: path)
    return PrivateFolder(try folder.folder(name, of: path), path)
  }

  /// A folder in it; no link to one.
  package func folder(_ name: FilePath.Component) throws(FileChangeError) -> PrivateFolder {
    let path = path.appending(name)
    return PrivateFolder(try folder.folder(name, of: path), path)
  }

  /// A file in it; no link to one.
  ///
  /// What a ``ChangeSet`` makes of it is made in this folder, whatever has its path by then.
  package func read(
    _ name: FilePath.Component, limit: Int64 = FileSnapshot.usualLimit
  ) throws(FileChangeError) -> FileSnapshot {
    try FileSnapshot.read(name, in: folder, called: path.appending(name), limit: limit)
  }

  /// What a file in it is now, without a look into it; nil where there is none.
  package func state(of name: FilePath.Component) -> FileState? {
    guard let status = try? folder.status(of: name, for: .resolve, of: path.appending(name)) else {
      return nil
    }
    return FileState(realPath: folder.path.appending(name), identity: FileIdentity(status))
  }

  /// Makes a file, for its owner alone unless told otherwise, where nothing has its name yet.
  package func create(
    _ name: FilePath.Component, _ contents: FileContents, mode: FilePermissions = .ownerReadWrite
  ) throws(FileChangeError) {
    let path = path.appending(name)
    let file = try folder.open(
      name, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600, for: .create, of: path)
    let descriptor = file.descriptor
    if mode != .ownerReadWrite {
      // Whatever the umask.
      try attempt(.chmod, path) { fchmod(descriptor, mode.rawValue) }
    }
    for piece in contents.pieces { try file.write(piece, for: .create, of: path) }
  }

  /// Gives a file another name, in place of what has it.
  package func rename(
    _ source: FilePath.Component, to destination: FilePath.Component
  ) throws(FileChangeError) {
    try folder.rename(
      source, to: destination, flags: 0, for: .replace, of: path.appending(destination))
  }

  /// Takes a file's name away.
  package func remove(_ name: FilePath.Component) throws(FileChangeError) {
    try folder.remove(name, of: path.appending(name))
  }

  /// Takes an empty folder away.
  package func removeFolder(_ name: FilePath.Component) throws(FileChangeError) {
    try folder.removeFolder(name, of: path.appending(name))
  }

  // MARK: What was left

  /// Removes new copies that an interrupted process did not put in place.
  ///
  /// - Parameter isReplaced: whether we replace a file of this name here.
  /// - Throws: what keeps it from being done.
  package func removeUnfinishedCopies(of isReplaced: (String) -> Bool) throws(FileChangeError) {
    for name in try names() {
      guard let file = CompanionName.fileName(in: name), isReplaced(file),
        let status = try folder.status(of: name, for: .resolve, of: path.appending(name)),
        status.type == .regular, status.userID.rawValue == geteuid()
      else { continue }
      try remove(name)
    }
  }

  /// Removes a folder that this user made for himself alone, if it has nothing in it but regular files of some names.
  ///
  /// - Parameters:
  ///   - name: the folder's name.
  ///   - isExpected: whether a file of this name is ours.
  /// - Throws: what keeps it from being done.
  package func removeFolder(
    _ name: FilePath.Component, holdingOnly isExpected: (String) -> Bool
  ) throws(FileChangeError) {
    let left = try folder(name)
    let status = try left.folder.ownStatus()
    guard status.userID.rawValue == geteuid(), status.permissions == .ownerReadWriteExecute else {
      return
    }
    let names = try left.names()
    for name in names {
      guard isExpected(name.string),
        try left.folder.status(of: name, for: .resolve, of: left.path.appending(name))?.type
          == .regular
      else { return }
    }
    for name in names { try left.remove(name) }
    try removeFolder(name)
  }
}
