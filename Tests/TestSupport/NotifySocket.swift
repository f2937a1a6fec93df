import Glibc
package import SystemPackage

/// A socket in place of the one on which systemd listens (sd_notify(3)).
package final class NotifySocket: Sendable {
  package let path: FilePath
  private let descriptor: CInt

  package init(at path: FilePath) throws {
    self.path = path
    descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) {
      unsafe $0.copyBytes(from: path.string.utf8)
    }
    let status = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw SystemCallFailure("bind \(path)") }
  }

  deinit { close(descriptor) }

  /// The messages received since the last call; a Unix datagram arrives as soon as it is sent.
  package func receive() -> [String] {
    var messages: [String] = []
    while true {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
      }
      guard count > 0 else { return messages }
      messages.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
  }
}
