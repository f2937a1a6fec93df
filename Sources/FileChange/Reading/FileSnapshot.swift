import Glibc
package import SystemPackage

/// A file as it was at one moment: its bytes, what it is, and whose.
package struct FileSnapshot: Sendable {
  /// The path as it was asked for.
  package let path: FilePath
  /// Where that path leads when all symbolic links have been followed.
  package let realPath: FilePath
  /// The folder that it is in.
  package let folder: NodeID
  /// The directory in which the links on the way lead, that of a chroot; nil for the host's root.
  package let root: FilePath?
  package let bytes: [UInt8]
  package let identity: FileIdentity
  package let metadata: FileMetadata
  /// How many names (hard links) the file has.
  package let linkCount: Int
  /// The folder itself, where somebody holds it: then what becomes of the file goes on in there, wherever its path leads.
  let held: Folder?

  /// Which file it is, and in which state.
  package var state: FileState { FileState(realPath: realPath, identity: identity) }

  /// A file that is still to be made: nothing is in it.
  ///
  /// - Parameters:
  ///   - path: where it will be, in a folder that exists.
  ///   - root: where the links on the way lead; nil for the host's root.
  /// - Throws: Why there is no such folder.
  package init(absentFrom path: FilePath, below root: FilePath? = nil) throws(FileChangeError) {
    let place = try Walk.place(of: path, as: Reader.of(root))
    let never = FileIdentity.Timestamp(seconds: 0, nanoseconds: 0)
    self.init(
      path: path, realPath: place.realPath, folder: place.folder.identity, root: root, bytes: [],
      identity: FileIdentity(device: 0, inode: 0, size: 0, modified: never, changed: never),
      metadata: FileMetadata(owner: 0, group: 0, mode: []), linkCount: 0)
  }

  private init(
    path: FilePath, realPath: FilePath, folder: NodeID, root: FilePath?, bytes: [UInt8],
    identity: FileIdentity, metadata: FileMetadata, linkCount: Int, held: Folder? = nil
  ) {
    self.held = held
    self.path = path
    self.realPath = realPath
    self.folder = folder
    self.root = root
    self.bytes = bytes
    self.identity = identity
    self.metadata = metadata
    self.linkCount = linkCount
  }

  /// Whether the file is still to be made.
  package var isAbsent: Bool { linkCount == 0 && identity.inode == 0 }

  /// The same file, asked for by another path.
  package func under(_ path: FilePath, below root: FilePath? = nil) -> FileSnapshot {
    FileSnapshot(
      path: path, realPath: realPath, folder: folder, root: root, bytes: bytes, identity: identity,
      metadata: metadata, linkCount: linkCount)
  }

  /// More than any zone file that a name server of this size could hold; a sparse file may claim a
  /// thousand times the memory there is.
  package static let usualLimit: Int64 = 512 << 20

  /// Reads a regular file as a whole, and makes sure that nobody was writing to it meanwhile.
  /// - Parameters:
  ///   - path: where it is.
  ///   - limit: how many bytes it may have; of one with more none is read.
  ///   - reader: on whose behalf; nil for our own.
  /// - Returns: the file.
  /// - Throws: why it cannot be read.
  package static func read(
    _ path: FilePath, limit: Int64 = usualLimit, as reader: Reader? = nil
  ) throws(FileChangeError) -> FileSnapshot {
    for _ in 1...attempts {
      let place = try Walk.place(of: path, as: reader)
      if let snapshot = try readOnce(path, at: place, limit, reader) { return snapshot }
    }
    throw .changedWhileReading(path)
  }

  /// Reads what has a name in a folder that is held; no symbolic link is followed.
  static func read(
    _ name: FilePath.Component, in folder: Folder, called path: FilePath, limit: Int64
  ) throws(FileChangeError) -> FileSnapshot {
    for _ in 1...attempts {
      let status = try folder.status(of: name, for: .resolve, of: path)
      let place = Place(folder: folder, name: name, status: status)
      if let snapshot = try readOnce(path, at: place, limit, nil, held: folder) { return snapshot }
    }
    throw .changedWhileReading(path)
  }

  private static let attempts = 3

  /// Nil when the file changed under the reader.
  private static func readOnce(
    _ path: FilePath, at place: Place, _ limit: Int64, _ reader: Reader?, held: Folder? = nil
  ) throws(FileChangeError) -> FileSnapshot? {
    let seen = try place.existing(path)
    // To a program that reads it, it is an empty file: so units mask files.
    if let reader, seen.isNull { return empty(path, at: place, seen, reader) }
    // Looked at before it is opened: opening a device may do something to it.
    guard seen.type == .regular, let name = place.name else {
      throw .notRegular(path, kind: fileKind(of: seen.type))
    }
    let file = try place.folder.open(
      name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY, for: .open, of: path)
    let before = try file.status(for: .read)
    // The path was judged for the file that was seen there, and for no other.
    guard NodeID(before) == NodeID(seen), before.type == .regular else { return nil }
    try reader?.judge(file, before)
    guard before.size <= limit else { throw .tooLarge(path, size: before.size, limit: limit) }
    let bytes = try contents(of: file, expecting: Int(before.size))
    let after = try file.status(for: .read)
    // The name is looked up again as well: an editor that replaces the file by a rename leaves the
    // open one untouched.
    guard FileIdentity(before) == FileIdentity(after), bytes.count == Int(after.size),
      let current = try place.folder.status(of: name, for: .read, of: path),
      FileIdentity(after) == FileIdentity(current)
    else { return nil }
    return FileSnapshot(
      path: path, realPath: place.realPath, folder: place.folder.identity, root: reader?.root,
      bytes: bytes, identity: FileIdentity(after), metadata: FileMetadata(after),
      linkCount: after.linkCount, held: held)
  }

  private static func empty(
    _ path: FilePath, at place: Place, _ status: Stat, _ reader: Reader
  ) -> FileSnapshot {
    FileSnapshot(
      path: path, realPath: place.realPath, folder: place.folder.identity, root: reader.root,
      bytes: [], identity: FileIdentity(status), metadata: FileMetadata(status),
      linkCount: status.linkCount)
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

extension Stat {
  /// Major 1, minor 3 (Linux's devices.txt), as makedev(3) has them.
  private static let null: CInterop.DeviceID = 1 << 8 | 3

  /// Whether it is /dev/null, or another device of its numbers: a chroot has one of its own.
  var isNull: Bool {
    type == .characterSpecial && specialDeviceID.rawValue == Self.null
  }
}

/// What a file is called that is no regular one.
func fileKind(of type: FileType) -> String {
  switch type {
  case .directory: "directory"
  case .fifo: "FIFO"
  case .socket: "socket"
  case .symbolicLink: "symbolic link"
  case .characterSpecial, .blockSpecial: "device"
  default: "special file"
  }
}
