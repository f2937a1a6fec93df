package import Glibc
import Synchronization

/// The ports handed out in this process, so that no two tests get the same one.
private let taken = Mutex<Set<UInt16>>([])

/// A port that is free on 127.0.0.1, for UDP and TCP.
///
/// It is below the kernel's range for outgoing connections. Another process may still take it first; if listening
/// fails, try again with another port.
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
///
/// - Parameters:
///   - kind: `SOCK_DGRAM`, or `SOCK_STREAM` for a socket on which the caller still has to listen.
///   - port: A port from ``freePort()``.
///   - attempts: The number of attempts, 20 ms apart. A program that is starting up holds sockets that ``freePort()``
///     has closed until it gets from fork to exec.
/// - Returns: Its descriptor.
/// - Throws: The error of bind(2).
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
