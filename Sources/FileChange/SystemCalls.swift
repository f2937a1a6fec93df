import Glibc
import SystemPackage

/// A file descriptor that is closed when its owner goes.
struct OpenFile: ~Copyable {
  let descriptor: CInt
  let path: FilePath

  /// Opens a file; it is never inherited by a program that is started meanwhile.
  init(
    _ path: FilePath, flags: CInt, mode: mode_t = 0, for operation: FileOperation, of name: FilePath
  ) throws(FileChangeError) {
    descriptor = try attempt(operation, name) {
      unsafe path.withPlatformString { unsafe Glibc.open($0, flags | O_CLOEXEC, mode) }
    }
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
}

extension OpenFile {
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
}

/// Makes a system call which says by -1 that it failed, again for as long as signals interrupt it.
@discardableResult
func attempt<Value: FixedWidthInteger & SignedInteger>(
  _ operation: FileOperation, _ path: FilePath, _ call: () -> Value
) throws(FileChangeError) -> Value {
  while true {
    let value = call()
    guard value == -1 else { return value }
    let code = Errno(rawValue: errno)
    guard code == .interrupted else { throw .system(operation, path, code) }
  }
}

/// The path without symbolic links, `.` and `..`.
func resolved(_ path: FilePath) throws(FileChangeError) -> FilePath {
  let result = unsafe path.withPlatformString { unsafe realpath($0, nil) }
  guard let result = unsafe result else {
    throw .system(.resolve, path, Errno(rawValue: errno))
  }
  defer { unsafe free(result) }
  return unsafe FilePath(platformString: result)
}

/// What the path itself is, a symbolic link not followed; nil where there is nothing.
func statusOfLink(_ path: FilePath) throws(FileChangeError) -> Stat? {
  do {
    return try path.stat(followTargetSymlink: false)
  } catch Errno.noSuchFileOrDirectory {
    return nil
  } catch {
    throw .system(.resolve, path, error)
  }
}

/// Makes the directory's entries last: without it a rename may be undone by a power failure.
func syncDirectory(_ directory: FilePath) throws(FileChangeError) {
  let opened = try OpenFile(directory, flags: O_RDONLY | O_DIRECTORY, for: .sync, of: directory)
  do throws(FileChangeError) {
    try attempt(.sync, directory) { fsync(opened.descriptor) }
  } catch .system(_, _, .invalidArgument) {
    // File systems without anything to flush for a directory say so in this way.
  }
}
