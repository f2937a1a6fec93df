package import SystemPackage

/// A file whose owner and mode a new file beside it gets.
package struct FileNeighbour: Hashable, Sendable {
  package let metadata: FileMetadata
  /// The folder that it is in: what may be another's there is not made in any other.
  let folder: NodeID

  /// Looks at a file; nil where there is no regular one to be seen.
  package init?(of path: FilePath) {
    guard let place = try? Walk.place(of: path), let status = place.status,
      status.type == .regular
    else { return nil }
    metadata = FileMetadata(status)
    folder = place.folder.identity
  }
}
