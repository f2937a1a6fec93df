import Foundation
import Glibc
import TestSupport

/// A TCP server that sends what a test says, byte for byte, and ends a connection as the test says.
final class RawServer: Sendable {
  enum Step: Sendable {
    case send([UInt8])
    /// Again and again, slowly, until the other side has gone.
    case drip([UInt8])
    /// Again and again, as fast as the other side takes it, until that has gone.
    case flood([UInt8])
    /// The time that the other side takes to see what has been sent so far.
    case pause
    /// Until the other side has gone.
    case wait
    /// Ends the connection with an RST instead of a FIN.
    case reset
  }

  /// When a connection gets its script.
  enum Start: Sendable {
    case onAccept
    /// After the head of a request, or whatever comes first of something else.
    case onRequest
  }

  let port: UInt16
  private let address: String
  private let listener: CInt

  /// Listens until `stop()`.
  ///
  /// - Parameters:
  ///   - address: one of this host's IPv4 addresses.
  ///   - port: nil for one that is free on 127.0.0.1.
  ///   - start: when a connection gets its script.
  ///   - script: what is sent for a request of this path; the connection closes after that.
  /// - Throws: what the socket's calls say.
  init(
    address: String = "127.0.0.1", port: UInt16? = nil, start: Start = .onRequest,
    script: @escaping @Sendable (_ path: String) -> [Step]
  ) throws {
    self.address = address
    self.port = try port ?? freePort()
    listener = try listeningSocket(address, self.port)
    let listener = listener
    Thread.detachNewThread {
      while true {
        let connection = acceptConnection(of: listener)
        guard connection >= 0 else { break }
        Thread.detachNewThread { Self.serve(connection, start, script) }
      }
      close(listener)
    }
  }

  func url(_ scheme: String = "http") -> String { "\(scheme)://\(address):\(port)" }

  /// Takes no more connections.
  func stop() {
    shutdown(listener, CInt(SHUT_RDWR))
  }

  private static func serve(
    _ connection: CInt, _ start: Start, _ script: (String) -> [Step]
  ) {
    defer { close(connection) }
    limitWaiting(on: connection)
    var path = ""
    if start == .onRequest {
      guard let request = readRequest(from: connection) else { return }
      let words = request.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
      path = words.count > 1 ? String(decoding: words[1], as: UTF8.self) : ""
    }
    for step in script(path) {
      switch step {
      case .send(let bytes):
        guard sendAll(bytes[...], to: connection) else { return }
      case .drip(let bytes):
        while sendAll(bytes[...], to: connection) { usleep(20_000) }
      case .flood(let bytes):
        let block = floodBlock(of: bytes)
        while sendAll(block[...], to: connection) {}
      case .pause:
        usleep(30_000)
      case .wait:
        while let bytes = receive(from: connection), !bytes.isEmpty {}
      case .reset:
        resetOnClose(connection)
        return
      }
    }
  }

  private static func readRequest(from connection: CInt) -> [UInt8]? {
    var request: [UInt8] = []
    while let bytes = receive(from: connection), !bytes.isEmpty {
      request += bytes
      let isText = request.first.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
      if isText != true || isWhole(request) { return request }
    }
    return nil
  }

  /// Whether a request has come with its body: what is left unread when a connection closes makes an RST
  /// of its FIN.
  private static func isWhole(_ request: [UInt8]) -> Bool {
    guard let end = request.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
    let head = String(decoding: request[..<end.lowerBound], as: UTF8.self).lowercased()
    let length = head.firstMatch(of: /\r\ncontent-length: *([0-9]+)/).flatMap { Int($0.output.1) }
    return request.count >= end.upperBound + (length ?? 0)
  }
}

/// A way to a TCP server that is cut with an RST after so many bytes of what the server sends.
final class CutWire: Sendable {
  let port: UInt16
  private let listener: CInt

  /// Listens on 127.0.0.1 until `stop()`.
  init(to address: String, _ targetPort: UInt16, cutAfter limit: Int) throws {
    port = try freePort()
    listener = try listeningSocket("127.0.0.1", port)
    let listener = listener
    Thread.detachNewThread {
      while true {
        let client = acceptConnection(of: listener)
        guard client >= 0 else { break }
        Thread.detachNewThread { Self.carry(client, to: address, targetPort, limit) }
      }
      close(listener)
    }
  }

  /// Takes no more connections.
  func stop() {
    shutdown(listener, CInt(SHUT_RDWR))
  }

  private static func carry(_ client: CInt, to address: String, _ port: UInt16, _ limit: Int) {
    let server = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    defer {
      close(client)
      close(server)
    }
    guard connectSocket(server, to: address, port) == 0 else { return }
    var left = limit
    while left > 0 {
      var ends = [
        pollfd(fd: client, events: CShort(POLLIN), revents: 0),
        pollfd(fd: server, events: CShort(POLLIN), revents: 0),
      ]
      guard unsafe poll(&ends, 2, 60_000) > 0 else { return }
      if ends[0].revents != 0 {
        guard let bytes = receive(from: client), !bytes.isEmpty,
          sendAll(bytes[...], to: server)
        else { return }
      }
      if ends[1].revents != 0 {
        guard let bytes = receive(from: server), !bytes.isEmpty,
          sendAll(bytes.prefix(left), to: client)
        else { return }
        left -= bytes.prefix(left).count
      }
    }
    usleep(20_000)
    resetOnClose(client)
  }
}

/// The same bytes so often that a flood of them is not held up by system calls.
func floodBlock(of bytes: [UInt8]) -> [UInt8] {
  var block = bytes
  while block.count < 1 << 16 { block += block }
  return block
}

/// Listens, as soon as the port is free: who listened there before may just have gone, and a program that
/// is being started holds what this process had open for as long as it takes to come from fork to exec.
private func listeningSocket(_ address: String, _ port: UInt16) throws -> CInt {
  let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
  var yes: CInt = 1
  unsafe setsockopt(
    descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
  let deadline = ContinuousClock.now + .seconds(20)
  while true {
    if bindSocket(descriptor, to: address, port) == 0,
      listen(descriptor, 64) == 0
    {
      return descriptor
    }
    guard errno == EADDRINUSE, ContinuousClock.now < deadline else { break }
    usleep(20_000)
  }
  let failure = SystemCallFailure("listen on \(address):\(port)")
  close(descriptor)
  throw failure
}

/// A connection that no program inherits: one that holds it open would keep its end from being seen.
private func acceptConnection(of listener: CInt) -> CInt {
  let connection = accept(listener, nil, nil)
  if connection >= 0 { _ = fcntl(connection, F_SETFD, FD_CLOEXEC) }
  return connection
}

/// Lets no thread of a test that failed wait for ever.
private func limitWaiting(on connection: CInt) {
  var limit = timeval(tv_sec: 60, tv_usec: 0)
  for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
    unsafe setsockopt(
      connection, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
  }
}

private func resetOnClose(_ connection: CInt) {
  var option = linger(l_onoff: 1, l_linger: 0)
  unsafe setsockopt(
    connection, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
}

/// What has come; empty at the end, nil after an error.
private func receive(from connection: CInt) -> [UInt8]? {
  var buffer = [UInt8](repeating: 0, count: 1 << 14)
  let count = unsafe recv(connection, &buffer, buffer.count, 0)
  return count < 0 ? nil : Array(buffer.prefix(count))
}

private func sendAll(_ bytes: ArraySlice<UInt8>, to connection: CInt) -> Bool {
  var left = bytes
  while !left.isEmpty {
    let count = unsafe left.withUnsafeBytes { piece in
      unsafe send(connection, piece.baseAddress, piece.count, CInt(MSG_NOSIGNAL))
    }
    guard count > 0 else { return false }
    left = left.dropFirst(count)
  }
  return true
}
