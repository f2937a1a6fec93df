package import SystemPackage

/// One file's part of a change: what it was, and what it shall be.
package struct FileReplacement: Sendable {
  /// The path as the change's author knows it; symbolic links are followed.
  package let path: FilePath
  /// Where those links lead: in a chroot, or from the host's root where it is nil.
  let root: FilePath?
  /// What the change was worked out from; nil for a file that does not exist yet.
  let before: FileVersion?
  /// What the file shall hold; nil for a file that shall be gone.
  package let contents: FileContents?
  package let metadata: FileMetadata
  /// The folder in which a file is made, where it may be no other.
  private(set) var folder: NodeID?
  /// The folder that the file is in, where somebody holds it.
  let held: Folder?

  /// New contents for a file, which keeps its owner, group and mode.
  package init(replacing snapshot: FileSnapshot, with contents: FileContents) {
    self.init(
      path: snapshot.path, root: snapshot.root, before: FileVersion(snapshot), contents: contents,
      metadata: snapshot.metadata, held: snapshot.held)
  }

  /// New contents for a file, which keeps its owner, group and mode.
  package init(replacing snapshot: FileSnapshot, with bytes: [UInt8]) {
    self.init(replacing: snapshot, with: FileContents(bytes))
  }

  /// A new file; there must be none of that name.
  package init(
    creating path: FilePath, below root: FilePath? = nil, metadata: FileMetadata,
    contents: FileContents
  ) {
    self.init(path: path, root: root, before: nil, contents: contents, metadata: metadata)
  }

  /// A new file; there must be none of that name.
  package init(creating path: FilePath, metadata: FileMetadata, contents bytes: [UInt8]) {
    self.init(creating: path, metadata: metadata, contents: FileContents(bytes))
  }

  /// A new file with its neighbour's owner and mode, only in the same folder; there must be none of that name.
  package init(
    creating path: FilePath, beside neighbour: FileNeighbour, contents: FileContents
  ) {
    self.init(
      creating: path, below: neighbour.root, metadata: neighbour.metadata, contents: contents)
    folder = neighbour.folder
  }

  /// A new file in a folder that is held; there must be none of that name.
  package init(
    creating name: FilePath.Component, in folder: PrivateFolder, metadata: FileMetadata,
    contents bytes: [UInt8]
  ) {
    self.init(
      path: folder.path.appending(name), root: nil, before: nil, contents: FileContents(bytes),
      metadata: metadata, held: folder.folder)
  }

  /// The removal of a file.
  package init(removing snapshot: FileSnapshot) {
    self.init(
      path: snapshot.path, root: snapshot.root, before: FileVersion(snapshot), contents: nil,
      metadata: snapshot.metadata, held: snapshot.held)
  }

  init(
    path: FilePath, root: FilePath?, before: FileVersion?, contents: FileContents?,
    metadata: FileMetadata, held: Folder? = nil
  ) {
    self.held = held
    self.path = path
    self.root = root
    self.before = before
    self.contents = contents
    self.metadata = metadata
  }

  /// Whether the new contents equal the old ones.
  var isEmpty: Bool {
    before.map { $0.contents == contents && $0.metadata == metadata } ?? (contents == nil)
  }
}
