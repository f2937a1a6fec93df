import Glibc
package import SystemPackage

package func readFile(_ path: FilePath) throws -> [UInt8] {
  let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
  return try file.closeAfter {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe try chunk.withUnsafeMutableBytes { unsafe try file.read(into: $0) }
      guard count > 0 else { return bytes }
      bytes += chunk.prefix(count)
    }
  }
}

/// Writes a file in place, and sets its mode regardless of the umask.
package func writeFile(
  _ path: FilePath, _ bytes: [UInt8],
  mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
) throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: mode)
  try file.closeAfter {
    try file.writeAll(bytes)
    guard fchmod(file.rawValue, mode.rawValue) == 0 else {
      throw SystemCallFailure("fchmod \(path)")
    }
  }
}

/// The names in a folder, sorted, without `.` and `..`.
package func listFolder(_ path: FilePath) throws -> [String] {
  guard let folder = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
    throw SystemCallFailure("opendir \(path)")
  }
  defer { unsafe closedir(folder) }
  var names: [String] = []
  while let entry = unsafe readdir(folder) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

func makeFolders(down path: FilePath) throws {
  guard !path.isEmpty, (try? path.stat()) == nil else { return }
  try makeFolders(down: path.removingLastComponent())
  guard unsafe path.withPlatformString({ unsafe mkdir($0, 0o755) }) == 0 else {
    throw SystemCallFailure("mkdir \(path)")
  }
}

/// Removes a folder with everything in it, without following symbolic links; missing files are no error.
package func removeTree(_ path: FilePath) {
  if let status = try? path.stat(followTargetSymlink: false), status.type == .directory {
    for name in (try? listFolder(path)) ?? [] { removeTree(path.appending(name)) }
    _ = unsafe path.withPlatformString { unsafe rmdir($0) }
  } else {
    _ = unsafe path.withPlatformString { unsafe unlink($0) }
  }
}

/// Creates a symbolic link.
package func makeLink(_ link: FilePath, to target: FilePath) throws {
  guard unsafe symlink(target.string, link.string) == 0 else {
    throw SystemCallFailure("symlink \(link)")
  }
}

/// Removes a file.
package func removeFile(_ path: FilePath) throws {
  guard unsafe unlink(path.string) == 0 else { throw SystemCallFailure("unlink \(path)") }
}
