import Foundation
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import zonebridge

/// What a listener spends on clients that mean no good: each bound, over real connections.
@Suite(.timeLimit(.minutes(2))) struct ListenerBoundsTests {
  private static let request = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n"

  /// Counts how often it is asked for the status: once a request that is taken.
  private final class Counter: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock(\.self) }

    func status() -> AgentStatus {
      number.withLock { $0 += 1 }
      return .inSync
    }
  }

  private func withServer(
    within bounds: ListenerBounds = ListenerBounds(), _ body: (Int) async throws -> Void
  ) async throws {
    try await withStatusServer({ .inSync }, within: bounds, body)
  }

  private func bounds(
    connections: Int = 64, perPeer: Int = 16, patience: Duration = .seconds(10)
  ) -> ListenerBounds {
    ListenerBounds(connections: connections, connectionsPerPeer: perPeer, patience: patience)
  }

  // MARK: What is not read

  @Test("thousands of requests, no answer read → no more are taken than answers fit on the way")
  func pipeline() async throws {
    let counter = Counter()
    try await withStatusServer(counter.status, within: bounds(patience: .seconds(100))) { port in
      let client = try RawClient(port: port, receiveBuffer: 4096)
      let requests = String(repeating: Self.request, count: 2_000)
      // Nothing more is taken: not by the server, and so not by the kernel.
      var taken = -1
      try await eventually("the server takes no more; \(taken)") {
        let sent = try #require(client.sendWithoutWaiting(requests))
        defer { taken = counter.value }
        return sent == 0 && taken == counter.value
      }
      // The kernel's buffers on the way, with answers of some kilobytes.
      #expect((1..<400).contains(counter.value), "\(counter.value)")
      #expect(try RawClient.answer("GET /healthz", port: port).status == "200")
    }
  }

  @Test("requests in one go → answers in their order, each one") func order() async throws {
    try await withServer { port in
      let client = try RawClient(port: port)
      let paths = (0..<200).map { $0.isMultiple(of: 3) ? "/healthz" : "/nosuch" }
      client.send(
        paths.map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined()
          + "HEAD / HTTP/1.0\r\n\r\n" + Self.request)
      let answers = try #require(client.rest()).split(separator: "HTTP/1.1 ")
      #expect(
        answers.map { $0.prefix(3) } == paths.map { $0 == "/healthz" ? "200" : "404" } + ["200"])
    }
  }

  @Test("an answer that nobody takes → closed after a time") func noReader() async throws {
    try await withServer(within: bounds(patience: .milliseconds(200))) { port in
      let client = try RawClient(port: port, receiveBuffer: 4096)
      try await eventually("it is closed") {
        client.sendWithoutWaiting(String(repeating: Self.request, count: 100)) == nil
      }
    }
  }

  // MARK: What is not sent

  @Test(
    "half a request, or none → closed after a time",
    arguments: [
      "", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n", "\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea",
    ])
  func slow(_ bytes: String) async throws {
    try await withServer(within: bounds(patience: .milliseconds(100))) { port in
      let client = try RawClient(port: port)
      client.send(bytes)
      let answer = try #require(client.rest())
      #expect(
        answer.components(separatedBy: "200 OK").count
          == bytes.components(separatedBy: "\r\n\r\nGET").count)
    }
  }

  @Test("a byte now and then → closed all the same") func drip() async throws {
    try await withServer(within: bounds(patience: .milliseconds(200))) { port in
      let client = try RawClient(port: port)
      client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")
      try await eventually("it is closed") { !client.send("x") }
    }
  }

  @Test("the other side has closed its half → closed") func halfOpen() async throws {
    try await withServer { port in
      let client = try RawClient(port: port)
      client.send("GET /hea")
      client.closeOutput()
      #expect(client.rest() != nil)
    }
  }

  // MARK: What is too much

  @Test(
    "a head that is too large → 431",
    arguments: [
      "GET /\(String(repeating: "a", count: 8 << 10)) HTTP/1.1\r\n",
      "GET / HTTP/1.1\r\nA: \(String(repeating: "a", count: 9 << 10))\r\n",
      "GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 100),
      "GET / HTTP/1.1\r\n"
        + String(repeating: "A: \(String(repeating: "b", count: 4000))\r\n", count: 5),
    ])
  func largeHead(_ head: String) async throws {
    try await withServer { port in
      let client = try RawClient(port: port)
      client.send(head + "Host: localhost\r\n\r\n")
      let answer = try #require(client.rest())
      #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(answer)")
      #expect(answer.contains("Connection: close") && answer.hasSuffix("fields of 8192 bytes\n"))
    }
  }

  @Test("a head as large as clients send it → answered") func usualHead() async throws {
    try await withServer { port in
      let fields = (1...90).map { "X-\($0): \(String(repeating: "a", count: 80))" }
      let answer = try RawClient.answer(
        "GET /healthz", port: port, fields: ["Host: localhost"] + fields)
      #expect(answer.status == "200")
    }
  }

  @Test(
    "what never ends → closed before it is all taken",
    arguments: [
      "GET / HTTP/1.1\r\nA:",
      "GET / HTTP/1.1\r\nUpgrade: x\r\nConnection: Upgrade\r\nHost: localhost\r\n\r\n",
    ])
  func endless(_ start: String) async throws {
    try await withServer(within: bounds(patience: .milliseconds(500))) { port in
      let client = try RawClient(port: port)
      client.send(start)
      try await eventually("it is closed") {
        client.sendWithoutWaiting(String(repeating: " ", count: 1 << 16)) == nil
      }
    }
  }

  @Test(
    "a request with a body → refused before the body is there",
    arguments: [
      ("GET", "Content-Length: 99999999999", "413"), ("GET", "Transfer-Encoding: chunked", "413"),
      ("HEAD", "Content-Length: 1", "413"), ("POST", "Content-Length: 99999999999", "405"),
      ("POST", "Expect: 100-continue\r\nContent-Length: 3", "405"),
      ("GET", "Content-Length: 0", "200"),
    ])
  func body(_ method: String, _ field: String, _ status: String) async throws {
    try await withServer { port in
      let answer = try RawClient.answer(
        "\(method) /", port: port, fields: ["Host: localhost", field])
      #expect(answer.status == status)
      #expect(answer.head.contains("Connection: close"))
    }
  }

  // MARK: Connections

  @Test("a client connects, and asks when many others of its host have → it is answered")
  func crowded() async throws {
    var bounds = bounds(perPeer: 4)
    bounds.silence = 20
    try await withServer(within: bounds) { port in
      let client = try RawClient(port: port)
      let others = try (1...20).map { _ in try RawClient(port: port) }
      for other in others {
        other.send(Self.request)
        #expect(other.next()?.contains("200 OK") == true)
      }
      client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(client.next()?.contains("200 OK") == true)
    }
  }

  @Test("too many connections, of which the oldest was the last to ask → the idlest goes")
  func idlest() async throws {
    try await withServer(within: bounds(perPeer: 3)) { port in
      let clients = try (1...3).map { _ in try RawClient(port: port) }
      for client in clients + [clients[0]] {
        client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.next()?.contains("200 OK") == true)
      }
      // What is only begun is no progress.
      clients[1].send("GET /healthz HTTP/1.1\r\n")
      #expect(try RawClient.answer("GET /healthz", port: port).status == "200")
      #expect(clients[1].rest() == "")
      clients[0].send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(clients[0].next()?.contains("200 OK") == true)
    }
  }

  @Test("more connections than a peer may have → the idlest goes, the newest is served")
  func perPeer() async throws {
    try await withServer(within: bounds(perPeer: 4)) { port in
      let clients = try (1...4).map { _ in try RawClient(port: port) }
      // It has been let in when it is answered.
      for client in clients {
        client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.next()?.contains("200 OK") == true)
      }
      #expect(try RawClient.answer("GET /healthz", port: port).status == "200")
      #expect(clients[0].rest() == "")
      clients[3].send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(clients[3].next()?.contains("200 OK") == true)
    }
  }

  @Test(
    "who has to make room for whom",
    arguments: [
      // The peers of the connections that there are, the oldest first, and of the new one.
      ([], "10.0.0.1", nil), (["10.0.0.1", "10.0.0.2"], "10.0.0.1", nil),
      (["10.0.0.2", "10.0.0.1", "10.0.0.1", "10.0.0.1"], "10.0.0.1", 1),
      (["10.0.0.2", "10.0.0.1", "10.0.0.1", "10.0.0.3", "10.0.0.4"], "10.0.0.5", 1),
      (["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"], "10.0.0.6", 0),
      (["10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.3", "10.0.0.3"], "10.0.0.1", 1),
      // What is one host.
      (["127.0.0.1", "127.9.9.9", "::1"], "127.0.0.2", 0),
      (["::ffff:127.0.0.1", nil, "127.0.0.1"], "::1", 0),
      (["2001:db8::1", "2001:db8::2", "2001:db8::ffff:3"], "2001:db8::4", 0),
      (["2001:db8::1", "2001:db8:0:1::2", "2001:db8:0:2::3"], "2001:db8::4", nil),
      (["::ffff:10.0.0.1", "::ffff:10.0.0.2", "::ffff:10.0.0.3"], "::ffff:10.0.0.4", nil),
    ] as [([String?], String, Int?)])
  func room(open: [String?], new: String, displaced: Int?) {
    let index = Connections.indexOfDisplaced(
      by: Peer(new), in: open.map(Peer.init), within: bounds(connections: 5, perPeer: 3))
    #expect(index == displaced)
  }

  // MARK: Beside the others

  @Test("an answer that takes its time → the loops of the masters' connections go on")
  func ownLoop() async throws {
    let hold = Hold()
    try await withStatusServer {
      hold.pass()
      return .inSync
    } _: { port in
      let client = try RawClient(port: port)
      client.send(Self.request)
      try await eventually("it is being answered") { hold.isWaitedAt }
      for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
        try await loop.submit {}.get()
      }
      hold.open()
      #expect(client.next()?.contains("200 OK") == true)
    }
  }

  @Test("thousands who ask at the same time → the page is made once for what is known")
  func pagesAreShared() {
    let time = Mutex<Int64>(1)
    let pages = StatusPages {
      var status = AgentStatus.inSync
      status.time = time.withLock(\.self)
      return status
    }
    func place(of target: String) -> Int {
      unsafe pages.page(at: target).body.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) }
    }
    let first = place(of: "/status")
    #expect(first == place(of: "/status?x=1#y"))
    #expect(first != place(of: "/metrics"))
    time.withLock { $0 = 2 }
    #expect(first != place(of: "/status"))
  }
}

/// Where a thread waits.
private final class Hold: Sendable {
  private let state = Mutex((isWaitedAt: false, isOpen: false))

  var isWaitedAt: Bool { state.withLock(\.isWaitedAt) }

  func pass() {
    state.withLock { $0.isWaitedAt = true }
    while !state.withLock(\.isOpen) { usleep(1000) }
  }

  func open() { state.withLock { $0.isOpen = true } }
}
