import SystemPackage

/// A file as it was before a change, or is after it.
struct FileVersion: Sendable {
  /// Where the path leads when all symbolic links have been followed.
  let realPath: FilePath
  /// The folder that it is in.
  let folder: NodeID
  let identity: FileIdentity
  let metadata: FileMetadata
  /// How many names (hard links) the file has.
  let linkCount: Int
  let contents: FileContents
}

extension FileVersion {
  init(_ snapshot: FileSnapshot) {
    self.init(
      realPath: snapshot.realPath, folder: snapshot.folder, identity: snapshot.identity,
      metadata: snapshot.metadata, linkCount: snapshot.linkCount,
      contents: FileContents(snapshot.bytes))
  }
}
