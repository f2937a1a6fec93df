import Glibc
import TestSupport

/// A port where connections are accepted (by the kernel) and datagrams taken, and nobody answers.
final class SilentListener: Sendable {
  let port: UInt16
  private let datagrams: CInt
  private let stream: CInt

  init() throws {
    port = try freePort()
    datagrams = try boundSocket(SOCK_DGRAM, port: port)
    stream = try boundSocket(SOCK_STREAM, port: port)
    guard listen(stream, 100) == 0 else { throw SystemCallFailure("listen") }
  }

  deinit {
    close(datagrams)
    close(stream)
  }
}
