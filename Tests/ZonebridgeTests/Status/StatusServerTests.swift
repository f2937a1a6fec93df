import DNSNames
import Foundation
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct StatusServerTests {
  /// A server on a free port, which ends with the body.
  private func withServer(
    _ status: AgentStatus = .inSync, _ body: (Int) async throws -> Void
  ) async throws {
    try await withStatusServer({ status }, body)
  }

  @Test func itHasAPageForEachAsker() async throws {
    try await withServer { port in
      let metrics = try RawClient.answer("GET /metrics", port: port)
      #expect(metrics.status == "200")
      #expect(metrics.head.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
      #expect(metrics.body.contains("\nzonebridge_in_sync 1\n"))
      #expect(metrics.body.contains("\nprocess_open_fds "))

      let status = try RawClient.answer("GET /status?pretty", port: port)
      #expect(status.status == "200")
      #expect(status.head.contains("Content-Type: application/json"))
      #expect(
        try JSONDecoder().decode(AgentStatus.self, from: Data(status.body.utf8)) == .inSync)

      let health = try RawClient.answer("GET /healthz", port: port)
      #expect(health.status == "200" && health.body == "ok\n")
      let readiness = try RawClient.answer("GET /readyz", port: port)
      #expect(readiness.status == "200" && readiness.body == "ok\n")
      let index = try RawClient.answer("GET /", port: port)
      #expect(index.status == "200" && index.body.contains("/metrics"))
      #expect(index.head.contains("Content-Type: text/html; charset=utf-8"))
      #expect(
        index.head.contains("Content-Security-Policy: default-src 'none'; style-src 'sha256-"))
    }
  }

  @Test func whatIsWrongIsTold() async throws {
    var held = AgentStatus.troubled
    held.agent = .running
    try await withServer(held) { port in
      #expect(try RawClient.answer("GET /healthz", port: port).status == "200")
      let readiness = try RawClient.answer("GET /readyz", port: port)
      #expect(readiness.status == "503")
      #expect(readiness.body.contains("held: cluster prod: its ID is another one"))
      #expect(readiness.body.contains("zonebridge run --once --accept prod"))
    }
    var hung = AgentStatus.inSync
    hung.agent?.isHung = true
    try await withServer(hung) { port in
      let health = try RawClient.answer("GET /healthz", port: port)
      #expect(health.status == "503" && health.body.hasPrefix("hung: "))
      #expect(try RawClient.answer("GET /readyz", port: port).status == "503")
      #expect(try RawClient.answer("GET /metrics", port: port).body.contains("zonebridge_hung 1\n"))
    }
    try await withServer(.starting) { port in
      let readiness = try RawClient.answer("GET /readyz", port: port)
      #expect(readiness.status == "503" && readiness.body.contains("no pass has ended yet"))
    }
  }

  @Test func onlyToLookIsTaken() async throws {
    try await withServer { port in
      let head = try RawClient.answer("HEAD /metrics", port: port)
      #expect(head.status == "200" && head.body.isEmpty)
      #expect(head.head.contains("Content-Length: ") && !head.head.contains("Content-Length: 0"))
      let post = try RawClient.answer("POST /metrics", port: port)
      #expect(post.status == "405" && post.head.contains("Allow: GET, HEAD"))
      #expect(try RawClient.answer("DELETE /", port: port).status == "405")
      #expect(try RawClient.answer("GET /nosuch", port: port).status == "404")
      #expect(try RawClient.answer("GET /../../etc/passwd", port: port).status == "404")
    }
  }

  @Test func aConnectionServesManyRequests() async throws {
    try await withServer { port in
      let client = try RawClient(port: port)
      for _ in 1...3 {
        client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.next()?.hasSuffix("\r\n\r\nok\n") == true)
      }
      // All at once, and the last one ends it.
      client.send(String(repeating: "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 2))
      client.send("GET /healthz HTTP/1.0\r\n\r\n")
      #expect(client.rest()?.components(separatedBy: "ok\n").count == 4)
    }
  }

  @Test(
    "What is no HTTP is closed.",
    arguments: [
      "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
  func nonsense(_ bytes: String) async throws {
    try await withServer { port in
      let client = try RawClient(port: port)
      client.send(bytes)
      let answer = try #require(client.rest())
      let isRefused = ["400 ", "413 ", "505 "].contains { answer.hasPrefix("HTTP/1.1 \($0)") }
      #expect(isRefused, "\(answer)")
      #expect(try RawClient.answer("GET /healthz", port: port).status == "200")
    }
  }

  @Test("A port that somebody else uses is reported, and the other places are served.")
  func takenPort() async throws {
    try await withServer { port in
      let taken = ListeningPlace.address(try Endpoint(host: "127.0.0.1", port: UInt16(port)))
      let foreign = ListeningPlace.address(try Endpoint(host: "192.0.2.1", port: 9_953))
      let server = StatusServer(at: [taken, foreign, try .loopback()]) { .starting }
      let errors = await server.start()
      #expect(errors.map(\.place) == [taken, foreign])
      #expect("\(errors[0])".contains("ss -ltnp sport = :\(port)"))
      #expect("\(errors[1])".contains("has to be an address of this host"))
      let other = try #require(server.ports.first ?? nil)
      #expect(try RawClient.answer("GET /healthz", port: other).status == "200")
      await server.stop()
    }
  }

  @Test("It can be stopped, with who is connected, and started again at the same place.")
  func restart() async throws {
    let place = ListeningPlace.address(try Endpoint(host: "127.0.0.1", port: try freePort()))
    let server = StatusServer(at: [place]) { .inSync }
    for _ in 1...3 {
      #expect(await server.start() == [])
      let port = try #require(server.ports.first ?? nil)
      let idle = try RawClient(port: port)
      idle.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      #expect(idle.next() != nil)
      await server.stop()
      #expect(idle.rest() == "")
      #expect(throws: (any Error).self) { _ = try RawClient(port: port) }
    }
  }

  @Test("A socket of systemd's is used, and left open for the next start.")
  func inherited() async throws {
    let port = try freePort()
    let socket = try boundSocket(SOCK_STREAM, port: port)
    defer { close(socket) }
    #expect(listen(socket, 16) == 0)
    let server = StatusServer(at: [.inherited(socket)]) { .inSync }
    for _ in 1...2 {
      #expect(await server.start() == [])
      #expect(try RawClient.answer("GET /healthz", port: Int(port)).status == "200")
      await server.stop()
      #expect(fcntl(socket, F_GETFD) >= 0)
    }
  }

  @Test("A socket that nobody listens on is reported.") func inheritedNonsense() async throws {
    let datagrams = try boundSocket(SOCK_DGRAM, port: try freePort())
    defer { close(datagrams) }
    let file = unsafe open("/dev/null", O_RDWR)
    defer { close(file) }
    let server = StatusServer(at: [datagrams, file, 1_000_000].map(ListeningPlace.inherited)) {
      .inSync
    }
    let errors = await server.start()
    #expect(errors.count == 3)
    #expect(errors.allSatisfy { "\($0)".contains("ListenStream=") })
    await server.stop()
  }
}

/// Hands the port of a server on 127.0.0.1 to the body, and stops the server afterwards.
func withStatusServer(
  _ status: @escaping @Sendable () -> AgentStatus, names: HostNames = HostNames([]),
  within bounds: ListenerBounds = ListenerBounds(),
  past: @escaping @Sendable () -> AgentPast = { AgentPast() },
  _ body: (Int) async throws -> Void
) async throws {
  let server = StatusServer(
    at: [try .loopback()], names: names, bounds: bounds, past: past, status: status)
  #expect(await server.start() == [])
  do {
    try await body(try #require(server.ports.first ?? nil))
  } catch {
    await server.stop()
    throw error
  }
  await server.stop()
}

extension ListeningPlace {
  /// Any port that is free.
  static func loopback() throws -> ListeningPlace {
    .address(try Endpoint(host: "127.0.0.1", port: 0))
  }
}
