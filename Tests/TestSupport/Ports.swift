package import Glibc
import Synchronization

/// Ports that were handed out in this process, so that no two tests get the same.
private let taken = Mutex<Set<UInt16>>([])

/// A port which is free on 127.0.0.1, for UDP and for TCP.
///
/// It lies below the range that the kernel takes ports of outgoing connections from. Another
/// process may still come first: whoever listens on it tries again with another.
package func freePort() throws -> UInt16 {
  for _ in 1...1000 {
    let port = UInt16.random(in: 10_000..<32_000)
    guard taken.withLock({ $0.insert(port).inserted }) else { continue }
    if let datagrams = try? boundSocket(SOCK_DGRAM, port: port, attempts: 1),
      let stream = try? boundSocket(SOCK_STREAM, port: port, attempts: 1)
    {
      close(datagrams)
      close(stream)
      return port
    }
  }
  throw SystemCallFailure("no free port")
}

/// A socket bound to a port of 127.0.0.1; the caller closes it.
/// - Parameters:
///   - kind: `SOCK_DGRAM`, or `SOCK_STREAM` for one that still has to listen.
///   - port: one of ``freePort()``.
///   - attempts: how often it is tried, 20 ms apart. A program that is being started holds what
///     ``freePort()`` has closed already for as long as it takes to come from fork to exec.
/// - Returns: its descriptor.
/// - Throws: what bind(2) says.
package func boundSocket(
  _ kind: __socket_type, port: UInt16, attempts: Int = 100
) throws -> CInt {
  let descriptor = socket(AF_INET, CInt(kind.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  for attempt in 1...attempts {
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if bound == 0 { return descriptor }
    guard errno == EADDRINUSE, attempt < attempts else { break }
    usleep(20_000)
  }
  let failure = SystemCallFailure("bind to 127.0.0.1:\(port)")
  close(descriptor)
  throw failure
}
