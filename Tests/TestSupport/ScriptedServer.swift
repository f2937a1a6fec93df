import Dispatch
package import Glibc

/// A name server that sends what a test specifies, byte for byte, right or wrong.
///
/// ``ScriptedNameServer`` builds on it and makes answers from records.
package final class ScriptedServer: Sendable {
  package let port: UInt16
  private let descriptor: CInt

  /// Over UDP: answers each question, except those to ignore, with these datagrams.
  package convenience init(
    port: UInt16? = nil, ignoring ignored: Int = 0,
    answering: @escaping @Sendable ([UInt8]) -> [[UInt8]]
  ) throws {
    try self.init(port: port, ignoring: ignored, sending: { query, _ in answering(query) })
  }

  /// The same, with the source address of the question.
  package init(
    port: UInt16? = nil, ignoring ignored: Int = 0,
    sending: @escaping @Sendable ([UInt8], sockaddr_in) -> [[UInt8]]
  ) throws {
    self.port = try port ?? freePort()
    let descriptor = try boundSocket(SOCK_DGRAM, port: self.port)
    self.descriptor = descriptor
    DispatchQueue(label: "scripted").async {
      defer { close(descriptor) }
      var received = 0
      while true {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var peer = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = unsafe withUnsafeMutablePointer(to: &peer) { pointer in
          unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            unsafe recvfrom(descriptor, &buffer, buffer.count, 0, pointer, &size)
          }
        }
        guard count > 0 else { return }
        received += 1
        guard received > ignored else { continue }
        for datagram in sending(Array(buffer.prefix(count)), peer) {
          _ = unsafe withUnsafePointer(to: &peer) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
              unsafe sendto(descriptor, datagram, datagram.count, 0, pointer, size)
            }
          }
        }
      }
    }
  }

  /// Over TCP: reads the question, sends these bytes, and closes the connection.
  package convenience init(stream bytes: [UInt8]) throws {
    try self.init(streaming: { _ in bytes })
  }

  /// Over TCP: reads each question, preceded by its length, sends these bytes, and closes the connection.
  package init(
    port: UInt16? = nil, streaming answer: @escaping @Sendable ([UInt8]) -> [UInt8]
  ) throws {
    self.port = try port ?? freePort()
    let descriptor = try boundSocket(SOCK_STREAM, port: self.port)
    self.descriptor = descriptor
    guard listen(descriptor, 16) == 0 else { throw SystemCallFailure("listen") }
    DispatchQueue(label: "scripted").async {
      defer { close(descriptor) }
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        var bytes: [UInt8] = []
        while bytes.count < 2 || bytes.count < 2 + (Int(bytes[0]) << 8 | Int(bytes[1])) {
          var buffer = [UInt8](repeating: 0, count: 4096)
          let count = unsafe recv(connection, &buffer, buffer.count, 0)
          guard count > 0 else { break }
          bytes += buffer.prefix(count)
        }
        let message = answer(bytes)
        _ = unsafe send(connection, message, message.count, CInt(MSG_NOSIGNAL))
        close(connection)
      }
    }
  }

  deinit {
    // Wakes the thread that waits on the socket, which then closes it. If it were closed here, another server could get
    // its number while the thread is between two questions, and this script would answer for that server.
    shutdown(descriptor, CInt(SHUT_RDWR))
  }

  /// The question turned into a NOTIMP response without records.
  package static func response(to query: [UInt8]) -> [UInt8] {
    var response = query
    response[2] |= 0x80
    response[3] = 4
    return response
  }
}
