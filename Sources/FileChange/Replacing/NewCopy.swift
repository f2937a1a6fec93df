import Glibc
import SystemPackage

/// A file's new contents, written beside it and flushed.
enum NewCopy {
  /// Makes the copy, empty as yet.
  ///
  /// It is readable by nobody else until it has its owner: zone files and named.conf may hold secrets.
  static func make(for swap: Swap) throws(FileChangeError) -> HeldFile {
    HeldFile(
      try swap.folder.open(
        swap.companion, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600, for: .stage,
        of: swap.path))
  }

  /// Writes the copy, and gives it all that the file has.
  /// - Parameters:
  ///   - file: the copy.
  ///   - contents: what it holds.
  ///   - metadata: its owner, group and mode.
  ///   - swap: the file that it is beside.
  /// - Throws: what keeps it from being written; it is there all the same.
  static func fill(
    _ file: borrowing OpenFile, with contents: FileContents, metadata: FileMetadata,
    for swap: Swap
  ) throws(FileChangeError) {
    let path = swap.path
    let descriptor = file.descriptor
    for piece in contents.pieces { try file.write(piece, for: .stage, of: path) }
    let created = FileMetadata(try file.status(for: .stage))
    if created.owner != metadata.owner || created.group != metadata.group {
      try attempt(.chown, path) { fchown(descriptor, metadata.owner, metadata.group) }
    }
    if let old = swap.old {
      try ExtendedAttributes.copy(from: try openOld(swap, old), to: file, for: path)
    }
    // After the owner, since the kernel clears set-user-ID and set-group-ID when that changes.
    try attempt(.chmod, path) { fchmod(descriptor, metadata.mode.rawValue) }
    try file.flush(of: path)
  }

  /// The old file, if it still has its name.
  private static func openOld(
    _ swap: Swap, _ old: FileIdentity
  ) throws(FileChangeError) -> OpenFile {
    do throws(FileChangeError) {
      let file = try swap.folder.open(
        swap.name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY, for: .attribute, of: swap.path)
      guard NodeID(try file.status(for: .attribute)) == old.node else {
        throw FileChangeError.changedMeanwhile(swap.path)
      }
      return file
    } catch  where error.isNotFound {
      throw .changedMeanwhile(swap.path)
    }
  }
}
