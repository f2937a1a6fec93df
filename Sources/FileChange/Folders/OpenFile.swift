import Glibc
import SystemPackage

/// A file descriptor that is closed when its owner goes.
struct OpenFile: ~Copyable {
  let descriptor: CInt
  /// What messages call it.
  let path: FilePath

  /// Takes over a descriptor.
  init(descriptor: CInt, path: FilePath) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    close(descriptor)
  }

  func status(for operation: FileOperation) throws(FileChangeError) -> Stat {
    do {
      return try FileDescriptor(rawValue: descriptor).stat()
    } catch {
      throw .system(operation, path, error)
    }
  }

  /// The next bytes, as many as there are at once; none at the end.
  borrowing func read(atMost count: Int) throws(FileChangeError) -> [UInt8] {
    let (descriptor, path) = (descriptor, path)
    var outcome: Result<Void, FileChangeError> = .success(())
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(FileChangeError) {
        filled = try attempt(.read, path) {
          unsafe Glibc.read(descriptor, buffer.baseAddress, count)
        }
      } catch {
        outcome = .failure(error)
      }
    }
    try outcome.get()
    return bytes
  }

  /// Writes all bytes.
  borrowing func write(
    _ bytes: ArraySlice<UInt8>, for operation: FileOperation, of path: FilePath
  ) throws(FileChangeError) {
    let descriptor = descriptor
    var written = 0
    while written < bytes.count {
      written += try attempt(operation, path) {
        unsafe bytes.withUnsafeBytes { buffer in
          unsafe Glibc.write(
            descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        }
      }
    }
  }

  /// Makes what was written last.
  borrowing func flush(of path: FilePath) throws(FileChangeError) {
    let descriptor = descriptor
    try attempt(.sync, path) { fsync(descriptor) }
  }
}

/// A file that is held open, so that no other gets its inode meanwhile.
final class HeldFile: Sendable {
  let file: OpenFile

  init(_ file: consuming OpenFile) {
    self.file = file
  }

  func status(for operation: FileOperation) throws(FileChangeError) -> Stat {
    try file.status(for: operation)
  }
}
