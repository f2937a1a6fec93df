package import SystemPackage

/// A file whose owner and mode a new file beside it gets.
package struct FileNeighbour: Hashable, Sendable {
  package let metadata: FileMetadata
  /// The folder that it is in: what may be another's there is not made in any other.
  let folder: NodeID
  /// Where the links on the way lead; nil for the host's root.
  let root: FilePath?

  /// Looks at a file; nil where there is no regular one to be seen, or a link leads to it from another folder.
  package init?(of path: FilePath, below root: FilePath? = nil) {
    let reader = Reader.of(root)
    guard let place = try? Walk.place(of: path, as: reader), let status = place.status,
      status.type == .regular,
      let folder = try? Walk.folder(at: path.removingLastComponent(), as: reader),
      folder.identity == place.folder.identity
    else { return nil }
    metadata = FileMetadata(status)
    self.folder = folder.identity
    self.root = root
  }
}
