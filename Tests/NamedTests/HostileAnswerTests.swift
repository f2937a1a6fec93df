import DNSNames
import Named
import TestSupport
import Testing

/// Who answers in named's or a master's place may send any bytes at all.
@Suite("DNS answers that mean no good", .timeLimit(.minutes(3))) struct HostileAnswerTests {
  private let name: DomainName

  init() throws { name = try DomainName("www.plain.test") }

  /// An answer without fault, with these records behind the question.
  private static func answer(
    to query: [UInt8], count: Int = 1, _ records: [UInt8]
  ) -> [UInt8] {
    var message = ScriptedServer.response(to: query)
    message[3] = 0
    (message[6], message[7]) = (UInt8(count >> 8), UInt8(count & 0xff))
    return message + records
  }

  private static func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
  }

  /// Type A, class IN, TTL 60.
  private static let address: [UInt8] = [0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// By where the first record begins.
    let records: @Sendable (Int) -> [UInt8]
    var count = 1

    init(_ name: String, count: Int = 1, _ records: @escaping @Sendable (Int) -> [UInt8]) {
      testDescription = name
      self.records = records
      self.count = count
    }
  }

  private static func pointer(to place: Int) -> [UInt8] {
    [0xc0 | UInt8(place >> 8), UInt8(place & 0xff)]
  }

  /// RFC 1035 section 4.1.4: a pointer leads to a prior occurrence of a name.
  static let unreadable: [Row] = [
    Row("a pointer to itself") { pointer(to: $0) + address },
    Row("two pointers to one another", count: 2) {
      pointer(to: $0 + 16) + address + pointer(to: $0) + address
    },
    Row("a pointer behind a label that it leads back to") { [1, 97] + pointer(to: $0) + address },
    Row("a pointer forward, past the end") { _ in pointer(to: 0x3fff) + address },
    Row("labels without end") { _ in
      (0..<200).flatMap { _ -> [UInt8] in [63] + [UInt8](repeating: 97, count: 63) } + [0] + address
    },
    Row("a label of a kind that there is not") { _ in [0x80, 1, 0] + address },
    Row("more data than there is") { [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0xff, 0xff, UInt8($0)] },
    Row("65,535 records, of which there is one", count: 65_535) { _ in [0xc0, 12] + address },
  ]

  @Test(
    "given names and lengths that lead nowhere → no answer, over UDP and TCP", arguments: unreadable
  )
  func noAnswer(_ row: Row) async throws {
    let datagrams = try ScriptedServer { query in
      let start = ScriptedServer.response(to: query).count
      return [
        Self.answer(to: query, count: row.count, row.records(start)),
        ScriptedServer.response(to: query),
      ]
    }
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: datagrams.port))
    // What cannot be read is passed over; the right one may still come.
    #expect(try await client.ask(name, .a).rcode == .notImplemented)

    let stream = try ScriptedServer(streaming: { framed in
      let query = Array(framed.dropFirst(2))
      let start = ScriptedServer.response(to: query).count
      return Self.framed(Self.answer(to: query, count: row.count, row.records(start)))
    })
    let endpoint = try Endpoint(host: "127.0.0.1", port: stream.port)
    let error = await #expect(throws: DNSError.self) {
      try await DNSClient(server: endpoint).ask(name, .a, transport: .tcp)
    }
    guard case .malformed(endpoint, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("given an answer of 64 KiB with 4,000 records → it is read, each record once")
  func large() async throws {
    let count = 4_000
    let stream = try ScriptedServer(streaming: { framed in
      let records = (0..<count).flatMap { _ -> [UInt8] in [0xc0, 12] + Self.address }
      return Self.framed(Self.answer(to: Array(framed.dropFirst(2)), count: count, records))
    })
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: stream.port))
    let answer = try await client.ask(name, .a, transport: .tcp)
    #expect(answer.answers.count == count)
    #expect(Set(answer.rdata(of: .a)) == ["192.0.2.1"])
  }

  @Test("given 64 KiB that are promised and do not come → told, at the deadline at the latest")
  func promised() async throws {
    let stream = try ScriptedServer(streaming: { framed in
      [0xff, 0xff] + ScriptedServer.response(to: Array(framed.dropFirst(2)))
    })
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: stream.port))
    await #expect(throws: DNSError.self) { try await client.ask(name, .a, transport: .tcp) }
  }

  @Test("given CNAMEs in a circle → they are records like any others, and nobody follows them")
  func circle() async throws {
    let (one, other): ([UInt8], [UInt8]) = (
      [3, 111, 110, 101, 0], [5, 111, 116, 104, 101, 114, 0]
    )
    func alias(_ owner: [UInt8], _ target: [UInt8]) -> [UInt8] {
      owner + [0, 5, 0, 1, 0, 0, 0, 0, 0, UInt8(target.count)] + target
    }
    let records = alias([0xc0, 12], one) + alias(one, other) + alias(other, one)
    let server = try ScriptedServer { [Self.answer(to: $0, count: 3, records)] }
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    let answer = try await client.ask(name, .a)
    #expect(answer.rdata(of: .cname) == ["one.", "other.", "one."])
    #expect(answer.rdata(of: .a) == [])
  }

  @Test("given wrong answers without end → the question ends at its deadline")
  func flood() async throws {
    let server = try ScriptedServer { query in
      var wrong = ScriptedServer.response(to: query)
      wrong[0] ^= 1
      return Array(repeating: wrong, count: 5_000)
    }
    let endpoint = try Endpoint(host: "127.0.0.1", port: server.port)
    let limit = Duration.milliseconds(500)
    await #expect(throws: DNSError.timedOut(endpoint, .udp, after: limit)) {
      try await DNSClient(server: endpoint, timeout: limit).ask(name, .a)
    }
  }
}
