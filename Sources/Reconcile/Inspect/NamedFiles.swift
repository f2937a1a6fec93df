import BINDText
import DNSNames
import FileChange
import SystemPackage

/// named's files, read as named itself could read them, and remembered from pass to pass.
struct NamedFiles: Sendable {
  let reader: Reader
  let cache: FileCache

  init(_ reader: Reader = Reader(), _ cache: FileCache = FileCache()) {
    self.reader = reader
    self.cache = cache
  }

  /// A file as it is now.
  func read(_ path: FilePath) throws(FileChangeError) -> FileSnapshot {
    try cache.read(path, as: reader)
  }

  /// The same; nil where there is no such file.
  func readIfThere(_ path: FilePath) throws(FileChangeError) -> FileSnapshot? {
    do {
      return try read(path)
    } catch {
      guard error.isNotFound else { throw error }
      return nil
    }
  }

  func forget(_ snapshot: FileSnapshot) { cache.forget(snapshot) }
}
