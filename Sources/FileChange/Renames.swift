import CLinux
import Glibc
import SystemPackage

/// Has two files change places, in one step where the file system can do it (renameat2(2)).
///
/// Where it cannot, the first file takes the second one's place in one step, and a further name keeps
/// the second until it has the first one's.
func exchange(
  _ one: FilePath, _ other: FilePath, for operation: FileOperation, of path: FilePath
) throws(FileChangeError) {
  do throws(FileChangeError) {
    try rename(one, other, flags: RENAME_EXCHANGE, for: operation, of: path)
  } catch .system(_, _, let code) where isUnsupported(code) {
    let keeper = keeperPath(of: one)
    try link(other, to: keeper, for: operation, of: path)
    try rename(one, other, flags: 0, for: operation, of: path)
    try rename(keeper, one, flags: 0, for: operation, of: path)
  }
}

/// The name that keeps a file while two change places in more than one step.
func keeperPath(of path: FilePath) -> FilePath { FilePath(path.string + "~") }

/// Gives a file another name, which nothing has yet: what stands there is not overwritten.
func move(
  _ source: FilePath, to destination: FilePath, for operation: FileOperation, of path: FilePath
) throws(FileChangeError) {
  do throws(FileChangeError) {
    try rename(source, destination, flags: RENAME_NOREPLACE, for: operation, of: path)
  } catch .system(_, _, let code) where isUnsupported(code) {
    try link(source, to: destination, for: operation, of: path)
    try attempt(operation, path) { unsafe source.withPlatformString { unsafe unlink($0) } }
  }
}

/// Takes a companion away, if there is one: a file that is created or removed has none at one end of the
/// way or the other.
///
/// Whether there is one is looked at first, since a file system that is mounted read-only refuses to
/// remove even what is not there.
func removeCompanion(_ companion: FilePath, of path: FilePath) throws(FileChangeError) {
  guard try statusOfLink(companion) != nil else { return }
  try attempt(.remove, path) { unsafe companion.withPlatformString { unsafe unlink($0) } }
}

private func isUnsupported(_ code: Errno) -> Bool {
  code == .invalidArgument || code == .noFunction || code == .notSupported
}

private func rename(
  _ source: FilePath, _ destination: FilePath, flags: CInt, for operation: FileOperation,
  of path: FilePath
) throws(FileChangeError) {
  try attempt(operation, path) {
    unsafe source.withPlatformString { from in
      unsafe destination.withPlatformString { to in
        unsafe renameat2(AT_FDCWD, from, AT_FDCWD, to, CUnsignedInt(flags))
      }
    }
  }
}

private func link(
  _ source: FilePath, to destination: FilePath, for operation: FileOperation, of path: FilePath
) throws(FileChangeError) {
  try attempt(operation, path) {
    unsafe source.withPlatformString { from in
      unsafe destination.withPlatformString { to in unsafe Glibc.link(from, to) }
    }
  }
}
