import SystemPackage

/// Identifies a folder across a restart of the host.
struct FolderMark: Equatable {
  var path: FilePath
  var identity: NodeID
  /// When it was made, where the file system says: an inode that is used again has another one, and a device
  /// may have another number after a start.
  var birth: FileIdentity.Timestamp?

  init(path: FilePath, identity: NodeID, birth: FileIdentity.Timestamp?) {
    self.path = path
    self.identity = identity
    self.birth = birth
  }

  init(_ folder: Folder) {
    self.init(path: folder.path, identity: folder.identity, birth: folder.birth)
  }

  func isMark(of folder: Folder) -> Bool {
    guard identity.inode == folder.identity.inode else { return false }
    guard let birth, let current = folder.birth else {
      return identity.device == folder.identity.device
    }
    return birth == current
  }
}
