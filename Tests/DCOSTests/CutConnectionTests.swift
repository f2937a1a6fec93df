import DCOS
import DCOSSimulator
import DNSNames
import TestSupport
import Testing

/// Connections that are reset or garbled, at every stage of a question.
@Suite("Connections that are cut", .timeLimit(.minutes(3)))
struct CutConnectionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var start = RawServer.Start.onRequest
    let script: [RawServer.Step]

    init(
      _ name: String, start: RawServer.Start = .onRequest, _ script: RawServer.Step...
    ) {
      testDescription = name
      self.start = start
      self.script = script
    }
  }

  private static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
  private static func text(_ text: String) -> RawServer.Step { .send(Array(text.utf8)) }

  static let overHTTP = [
    Row("on accept", start: .onAccept, .reset),
    Row("after the request", .reset),
    Row("in the status line", text("HTTP/1."), .pause, .reset),
    Row("in the middle of the head", text(head), .pause, .reset),
    Row("between head and body", text(head + "Content-Length: 100\r\n\r\n"), .pause, .reset),
    Row(
      "before the first chunk", text(head + "Transfer-Encoding: chunked\r\n\r\n"), .pause, .reset),
    Row("in the middle of the body", text(head + "Content-Length: 9\r\n\r\n{\"a"), .pause, .reset),
    Row(
      "in the middle of a chunk", text(head + "Transfer-Encoding: chunked\r\n\r\n9\r\n{\"a"),
      .pause, .reset),
    Row(
      "between chunks", text(head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"), .pause, .reset),
    Row(
      "before the end of a body that ends with the connection",
      text(head + "Connection: close\r\n\r\n{\"a"), .pause, .reset),
    Row("in an interim answer", text("HTTP/1.1 103 Early Hints\r\n\r\n"), .pause, .reset),
  ]

  @Test(
    "a connection cut in the middle of an answer → reported, never taken for an answer",
    arguments: overHTTP)
  func aConnectionThatIsCutOverHTTP(_ row: Row) async throws {
    let reports = try await besideTwoOthers(row)
    #expect(reports[2].idReason == .cutShort)
    #expect(reports[2].membersReason == .cutShort)
    #expect(reports[2].fallbackReason == .cutShort)
  }

  static let endless = [
    Row("dripping status line", text("HTTP/1.1 200 "), .drip([UInt8(ascii: "O")])),
    Row("dripping headers", text(head), .drip(Array("X: y\r\n".utf8))),
    Row("dripping interim answers", .drip(Array("HTTP/1.1 103 Early Hints\r\n\r\n".utf8))),
    Row(
      "dripping chunks", text(head + "Transfer-Encoding: chunked\r\n\r\n"),
      .drip(Array("1\r\n \r\n".utf8))),
    Row(
      "dripping trailers", text(head + "Transfer-Encoding: chunked\r\n\r\n0\r\n"),
      .drip(Array("X: y\r\n".utf8))),
    Row("silence", start: .onAccept, .wait),
  ]

  @Test("an answer that never ends → given up at its deadline", arguments: endless)
  func anAnswerThatDripsForEver(_ row: Row) async throws {
    let start = ContinuousClock.now
    let limit = Duration.seconds(3)
    let reports = try await besideTwoOthers(row, requestTimeout: limit)
    // Too many headers are refused even before.
    let reasons = [ObservationError.Reason.timedOut(after: limit), .notHTTP]
    #expect(reports[2].idReason.map(reasons.contains) == true, "\(reports[2].id)")
    #expect(reports[2].membersReason.map(reasons.contains) == true, "\(reports[2].members)")
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  static let overTLS = [
    Row("reset on accept", start: .onAccept, .reset),
    Row("reset after the greeting", .reset),
    Row("closed on accept", start: .onAccept),
    Row("closed after the greeting"),
    Row("garbage", .send((0...255).map { UInt8($0) })),
    Row("garbage at once", start: .onAccept, .send([UInt8](repeating: 0xff, count: 99)), .pause),
    Row("blanks", .send([UInt8](repeating: 0x20, count: 9999))),
    Row("zeros", .send([UInt8](repeating: 0, count: 99))),
    Row("a web server's words", text("HTTP/1.1 400 Bad Request\r\n\r\n")),
    // An alert that the handshake failed (40), an alert that there is none, half a ServerHello.
    Row("an alert", .send([21, 3, 3, 0, 2, 2, 40])),
    Row("an unknown alert", .send([21, 3, 3, 0, 2, 9, 99])),
    Row("half a record, then reset", .send([22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3]), .pause, .reset),
    Row("half a record, then closed", .send([22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3])),
    Row("a record with nonsense", .send([22, 3, 3, 0, 4, 2, 0, 0, 0])),
    Row("an old version", .send([22, 3, 0, 0, 4, 2, 0, 0, 0])),
  ]

  @Test("a TLS handshake that fails → reported in one line", arguments: overTLS)
  func aHandshakeThatFails(_ row: Row) async throws {
    let server = try RawServer(start: row.start) { _ in row.script }
    defer { server.stop() }
    let reports = try await observe([server.url("https")])
    let reason = try #require(reports[0].idReason)
    expectWords(of: reports)
    switch reason {
    case .tls, .cutShort: break
    default: Issue.record("\(reason)")
    }
  }

  /// Everywhere in the handshake and in the answer, by the number of bytes that arrive.
  @Test("a connection cut over TLS → reported, never taken for an answer")
  func aConnectionThatIsCutOverTLS() async throws {
    try await withCluster(["127.0.7.1"], over: .https) { cluster, _ in
      let port = UInt16(await cluster.httpPort)
      var reasons: Set<ObservationError.Reason> = []
      for limit in [1, 5, 100, 200, 400, 600, 700, 800, 900, 1000, 1100, 1200, 1300] {
        let wire = try CutWire(to: "127.0.7.1", port, cutAfter: limit)
        defer { wire.stop() }
        let reports = try await observe(
          ["https://127.0.0.1:\(wire.port)"], trust: .unverified)
        expectWords(of: reports)
        reports[0].idReason.map { _ = reasons.insert($0) }
        #expect(reports[0].idReason != nil || limit > 900, "after \(limit) bytes")
      }
      #expect(reasons.contains(.cutShort), "\(reasons)")
    }
  }

  /// What such a master and two others said, on which the two agree.
  private func besideTwoOthers(
    _ row: Row, requestTimeout: Duration = .seconds(60)
  ) async throws -> [MasterReport] {
    let masters = ["127.0.7.11", "127.0.7.12", "127.0.7.13"]
    return try await withCluster(.init(masters: masters)) { cluster in
      try await cluster.fail(masters[2], .unreachable)
      let server = try RawServer(
        address: masters[2], port: UInt16(await cluster.httpPort), start: row.start
      ) { _ in row.script }
      defer { server.stop() }
      let reports = try await observe(cluster, requestTimeout: requestTimeout)
      #expect(try agreement(among: reports).view.masters.map(\.description) == masters)
      expectWords(of: reports)
      return reports
    }
  }
}

/// What went wrong is told in one line of an operator's words, not in those of a library.
func expectWords(of reports: [MasterReport], sourceLocation: SourceLocation = #_sourceLocation) {
  let texts = reports.flatMap { [$0.id.failureText, $0.members.failureText] }.compactMap(\.self)
  for text in texts {
    let isPlain = !["Error", "NIO", "OPENSSL", "sslError", "unclean", "Optional("]
      .contains { text.contains($0) }
    #expect(isPlain, "\(text)", sourceLocation: sourceLocation)
    expectOneShortLine(text, sourceLocation: sourceLocation)
  }
}

/// A text that no terminal and no log is harmed by.
func expectOneShortLine(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let harmful = text.unicodeScalars.filter {
    [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
  }
  #expect(harmful.isEmpty, "\(text.debugDescription)", sourceLocation: sourceLocation)
  #expect(text.utf8.count < 1500, "\(text)", sourceLocation: sourceLocation)
}
