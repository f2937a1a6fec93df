import Glibc
import Reconcile
import SystemPackage

/// A socket in the file system, seen from outside.
enum UnixSocket {
  enum State: Equatable {
    case absent
    /// Its file is there, and the process that listened is gone.
    case dead
    /// Somebody listens, whether or not he answers.
    case listening
    /// The file is no socket.
    case foreign
    case refused(Errno)
  }

  /// Where an agent answers that has this state directory.
  static func ofAgent(in stateDirectory: FilePath) -> FilePath {
    StateDirectory(stateDirectory).socket
  }

  /// Tries to connect, without waiting.
  static func state(of path: FilePath) -> State {
    do {
      let status = try path.stat(followTargetSymlink: false)
      // connect(2) says of any file that nobody listens there.
      guard status.type == .socket else { return .foreign }
    } catch {
      return error == .noSuchFileOrDirectory ? .absent : .refused(error)
    }
    guard let address = address(of: path) else { return .refused(.fileNameTooLong) }
    let kind =
      CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { return .refused(Errno(rawValue: errno)) }
    defer { close(descriptor) }
    if unsafe call(connect, descriptor, address) == 0 { return .listening }
    switch Errno(rawValue: errno) {
    // So many wait already that there is no room for another one (unix(7)).
    case .wouldBlock: return .listening
    case .connectionRefused: return .dead
    case .noSuchFileOrDirectory: return .absent
    case let code: return .refused(code)
    }
  }

  /// Makes a socket at a path where there is nothing, and listens on it.
  ///
  /// Anybody who can reach it may connect: whoever can read the files beside it may ask, too.
  /// - Returns: its descriptor.
  static func listen(at path: FilePath) throws(Errno) -> CInt {
    guard let address = address(of: path) else { throw .fileNameTooLong }
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    // Whatever the umask; and before anybody can connect. By no link that somebody has put there meanwhile.
    guard unsafe call(bind, descriptor, address) == 0,
      unsafe fchmodat(AT_FDCWD, path.string, 0o666, AT_SYMLINK_NOFOLLOW) == 0,
      Glibc.listen(descriptor, 128) == 0
    else {
      let code = Errno(rawValue: errno)
      close(descriptor)
      throw code
    }
    return descriptor
  }

  /// Whether connections come in at a descriptor, of whatever family.
  static func isListening(_ descriptor: CInt) -> Bool {
    var value: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0
      && value == 1
  }

  private static func call(
    _ function: (CInt, UnsafePointer<sockaddr>?, socklen_t) -> CInt, _ descriptor: CInt,
    _ address: sockaddr_un
  ) -> CInt {
    unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Nil for a path that is longer than a socket's can be (unix(7): 108 bytes with the final zero).
  private static func address(of path: FilePath) -> sockaddr_un? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.string.utf8)
    let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { buffer in
      guard bytes.count < buffer.count else { return false }
      unsafe buffer.copyBytes(from: bytes)
      return true
    }
    return fits ? address : nil
  }
}
