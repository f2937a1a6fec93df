import CLinux
import Glibc
import SystemPackage

/// A directory that is held open.
///
/// Whatever is done in it goes by a plain name in the directory itself. It makes no difference where its path leads by
/// then.
final class Folder: Sendable {
  /// Where it was when it was walked to, without symbolic links.
  let path: FilePath
  let identity: NodeID
  let metadata: FileMetadata
  /// Whether others than root and we may make names in it.
  let isOpenToOthers: Bool
  private let file: OpenFile

  /// - Parameters:
  ///   - file: opened with O_PATH, which is enough to be walked through.
  ///   - path: as in ``path``.
  ///   - name: the path that messages are about.
  /// - Throws: if it is no directory.
  init(_ file: consuming OpenFile, path: FilePath, of name: FilePath) throws(FileChangeError) {
    let status = try file.status(for: .resolve)
    guard status.type == .directory else { throw .system(.resolve, name, .notDirectory) }
    self.path = path
    identity = NodeID(status)
    metadata = FileMetadata(status)
    isOpenToOthers =
      !isOurs(status.userID.rawValue)
      || !status.permissions.isDisjoint(with: [.groupWrite, .otherWrite])
    self.file = file
  }

  var owner: UInt32 { metadata.owner }

  /// Its ACL; nil where it has none, or we may not look.
  var accessList: AccessList? {
    // The kernel tells no attributes of a descriptor that was opened with O_PATH. It does for the path in /proc that
    // leads to it, and nothing that may belong to others is opened for that.
    let place = "/proc/self/fd/\(file.descriptor)"
    guard unsafe access(place, F_OK) != 0 else {
      return unsafe AccessList.read { unsafe getxattr(place, AccessList.attribute, $0, $1) }
    }
    let descriptor = unsafe openat(file.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    return OpenFile(descriptor: descriptor, path: path).accessList
  }

  /// What the folder itself is now.
  func ownStatus() throws(FileChangeError) -> Stat {
    try file.status(for: .resolve)
  }

  /// What has a name, without following a symbolic link; nil if there is nothing.
  func status(
    of name: FilePath.Component, for operation: FileOperation, of path: FilePath
  ) throws(FileChangeError) -> Stat? {
    do {
      return try FilePath(root: nil, [name]).stat(
        relativeTo: FileDescriptor(rawValue: file.descriptor), flags: .symlinkNoFollow)
    } catch Errno.noSuchFileOrDirectory {
      return nil
    } catch {
      throw .system(operation, path, error)
    }
  }

  /// Opens what has a name, unless that is a symbolic link; no program that is started meanwhile inherits it.
  func open(
    _ name: FilePath.Component, flags: CInt, mode: mode_t = 0, for operation: FileOperation,
    of path: FilePath
  ) throws(FileChangeError) -> OpenFile {
    let flags = flags | O_NOFOLLOW | O_CLOEXEC
    do throws(FileChangeError) {
      let descriptor = try attempt(operation, path) {
        unsafe name.withPlatformString { unsafe openat(file.descriptor, $0, flags, mode) }
      }
      return OpenFile(descriptor: descriptor, path: path)
    } catch .system(_, _, .tooManySymbolicLinkLevels) {
      throw .notRegular(path, kind: fileKind(of: .symbolicLink))
    }
  }

  /// Opens a folder in it.
  func folder(
    _ name: FilePath.Component, of path: FilePath
  ) throws(FileChangeError) -> Folder {
    try Folder(
      open(name, flags: O_PATH | O_DIRECTORY, for: .resolve, of: path),
      path: self.path.appending(name), of: path)
  }

  func makeFolder(
    _ name: FilePath.Component, mode: mode_t, of path: FilePath
  ) throws(FileChangeError) {
    try attempt(.createDirectory, path) {
      unsafe name.withPlatformString { unsafe mkdirat(file.descriptor, $0, mode) }
    }
  }

  /// Takes a name away.
  func remove(_ name: FilePath.Component, of path: FilePath) throws(FileChangeError) {
    try attempt(.remove, path) {
      unsafe name.withPlatformString { unsafe unlinkat(file.descriptor, $0, 0) }
    }
  }

  /// Takes an empty folder away.
  func removeFolder(_ name: FilePath.Component, of path: FilePath) throws(FileChangeError) {
    try attempt(.remove, path) {
      unsafe name.withPlatformString { unsafe unlinkat(file.descriptor, $0, AT_REMOVEDIR) }
    }
  }

  /// What is in it.
  func names() throws(FileChangeError) -> [FilePath.Component] {
    let descriptor = try attempt(.open, path) {
      unsafe openat(file.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let stream = unsafe fdopendir(descriptor) else {
      let code = Errno(rawValue: errno)
      close(descriptor)
      throw .system(.read, path, code)
    }
    defer { unsafe closedir(stream) }
    var names: [FilePath.Component] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe FilePath.Component(platformString: $0)
        }
      }
      if let name, name.kind == .regular { names.append(name) }
    }
    return names
  }

  /// Flushes its entries to disk: without it a power failure may undo a rename.
  func flush() throws(FileChangeError) {
    let descriptor = try attempt(.sync, path) {
      unsafe openat(file.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    let opened = OpenFile(descriptor: descriptor, path: path)
    do throws(FileChangeError) {
      try opened.flush(of: path)
    } catch .system(_, _, .invalidArgument) {
      // File systems without anything to flush for a directory say so in this way.
    }
  }

  /// When it was made; nil where the file system does not say.
  var birth: FileIdentity.Timestamp? {
    var seconds: CLongLong = 0
    var nanoseconds: CUnsignedInt = 0
    unsafe birth_time(file.descriptor, &seconds, &nanoseconds)
    guard (seconds, nanoseconds) != (0, 0) else { return nil }
    return FileIdentity.Timestamp(seconds: seconds, nanoseconds: Int64(nanoseconds))
  }

  func rename(
    _ source: FilePath.Component, to destination: FilePath.Component, flags: CInt,
    for operation: FileOperation, of path: FilePath
  ) throws(FileChangeError) {
    try attempt(operation, path) {
      unsafe source.withPlatformString { from in
        unsafe destination.withPlatformString { to in
          unsafe renameat2(file.descriptor, from, file.descriptor, to, CUnsignedInt(flags))
        }
      }
    }
  }

  /// Gives what has a name another name as well.
  func link(
    _ source: FilePath.Component, to destination: FilePath.Component,
    for operation: FileOperation, of path: FilePath
  ) throws(FileChangeError) {
    try attempt(operation, path) {
      unsafe source.withPlatformString { from in
        unsafe destination.withPlatformString { to in
          unsafe linkat(file.descriptor, from, file.descriptor, to, 0)
        }
      }
    }
  }
}

/// Whether a user is root or the one that this process acts as: nobody else can make what is theirs.
func isOurs(_ user: UInt32) -> Bool { user == 0 || user == geteuid() }
