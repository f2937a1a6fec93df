import CLinux
import Glibc
import SystemPackage

/// A symbolic link: who made it and what it says, of the same link, whatever takes its place meanwhile.
struct SymbolicLink {
  let name: FilePath.Component
  let target: FilePath
  let owner: UInt32
  /// How many names (hard links) it has.
  let linkCount: Int

  /// Nil where there is something else of that name.
  init?(
    _ name: FilePath.Component, in folder: Folder, of path: FilePath
  ) throws(FileChangeError) {
    let file = try folder.open(name, flags: O_PATH, for: .resolve, of: path)
    let status = try file.status(for: .resolve)
    guard status.type == .symbolicLink else { return nil }
    self.name = name
    owner = status.userID.rawValue
    linkCount = status.linkCount
    target = try Self.target(of: file, path)
  }

  private static func target(
    of file: borrowing OpenFile, _ path: FilePath
  ) throws(FileChangeError) -> FilePath {
    // No link says more (PATH_MAX).
    var buffer = [CChar](repeating: 0, count: 4097)
    let descriptor = file.descriptor
    let count = try attempt(.resolve, path) {
      unsafe readlinkat(descriptor, "", &buffer, buffer.count - 1)
    }
    buffer[count] = 0
    return unsafe FilePath(platformString: Array(buffer[...count]))
  }
}
