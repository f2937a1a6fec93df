import Glibc

/// A certificate file for clients.
struct PEMFile {
  private let bytes: [UInt8]

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// Writes a file that everybody may read, overwriting an existing one.
  func write(to path: String) throws {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw failure(path)
    }
    defer { close(descriptor) }
    guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw failure(path)
    }
  }

  private func failure(_ path: String) -> UnwritableFile {
    UnwritableFile(description: "\(path): \(unsafe String(cString: strerror(errno)))")
  }
}

struct UnwritableFile: Error, CustomStringConvertible {
  let description: String
}
