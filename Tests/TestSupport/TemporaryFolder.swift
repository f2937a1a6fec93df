import Glibc
package import SystemPackage

/// A system call that a test depends on failed.
package struct SystemCallFailure: Error, CustomStringConvertible {
  package let description: String

  package init(_ what: String) {
    description = "\(what): \(Errno(rawValue: errno))"
  }
}

/// A folder for one test, removed with everything in it when the last reference to it goes away.
///
/// Others may enter it (mode 0755), because a named that runs as another user has to.
package final class TemporaryFolder: Sendable {
  package let path: FilePath

  package init() throws {
    let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/zonebridge-test-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
      guard let start = buffer.baseAddress, let name = unsafe mkdtemp(start) else {
        return nil
      }
      return unsafe String(cString: name)
    }
    guard let made else { throw SystemCallFailure("mkdtemp in \(parent)") }
    guard unsafe chmod(made, 0o755) == 0 else { throw SystemCallFailure("chmod \(made)") }
    path = FilePath(made)
  }

  deinit {
    removeTree(path)
  }

  /// Writes a file, creates the folders above it if necessary, and returns its path.
  @discardableResult
  package func write(
    _ name: String, _ contents: some Collection<UInt8>,
    mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
  ) throws -> FilePath {
    let file = path.appending(name)
    try makeFolders(down: file.removingLastComponent())
    try writeFile(file, Array(contents), mode: mode)
    return file
  }

  @discardableResult
  package func write(_ name: String, _ text: String) throws -> FilePath {
    try write(name, Array(text.utf8))
  }

  package func read(_ name: String) throws -> [UInt8] {
    try readFile(path.appending(name))
  }

  package func text(_ name: String) throws -> String {
    String(decoding: try read(name), as: UTF8.self)
  }

  /// The sorted names in the folder or in one below it, including hidden ones.
  package func names(in folder: String = "") throws -> [String] {
    try listFolder(path.appending(folder))
  }
}

/// Passes a folder to the body, and removes it afterwards.
package func withTemporaryFolder<Result>(
  _ body: (TemporaryFolder) async throws -> Result
) async throws -> Result {
  let folder = try TemporaryFolder()
  defer { removeTree(folder.path) }
  return try await body(folder)
}
