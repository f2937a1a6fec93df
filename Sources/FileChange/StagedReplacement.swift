import Glibc
import SystemPackage

/// A replacement on its way: the file that is changed, and the companion beside it.
///
/// The companion is at first the new copy, flushed to disk. By the swap the two files change places, so
/// that until the clean-up the companion is the old file itself, with all that it has: to go back is one
/// more swap.
struct StagedReplacement {
  let replacement: FileReplacement
  /// The file to be replaced, symbolic links followed.
  let target: FilePath
  let companion: FilePath

  /// Looks at the target; nothing is written.
  init(_ replacement: FileReplacement) throws(FileChangeError) {
    self.replacement = replacement
    target = try Self.target(of: replacement)
    companion = Self.companionPath(for: target)
  }

  /// Writes the new copy.
  func stage() throws(FileChangeError) {
    guard let contents = replacement.contents else { return }
    try write(contents)
  }

  /// Takes the companion away: the new copy before the swap or after going back, else the old file.
  func removeCompanion() throws(FileChangeError) {
    try FileChange.removeCompanion(companion, of: replacement.path)
  }

  /// Makes sure that the target is what the change was worked out from.
  func checkTargetIsUnchanged() throws(FileChangeError) {
    guard let before = replacement.before else {
      guard try statusOfLink(target) == nil else { throw .alreadyExists(replacement.path) }
      return
    }
    do throws(FileChangeError) {
      guard try resolved(replacement.path) == target,
        FileIdentity(try currentStatus(of: target)) == before.identity
      else { throw FileChangeError.changedMeanwhile(replacement.path) }
    } catch .system(_, _, .noSuchFileOrDirectory) {
      throw .changedMeanwhile(replacement.path)
    }
  }

  /// Puts the new copy in the target's place, and the old file in the companion's; the directory is not
  /// yet flushed.
  /// - Returns: the file as it is now, nil if it is gone.
  func swap() throws(FileChangeError) -> FileVersion? {
    guard let contents = replacement.contents else {
      try move(target, to: companion, for: .remove)
      try expectOldFile()
      return nil
    }
    let staged = FileIdentity(try currentStatus(of: companion))
    if replacement.before == nil {
      do throws(FileChangeError) {
        try move(companion, to: target, for: .create)
      } catch .system(_, _, .fileExists) {
        throw .alreadyExists(replacement.path)
      }
    } else {
      try exchange(companion, target, for: .replace)
      try expectOldFile()
    }
    // The swap itself counts as a change of the inode, so its times are known only now.
    guard let status = try? target.stat(), FileIdentity(status).isSameFile(as: staged) else {
      throw .changedMeanwhile(replacement.path)
    }
    return FileVersion(
      realPath: target, identity: FileIdentity(status), metadata: FileMetadata(status),
      linkCount: status.linkCount, contents: contents)
  }

  /// Makes a swap undone.
  func swapBack() throws(FileChangeError) {
    switch (replacement.before, replacement.contents) {
    case (nil, _): try move(target, to: companion, for: .remove)
    case (_, nil): try move(companion, to: target, for: .create)
    default: try exchange(companion, target, for: .replace)
    }
  }

  /// Somebody may have put another file in the place between the last look and the swap: theirs stands.
  private func expectOldFile() throws(FileChangeError) {
    guard let before = replacement.before?.identity else { return }
    let old = FileIdentity(try currentStatus(of: companion))
    guard old.isSameFile(as: before), old.size == before.size, old.modified == before.modified
    else {
      try swapBack()
      throw .changedMeanwhile(replacement.path)
    }
  }

  private func exchange(
    _ one: FilePath, _ other: FilePath, for operation: FileOperation
  ) throws(FileChangeError) {
    try FileChange.exchange(one, other, for: operation, of: replacement.path)
  }

  private func move(
    _ source: FilePath, to destination: FilePath, for operation: FileOperation
  ) throws(FileChangeError) {
    try FileChange.move(source, to: destination, for: operation, of: replacement.path)
  }

  private static func target(of replacement: FileReplacement) throws(FileChangeError) -> FilePath {
    let path = replacement.path
    if let before = replacement.before {
      guard before.linkCount == 1 else { throw .hardLinked(path, count: before.linkCount) }
      return before.realPath
    }
    guard let name = path.lastComponent else { throw .notRegular(path, kind: "directory") }
    if let status = try statusOfLink(path) {
      throw status.type == .symbolicLink ? .danglingLink(path) : .alreadyExists(path)
    }
    let directory = path.removingLastComponent()
    return try resolved(directory.isEmpty ? "." : directory).appending(name)
  }

  /// A name that is hidden, that tells where it comes from, and that nothing else uses.
  static func companionPath(for target: FilePath) -> FilePath {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    // A name may have 255 bytes; what is cut off would only tell its reader more.
    let name = (target.lastComponent?.string ?? "").prefix(100)
    return target.removingLastComponent().appending(".\(name).zonebridge-\(random)")
  }

  private func write(_ contents: FileContents) throws(FileChangeError) {
    let (path, metadata) = (replacement.path, replacement.metadata)
    // Readable by nobody else until it has its owner: zone files and named.conf may hold secrets.
    let file = try OpenFile(
      companion, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, for: .stage,
      of: path)
    let descriptor = file.descriptor
    for piece in contents.pieces { try file.write(piece, for: .stage, of: path) }
    let created = FileMetadata(try file.status(for: .stage))
    if created.owner != metadata.owner || created.group != metadata.group {
      try attempt(.chown, path) { fchown(descriptor, metadata.owner, metadata.group) }
    }
    if replacement.before != nil {
      try ExtendedAttributes.copy(from: target, to: descriptor, for: path)
    }
    // After the owner, since the kernel clears set-user-ID and set-group-ID when that changes.
    try attempt(.chmod, path) { fchmod(descriptor, metadata.mode.rawValue) }
    try attempt(.sync, path) { fsync(descriptor) }
  }
}
