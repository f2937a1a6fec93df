import DNSNames
import Glibc
import SystemPackage

/// A connected socket whose every wait ends at a deadline.
///
/// It blocks its thread. ldns has a transport of its own; it takes any datagram for the answer, without a look at sender
/// or ID, and waits in vain where nothing listens. A connected socket has the kernel see to both.
struct DNSSocket: ~Copyable {
  private let descriptor: CInt
  private let server: Endpoint
  private let transport: DNSTransport
  private let deadline: Deadline

  static func connected(
    to server: Endpoint, over transport: DNSTransport, until deadline: Deadline
  ) throws(DNSError) -> DNSSocket {
    let address = try SocketAddress(server)
    let kind = transport == .udp ? SOCK_DGRAM : SOCK_STREAM
    let descriptor = Glibc.socket(
      address.family,
      CInt(kind.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else {
      throw .unreachable(server, reason: Errno(rawValue: errno).description)
    }
    let socket = DNSSocket(
      descriptor: descriptor, server: server, transport: transport, deadline: deadline)
    try socket.connect(to: address)
    return socket
  }

  private init(
    descriptor: CInt, server: Endpoint, transport: DNSTransport, deadline: Deadline
  ) {
    self.descriptor = descriptor
    self.server = server
    self.transport = transport
    self.deadline = deadline
  }

  private func connect(to address: SocketAddress) throws(DNSError) {
    guard address.connect(descriptor) != 0 else { return }
    guard errno == EINPROGRESS else { throw failure(errno) }
    try wait(for: POLLOUT)
    var code: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
    guard code == 0 else { throw failure(code) }
  }

  deinit {
    close(descriptor)
  }

  /// Sends the bytes, as one datagram over UDP.
  func send(_ bytes: [UInt8]) throws(DNSError) {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        // Without the flag a connection that the server closed would end this process.
        unsafe Glibc.send(
          descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent,
          CInt(MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        try wait(for: POLLOUT)
      } else if errno != EINTR {
        throw failure(errno)
      }
    }
  }

  /// Receives up to so many bytes: one datagram, or what a connection holds ready.
  /// - Returns: nil if nothing came in time.
  func receive(atMost limit: Int, until earlier: Deadline? = nil) throws(DNSError) -> [UInt8]? {
    while true {
      var bytes = [UInt8](repeating: 0, count: limit)
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
      }
      if count >= 0 { return Array(bytes.prefix(count)) }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        guard try isReady(for: POLLIN, until: earlier ?? deadline) else { return nil }
      default: throw failure(errno)
      }
    }
  }

  /// Receives exactly so many bytes of a connection.
  func receive(exactly count: Int) throws(DNSError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard let more = try receive(atMost: count - bytes.count) else { throw timedOut }
      guard !more.isEmpty else {
        throw .malformed(server, reason: "the connection was closed in the middle of the answer")
      }
      bytes += more
    }
    return bytes
  }

  private func wait(for events: CInt) throws(DNSError) {
    guard try isReady(for: events, until: deadline) else { throw timedOut }
  }

  private func isReady(for events: CInt, until deadline: Deadline) throws(DNSError) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
      switch unsafe poll(&entry, 1, deadline.millisecondsLeft) {
      case 0: return false
      case 1...: return true
      default: guard errno == EINTR else { throw failure(errno) }
      }
    }
  }

  var timedOut: DNSError { .timedOut(server, transport, after: deadline.limit) }

  private func failure(_ code: CInt) -> DNSError {
    code == ECONNREFUSED
      ? .connectionRefused(server, transport)
      : .unreachable(server, reason: Errno(rawValue: code).description)
  }
}

/// The end of a wait.
struct Deadline {
  let limit: Duration
  private let instant: ContinuousClock.Instant

  init(after limit: Duration) {
    self.limit = limit
    instant = ContinuousClock.now.advanced(by: limit)
  }

  var isOver: Bool { ContinuousClock.now >= instant }

  /// What poll(2) takes; rounded up, so that it does not return early and is called in vain.
  var millisecondsLeft: CInt {
    let left = ContinuousClock.now.duration(to: instant)
    guard left > .zero else { return 0 }
    return CInt(clamping: Int((left / .milliseconds(1)).rounded(.up)))
  }
}

/// An address as the socket calls take it.
private struct SocketAddress {
  let family: CInt
  private let bytes: [UInt8]

  init(_ endpoint: Endpoint) throws(DNSError) {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &found)
    defer { if let found = unsafe found { unsafe freeaddrinfo(found) } }
    guard status == 0, let first = unsafe found?.pointee, let address = unsafe first.ai_addr else {
      throw .unreachable(endpoint, reason: "not a numeric address")
    }
    family = unsafe first.ai_family
    bytes = unsafe Array(UnsafeRawBufferPointer(start: address, count: Int(first.ai_addrlen)))
  }

  func connect(_ descriptor: CInt) -> CInt {
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe Glibc.connect(
        descriptor, buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self),
        socklen_t(buffer.count))
    }
  }
}
