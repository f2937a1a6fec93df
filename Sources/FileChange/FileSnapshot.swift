import Glibc
package import SystemPackage

/// A file as it was at one moment: its bytes, what it is, and whose.
package struct FileSnapshot: Sendable {
  /// The path as it was asked for.
  package let path: FilePath
  /// Where that path leads when all symbolic links have been followed.
  package let realPath: FilePath
  package let bytes: [UInt8]
  package let identity: FileIdentity
  package let metadata: FileMetadata
  /// How many names (hard links) the file has.
  package let linkCount: Int

  /// Which file it is, and in which state.
  package var state: FileState { FileState(realPath: realPath, identity: identity) }

  /// The same file, asked for by another path.
  package func under(_ path: FilePath) -> FileSnapshot {
    FileSnapshot(
      path: path, realPath: realPath, bytes: bytes, identity: identity, metadata: metadata,
      linkCount: linkCount)
  }

  /// Reads a regular file as a whole, and makes sure that nobody was writing to it meanwhile.
  package static func read(_ path: FilePath) throws(FileChangeError) -> FileSnapshot {
    let attempts = 3
    for _ in 1...attempts {
      if let snapshot = try readOnce(path) { return snapshot }
    }
    throw .changedWhileReading(path)
  }

  /// Nil when the file changed under the reader.
  private static func readOnce(_ path: FilePath) throws(FileChangeError) -> FileSnapshot? {
    if try statusOfLink(path)?.type == .symbolicLink {
      do {
        _ = try path.stat()
      } catch Errno.noSuchFileOrDirectory {
        throw .danglingLink(path)
      } catch {
        throw .system(.open, path, error)
      }
    }
    let realPath = try resolved(path)
    // Looked at before it is opened: opening a FIFO waits for a writer, and opening a device may
    // do something to it.
    let kind = try currentStatus(of: realPath)
    guard kind.type == .regular else { throw .notRegular(path, kind: name(of: kind.type)) }

    let file = try OpenFile(
      realPath, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY, for: .open, of: path)
    let before = try file.status(for: .read)
    let bytes = try contents(of: file, expecting: Int(before.size))
    let after = try file.status(for: .read)
    // The path is looked up again as well: an editor that replaces the file by a rename leaves the
    // open one untouched.
    guard FileIdentity(before) == FileIdentity(after), bytes.count == Int(after.size),
      FileIdentity(after) == FileIdentity(try currentStatus(of: realPath))
    else { return nil }
    return FileSnapshot(
      path: path, realPath: realPath, bytes: bytes, identity: FileIdentity(after),
      metadata: FileMetadata(after), linkCount: after.linkCount)
  }

  /// Everything that a file holds if it is as long as expected; one byte more if it is longer.
  private static func contents(
    of file: borrowing OpenFile, expecting size: Int
  ) throws(FileChangeError) -> [UInt8] {
    let descriptor = file.descriptor
    let path = file.path
    var outcome: Result<Void, FileChangeError> = .success(())
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, filled in
      do throws(FileChangeError) {
        while filled <= size {
          let count = try attempt(.read, path) {
            unsafe Glibc.read(
              descriptor, buffer.baseAddress?.advanced(by: filled), size + 1 - filled)
          }
          guard count > 0 else { return }
          filled += count
        }
      } catch {
        outcome = .failure(error)
      }
    }
    try outcome.get()
    return bytes
  }
}

/// What a resolved path is now.
func currentStatus(of path: FilePath) throws(FileChangeError) -> Stat {
  do {
    return try path.stat()
  } catch {
    throw .system(.open, path, error)
  }
}

private func name(of type: FileType) -> String {
  switch type {
  case .directory: "directory"
  case .fifo: "FIFO"
  case .socket: "socket"
  case .characterSpecial, .blockSpecial: "device"
  default: "special file"
  }
}
