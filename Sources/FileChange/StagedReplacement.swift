import Glibc
import SystemPackage

/// A replacement whose new contents lie flushed to disk beside the file that they will become.
struct StagedReplacement {
  let replacement: FileReplacement
  /// The file to be replaced, symbolic links followed.
  let target: FilePath
  /// The new copy; nil where the file shall be gone.
  let candidate: FilePath?

  /// Looks at the target, and writes the new copy; nothing is left behind if that fails.
  init(_ replacement: FileReplacement) throws(FileChangeError) {
    self.replacement = replacement
    target = try Self.target(of: replacement)
    guard let contents = replacement.contents else {
      candidate = nil
      return
    }
    let candidate = Self.candidatePath(for: target)
    do {
      try Self.write(contents, replacement.metadata, to: candidate, for: replacement.path)
    } catch {
      // Where it could not even be created there is nothing to remove, and that is well.
      _ = unsafe candidate.withPlatformString { unsafe unlink($0) }
      throw error
    }
    self.candidate = candidate
  }

  /// Takes the new copy away again.
  func discard() {
    guard let candidate else { return }
    _ = unsafe candidate.withPlatformString { unsafe unlink($0) }
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

  /// Puts the new copy in the target's place; the target's directory is not yet flushed.
  /// - Returns: the file as it is now, nil if it is gone.
  func swap() throws(FileChangeError) -> FileVersion? {
    guard let candidate, let contents = replacement.contents else {
      try attempt(.remove, replacement.path) {
        unsafe target.withPlatformString { unsafe unlink($0) }
      }
      return nil
    }
    let staged = FileIdentity(try currentStatus(of: candidate))
    if replacement.before == nil {
      try create(from: candidate)
    } else {
      try attempt(.replace, replacement.path) {
        unsafe candidate.withPlatformString { from in
          unsafe target.withPlatformString { to in unsafe rename(from, to) }
        }
      }
    }
    // The swap itself counts as a change of the inode, so its times are known only now.
    guard let status = try? target.stat(), FileIdentity(status).isSameFile(as: staged) else {
      throw .changedMeanwhile(replacement.path)
    }
    return FileVersion(
      realPath: target, identity: FileIdentity(status), metadata: FileMetadata(status),
      linkCount: status.linkCount, contents: contents)
  }

  /// A rename would overwrite a file that has come meanwhile; a link does not.
  private func create(from candidate: FilePath) throws(FileChangeError) {
    do throws(FileChangeError) {
      try attempt(.create, replacement.path) {
        unsafe candidate.withPlatformString { from in
          unsafe target.withPlatformString { to in unsafe link(from, to) }
        }
      }
    } catch .system(_, _, .fileExists) {
      throw .alreadyExists(replacement.path)
    }
    do throws(FileChangeError) {
      try attempt(.create, replacement.path) {
        unsafe candidate.withPlatformString { unsafe unlink($0) }
      }
    } catch {
      _ = unsafe target.withPlatformString { unsafe unlink($0) }
      throw error
    }
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
  static func candidatePath(for target: FilePath) -> FilePath {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    // A name may have 255 bytes; what is cut off would only tell its reader more.
    let name = (target.lastComponent?.string ?? "").prefix(100)
    return target.removingLastComponent().appending(".\(name).zonebridge-\(random)")
  }

  private static func write(
    _ contents: FileContents, _ metadata: FileMetadata, to candidate: FilePath, for path: FilePath
  ) throws(FileChangeError) {
    // Readable by nobody else until it has its owner: zone files and named.conf may hold secrets.
    let file = try OpenFile(
      candidate, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600, for: .stage,
      of: path)
    let descriptor = file.descriptor
    for piece in contents.pieces {
      var written = 0
      while written < piece.count {
        written += try attempt(.stage, path) {
          unsafe piece.withUnsafeBytes { buffer in
            unsafe Glibc.write(
              descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
          }
        }
      }
    }
    let created = FileMetadata(try file.status(for: .stage))
    if created.owner != metadata.owner || created.group != metadata.group {
      try attempt(.chown, path) { fchown(descriptor, metadata.owner, metadata.group) }
    }
    // After the owner, since the kernel clears set-user-ID and set-group-ID when that changes.
    try attempt(.chmod, path) { fchmod(descriptor, metadata.mode.rawValue) }
    try attempt(.sync, path) { fsync(descriptor) }
  }
}
