import DCOS
import DCOSSimulator
import DNSNames
import TestSupport
import Testing

/// Whoever answers in a master's place may send what it likes, as fast as it can.
@Suite("Floods", .serialized, .timeLimit(.minutes(3)))
struct FloodTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let head: [UInt8]
    let flood: [UInt8]
    let reason: ObservationError.Reason

    init(
      _ name: String, _ head: String = "", flood: String,
      _ reason: ObservationError.Reason = .tooLarge(limit: 1 << 20)
    ) {
      testDescription = name
      self.head = Array(head.utf8)
      self.flood = Array(flood.utf8)
      self.reason = reason
    }
  }

  private static let ok = "HTTP/1.1 200 OK\r\n"
  private static let chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
  private static let word = "abcdefghijklmnopqrstuvwxyz"

  static let rows = [
    Row("chunks of one byte", chunked, flood: "1\r\n \r\n"),
    Row("chunks with extensions", chunked, flood: "1;\(word)=\(word)\r\n \r\n"),
    Row("an extension without end", chunked + "1;", flood: word),
    Row("a chunk size without end", chunked, flood: "0"),
    Row("a body that ends with the connection", ok + "\r\n", flood: " "),
    Row("interim answers", flood: "HTTP/1.1 100 Continue\r\n\r\n"),
    Row("interim answers with headers", flood: "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
    Row("a status line without end", ok.dropLast(2) + "", flood: word),
    Row("blank lines", flood: "\r\n"),
    Row("headers", ok, flood: "\(word): \(word)\r\n", .notHTTP),
    Row("a header's name without end", ok, flood: word, .notHTTP),
    Row("a header's value without end", ok + "X: ", flood: word, .notHTTP),
    Row("trailers", chunked + "0\r\n", flood: "\(word): \(word)\r\n", .notHTTP),
    Row("a trailer without end", chunked + "0\r\nX: ", flood: word, .notHTTP),
    // Only the first of them was asked for.
    Row("answers", flood: "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", .forbidden(.key)),
  ]

  @Test("a flood over HTTP → cut off, with its reason in one line", arguments: rows)
  func overHTTP(_ row: Row) async throws {
    let server = try RawServer { _ in [.send(row.head), .flood(row.flood)] }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect(reports[0].idReason == row.reason)
    expectWords(of: reports)
  }

  @Test(
    "a flood over TLS → cut off, with its reason in one line",
    arguments: rows.filter {
      ["interim answers", "headers", "blank lines"].contains($0.testDescription)
    })
  func overTLS(_ row: Row) async throws {
    let server = try await TLSFlood(head: row.head, flood: row.flood)
    let reports = try await observe([server.url], trust: .unverified)
    try await server.stop()
    #expect(reports[0].idReason == row.reason)
    expectWords(of: reports)
  }

  @Test(
    "a flood before anything is asked → cut off, with its reason in one line",
    arguments: rows.filter {
      ["interim answers", "headers", "answers"].contains($0.testDescription)
    })
  func beforeAnythingIsAsked(_ row: Row) async throws {
    let server = try RawServer(start: .onAccept) { _ in [.send(row.head), .flood(row.flood)] }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect(reports[0].idReason != nil)
    expectWords(of: reports)
  }

  @Test func twoOthersAgreeMeanwhile() async throws {
    let masters = ["127.0.7.21", "127.0.7.22", "127.0.7.23"]
    try await withCluster(.init(masters: masters)) { cluster in
      try await cluster.fail(masters[2], .unreachable)
      let server = try RawServer(address: masters[2], port: UInt16(await cluster.httpPort)) { _ in
        [.send(Array(Self.chunked.utf8)), .flood(Array("20\r\n\(Self.word)abcdef\r\n".utf8))]
      }
      defer { server.stop() }
      let reports = try await observe(cluster)
      #expect(try agreement(among: reports).view.masters.map(\.description) == masters)
      #expect(reports[2].idReason == .tooLarge(limit: 1 << 20))
    }
  }
}

/// Answers that fit no order of events in which a master would speak.
@Suite("Answers out of order", .timeLimit(.minutes(3)))
struct OutOfOrderTests {
  @Test(
    "a status below 100 → an unexpected status",
    arguments: ["Content-Length: 5\r\n\r\nabcde", "Content-Length: 0\r\n\r\n"])
  func lowStatus(_ rest: String) async throws {
    let server = try RawServer { _ in [.send(Array("HTTP/1.1 099 ?\r\n\(rest)".utf8))] }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect(reports[0].idReason == .unexpectedStatus(99))
  }

  @Test("a switch to another protocol → an unexpected status") func switching() async throws {
    let head = "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nabc"
    let server = try RawServer { _ in [.send(Array(head.utf8)), .wait] }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect(reports[0].idReason == .unexpectedStatus(101))
  }

  @Test(
    "an answer nobody asked for, as a proxy's 408 → not taken for the next one"
  )
  func unasked() async throws {
    let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    let late = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    // In one piece: what comes after the next question was sent cannot be told from its answer.
    let server = try RawServer { _ in [.send(Array((answer + late).utf8)), .wait] }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    #expect(reports[0].idReason == .forbidden(.key))
    #expect(reports[0].membersReason == .forbidden(.exhibitorStatus))
  }

  @Test("a connection kept open and closed at once → every question is answered")
  func closing() async throws {
    let answer = Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".utf8)
    for end in [RawServer.Step.reset, .flood(answer)] {
      let server = try RawServer { _ in [.send(answer), end] }
      defer { server.stop() }
      for _ in 1...25 {
        let reports = try await observe([server.url()])
        #expect(reports[0].idReason == .forbidden(.key))
        #expect(reports[0].membersReason == .forbidden(.exhibitorStatus))
        #expect(reports[0].fallbackReason == .forbidden(.mesosDNSMasters))
      }
    }
  }
}
