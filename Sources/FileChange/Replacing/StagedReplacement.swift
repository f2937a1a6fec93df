import Glibc
import SystemPackage

/// A replacement on its way: the file that is changed, and the companion beside it.
///
/// The companion is at first the new copy, flushed to disk. By the swap the two files change places, so
/// that until the clean-up the companion is the old file itself, with all that it has: to go back is one
/// more swap.
///
/// From its beginning to its end it holds the folder, and the copy from when it is written.
final class StagedReplacement {
  let replacement: FileReplacement
  private var copy: HeldFile?
  private(set) var swap: Swap

  /// The file to be replaced, symbolic links followed.
  var target: FilePath { swap.target }

  /// Whether both are to change one file.
  func isSameFile(as other: StagedReplacement) -> Bool {
    swap.folder.identity == other.swap.folder.identity && swap.name == other.swap.name
  }

  /// Looks at the target; nothing is written.
  init(_ replacement: FileReplacement) throws(FileChangeError) {
    self.replacement = replacement
    let (folder, name) = try Self.target(of: replacement)
    let kind: Swap.Kind =
      replacement.before == nil ? .create : replacement.contents == nil ? .remove : .replace
    swap = Swap(
      kind: kind, folder: folder, name: name, companion: CompanionName.make(for: name),
      path: replacement.path, old: replacement.before?.identity)
  }

  /// Writes the new copy.
  func stage() throws(FileChangeError) {
    guard let contents = replacement.contents else { return }
    let copy = try NewCopy.make(for: swap)
    self.copy = copy
    // At once, so that it is known again if it cannot be written.
    swap.copy = NodeID(try copy.status(for: .stage))
    try NewCopy.fill(copy.file, with: contents, metadata: replacement.metadata, for: swap)
  }

  /// Makes sure that the target is what the change was worked out from, and that its path leads there.
  func checkTargetIsUnchanged() throws(FileChangeError) {
    let path = replacement.path
    guard let before = replacement.before else {
      guard try swap.folder.status(of: swap.name, for: .resolve, of: path) == nil else {
        throw .alreadyExists(path)
      }
      guard try Self.folderForNew(replacement).identity == swap.folder.identity else {
        throw .changedMeanwhile(path)
      }
      return
    }
    let place = try Self.place(of: replacement)
    guard place.folder.identity == swap.folder.identity, place.name == swap.name,
      let status = place.status, FileIdentity(status) == before.identity
    else { throw .changedMeanwhile(path) }
  }

  /// Puts the new copy in the target's place, and the old file in the companion's; the directory is not
  /// yet flushed.
  /// - Returns: the file as it is now, nil if it is gone.
  func goForward() throws(FileChangeError) -> FileVersion? {
    try swap.goForward()
    guard let contents = replacement.contents, let copy else { return nil }
    // The swap itself counts as a change of the inode, so its times are known only now.
    let status = try copy.status(for: .replace)
    return FileVersion(
      realPath: target, folder: swap.folder.identity, identity: FileIdentity(status),
      metadata: FileMetadata(status), linkCount: status.linkCount, contents: contents)
  }

  // MARK: The target

  private static func target(
    of replacement: FileReplacement
  ) throws(FileChangeError) -> (Folder, FilePath.Component) {
    let path = replacement.path
    if let before = replacement.before {
      guard before.linkCount == 1 else { throw .hardLinked(path, count: before.linkCount) }
      let place = try place(of: replacement)
      // The folder is the one that the file was read in, whatever the path leads to by now.
      guard let name = place.name, name == before.realPath.lastComponent,
        place.folder.identity == before.folder
      else { throw .changedMeanwhile(path) }
      return (place.folder, name)
    }
    guard let name = path.lastComponent, name.kind == .regular else {
      throw .notRegular(path, kind: fileKind(of: .directory))
    }
    let folder = try folderForNew(replacement)
    if let status = try folder.status(of: name, for: .resolve, of: path) {
      throw status.type == .symbolicLink ? .danglingLink(path) : .alreadyExists(path)
    }
    if let wanted = replacement.folder, wanted != folder.identity { throw .changedMeanwhile(path) }
    return (folder, name)
  }

  private static func place(of replacement: FileReplacement) throws(FileChangeError) -> Place {
    let path = replacement.path
    if let folder = replacement.held, let name = path.lastComponent {
      let status = try folder.status(of: name, for: .resolve, of: path)
      return Place(folder: folder, name: name, status: status)
    }
    do throws(FileChangeError) {
      return try Walk.place(of: path, as: Reader.of(replacement.root))
    } catch  where error.isNotFound {
      throw .changedMeanwhile(path)
    } catch .danglingLink {
      throw .changedMeanwhile(path)
    }
  }

  private static func folderForNew(
    _ replacement: FileReplacement
  ) throws(FileChangeError) -> Folder {
    if let folder = replacement.held { return folder }
    let directory = replacement.path.removingLastComponent()
    return try Walk.folder(
      at: directory.isEmpty ? "." : directory, as: Reader.of(replacement.root))
  }
}
