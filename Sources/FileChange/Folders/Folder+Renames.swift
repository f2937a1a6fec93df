import CLinux
import Glibc
import SystemPackage

// Two names of one folder that change places, and a name that becomes another.
extension Folder {
  /// Has two files change places, in one step where the file system can do it (renameat2(2)).
  ///
  /// Where it cannot, the first file takes the second one's place in one step, and a further name keeps
  /// the second until it has the first one's.
  func exchange(
    _ one: FilePath.Component, _ other: FilePath.Component, for operation: FileOperation,
    of path: FilePath
  ) throws(FileChangeError) {
    do throws(FileChangeError) {
      try rename(one, to: other, flags: RENAME_EXCHANGE, for: operation, of: path)
    } catch .system(_, _, let code) where Self.isUnsupported(code) {
      let keeper = CompanionName.keeper(of: one)
      try link(other, to: keeper, for: operation, of: path)
      do throws(FileChangeError) {
        try rename(one, to: other, flags: 0, for: operation, of: path)
      } catch {
        try? remove(keeper, of: path)
        throw error
      }
      try rename(keeper, to: one, flags: 0, for: operation, of: path)
    }
  }

  /// Gives a file a name that nothing has yet: an existing file is never overwritten.
  func move(
    _ source: FilePath.Component, to destination: FilePath.Component,
    for operation: FileOperation, of path: FilePath
  ) throws(FileChangeError) {
    do throws(FileChangeError) {
      try rename(source, to: destination, flags: RENAME_NOREPLACE, for: operation, of: path)
    } catch .system(_, _, let code) where Self.isUnsupported(code) {
      try link(source, to: destination, for: operation, of: path)
      try remove(source, of: path)
    }
  }

  private static func isUnsupported(_ code: Errno) -> Bool {
    code == .invalidArgument || code == .noFunction || code == .notSupported
  }
}
