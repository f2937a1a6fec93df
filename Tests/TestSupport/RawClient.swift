import Glibc
package import SystemPackage

/// A client that sends exactly the given bytes, and stays silent where a real client would not.
package final class RawClient {
  private let descriptor: CInt

  /// - Parameters:
  ///   - port: A port of 127.0.0.1.
  ///   - receiveBuffer: How much unread data the kernel may keep; nil for its default.
  /// - Throws: If nobody listens.
  package init(port: Int, receiveBuffer: CInt? = nil) throws {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    if var receiveBuffer {
      unsafe setsockopt(
        descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<CInt>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    try connect(&address)
  }

  package init(path: FilePath) throws {
    descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { buffer in
      unsafe buffer.copyBytes(from: path.string.utf8)
    }
    try connect(&address)
  }

  private func connect<Address>(_ address: inout Address) throws {
    // A test that fails must still end.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard result == 0 else { throw SystemCallFailure("connect") }
  }

  deinit { close(descriptor) }

  /// - Returns: Whether the connection was still open.
  @discardableResult
  package func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return unsafe Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
  }

  /// Sends as much as the connection accepts at once.
  ///
  /// - Returns: The number of bytes; nil if the other side has closed the connection.
  package func sendWithoutWaiting(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
    let count = unsafe Glibc.send(descriptor, bytes, bytes.count, flags)
    return count >= 0 ? count : errno == EAGAIN ? 0 : nil
  }

  /// Shuts down the sending side.
  package func closeOutput() {
    shutdown(descriptor, CInt(SHUT_WR))
  }

  /// Everything received until the other side closes the connection; nil if it does not.
  package func rest() -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 {
        bytes += buffer[..<count]
      } else {
        return count == 0 || errno == ECONNRESET ? String(decoding: bytes, as: UTF8.self) : nil
      }
    }
  }

  /// The next data received; nil if the other side has closed the connection.
  package func next() -> String? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

  /// The answer to a single request.
  ///
  /// - Parameters:
  ///   - request: The first line of the request, without the version.
  ///   - port: A port of 127.0.0.1.
  ///   - fields: The other lines of the request.
  /// - Returns: Everything received until the connection closed.
  /// - Throws: If nobody listens.
  package static func answer(
    _ request: String, port: Int, fields: [String] = ["Host: localhost"]
  ) throws -> (status: String, head: String, body: String) {
    let client = try RawClient(port: port)
    let lines = ["\(request) HTTP/1.1"] + fields + ["Connection: close", "", ""]
    client.send(lines.joined(separator: "\r\n"))
    let text = client.rest() ?? ""
    guard let end = text.firstRange(of: "\r\n\r\n") else { return ("", text, "") }
    let head = String(text[..<end.lowerBound])
    let status = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    return (status, head, String(text[end.upperBound...]))
  }
}
