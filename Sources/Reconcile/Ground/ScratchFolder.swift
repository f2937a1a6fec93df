import FileChange
import Glibc
import ReconcileModel
import SystemPackage

/// A folder that nobody else may look into (a configuration has keys in it), gone with its value.
final class ScratchFolder {
  private static let prefix = "zonebridge-"

  let path: FilePath
  private var count = 0

  /// - Parameter directory: where it is made; nil for the system's place for such files.
  /// - Throws: why it cannot be made.
  init(in directory: FilePath?) throws(PassError) {
    let parent =
      directory ?? FilePath(unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp")
    // mkdtemp(3) writes a random name over the six X of a C string of ours: nobody who may write to the
    // parent can have made the folder, or a link of its name, before.
    var template = Array(parent.appending("\(Self.prefix)XXXXXX").string.utf8CString)
    let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
    }
    guard isMade else {
      throw PassError("cannot make a scratch folder in \(parent): \(Errno(rawValue: errno))")
    }
    path = FilePath(
      String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  deinit {
    for index in 0..<count { _ = unsafe unlink(file(index).string) }
    _ = unsafe rmdir(path.string)
  }

  /// Removes the folders that processes left in a directory which had no time to.
  static func removeOld(in directory: FilePath) {
    for name in directory.entries where name.hasPrefix(prefix) {
      let folder = directory.appending(name)
      for file in folder.entries { _ = unsafe unlink(folder.appending(file).string) }
      _ = unsafe rmdir(folder.string)
    }
  }

  /// The name of a file that somebody else is to write.
  func reserve() -> FilePath {
    count += 1
    return file(count - 1)
  }

  func write(_ contents: FileContents) throws(PassError) -> FilePath {
    let file = reserve()
    try write(contents, to: file)
    return file
  }

  /// Writes a file whose name was reserved.
  func write(_ contents: FileContents, to file: FilePath) throws(PassError) {
    do {
      let descriptor = try FileDescriptor.open(
        file, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
      try descriptor.closeAfter {
        for piece in contents.pieces { _ = try descriptor.writeAll(piece) }
      }
    } catch {
      throw PassError("cannot write the candidate \(file)", error)
    }
  }

  private func file(_ index: Int) -> FilePath { path.appending("\(index).candidate") }
}
