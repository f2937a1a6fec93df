import CLinux
import Glibc
package import SystemPackage

/// Whether a file could be replaced, without doing it.
package struct ReplacementPreflight: Hashable, Sendable {
  /// The file itself, symbolic links followed.
  package var path: FilePath
  package var metadata: FileMetadata
  package var linkCount: Int
  /// Whether the file must not be changed by anybody (chattr +i), or only be added to (+a).
  package var isImmutable: Bool
  /// Whether something is mounted on it, as a single file is that is handed into a container: then nothing can be
  /// renamed over it (rename(2), EBUSY).
  package var isMountPoint: Bool
  /// Whether it has an access ACL (acl(5)), by which others may read it than its mode says.
  package var hasACL: Bool
  /// The SELinux label, if there is one.
  package var label: String?
  /// The directories above it, the root first.
  package var directories: [DirectoryPreflight]

  /// Looks at a file; nil where there is none to be seen.
  package init?(of path: FilePath) {
    guard let place = try? Walk.place(of: path), let status = place.status else { return nil }
    let real = place.realPath
    self.path = real
    metadata = FileMetadata(status)
    linkCount = Int(status.linkCount)
    isImmutable = hasAttribute(STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND, real)
    isMountPoint = hasAttribute(STATX_ATTR_MOUNT_ROOT, real)
    hasACL = Self.attribute("system.posix_acl_access", of: real) != nil
    label = Self.attribute("security.selinux", of: real)
    directories = DirectoryPreflight.all(above: real)
  }

  private static func attribute(_ name: String, of path: FilePath) -> String? {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = unsafe buffer.withUnsafeMutableBytes { buffer in
      unsafe path.withPlatformString { path in
        unsafe getxattr(path, name, buffer.baseAddress, buffer.count)
      }
    }
    guard count >= 0 else { return nil }
    return String(decoding: buffer.prefix(count).prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// A directory on the way to a file.
package struct DirectoryPreflight: Hashable, Sendable {
  package var path: FilePath
  package var metadata: FileMetadata
  /// Why this process can make no file in it; nil if it can.
  package var refusal: Errno?
  /// Whether nothing in it may get another name (chattr +i, +a).
  package var isImmutable: Bool

  /// Looks at a directory; nil where there is none to be seen.
  package init?(of path: FilePath) {
    guard let status = try? path.stat() else { return nil }
    self.path = path
    metadata = FileMetadata(status)
    refusal = accessRefusal(to: path, W_OK | X_OK)
    isImmutable = hasAttribute(STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND, path)
  }

  /// The directories above a file, the root first.
  static func all(above path: FilePath) -> [DirectoryPreflight] {
    var directories: [DirectoryPreflight] = []
    var place = path.removingLastComponent()
    while true {
      if let directory = DirectoryPreflight(of: place) { directories.append(directory) }
      let parent = place.removingLastComponent()
      guard parent != place, !parent.isEmpty else { return directories.reversed() }
      place = parent
    }
  }
}

/// Whether a file has one of some attributes (statx(2)).
private func hasAttribute(_ mask: Int32, _ path: FilePath) -> Bool {
  unsafe path.withPlatformString { unsafe file_attributes($0) } & UInt64(mask) != 0
}

/// Why this process may not do something with a file, by its effective user and capabilities; nil if it
/// may.
package func accessRefusal(to path: FilePath, _ mode: CInt) -> Errno? {
  let result = unsafe path.withPlatformString {
    unsafe faccessat(AT_FDCWD, $0, mode, AT_EACCESS)
  }
  return result == 0 ? nil : Errno(rawValue: errno)
}
