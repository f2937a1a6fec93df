import DNSNames
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DNSClientTests {
  private let name: DomainName

  init() throws { name = try DomainName("www.plain.test") }

  @Test func recordsOfARealNamed() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let client = try named.client()

      let address = try await client.ask(name, .a)
      #expect(address.rcode == .noError)
      #expect(address.isAuthoritative)
      #expect(address.isRecursionAvailable)
      #expect(address.transport == .udp)
      #expect(address.answers.map(\.description) == ["www.plain.test. 300 IN A 192.0.2.80"])

      #expect(
        try await client.ask(DomainName("more.plain.test."), .aaaa).rdata(of: .aaaa) == [
          "2001:db8::1"
        ])

      let soa = try await client.ask(DomainName("plain.test"), .soa, transport: .tcp)
      #expect(soa.serial == 4_294_967_295)
      #expect(soa.transport == .tcp)

      let dname = try await client.ask(DomainName("alias.plain.test"), .dname)
      #expect(dname.rdata(of: .dname) == ["www.other.test."])
      // RFC 6672 section 3.1: the CNAME is made up from the DNAME.
      let below = try await client.ask(DomainName("a.b.alias.plain.test"), .a)
      #expect(below.answers.map(\.type) == ["DNAME", "CNAME"])
      #expect(below.rdata(of: .cname) == ["a.b.www.other.test."])
    }
  }

  @Test func whatThereIsNot() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let client = try named.client()
      let missing = try await client.ask(DomainName("nothing.plain.test"), .a)
      #expect(missing.rcode == .nameError)
      #expect(missing.answers.isEmpty)
      #expect(missing.authority.map(\.type) == ["SOA"])

      let empty = try await client.ask(name, .aaaa)
      #expect(empty.rcode == .noError)
      #expect(empty.answers.isEmpty)
      #expect(empty.serial == nil)

      #expect(try await client.ask(DomainName("www.closed.test"), .a).rcode == .refused)
      #expect(try await client.ask(DomainName("www.broken.test"), .a).rcode == .serverFailure)
    }
  }

  /// Without the RD flag named does not ask the forwarder, which is not there.
  @Test func recursionIsAskedForOrNot() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let client = try named.client()
      let recursive = try await client.ask(
        DomainName("www.forward.test"), .a, recursionDesired: true)
      #expect(recursive.rcode == .serverFailure)
      let plain = try await client.ask(DomainName("www.forward.test"), .a, recursionDesired: false)
      #expect(plain.rcode != .serverFailure)
    }
  }

  @Test func whatDoesNotFitIntoADatagramComesOverTCP() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let answer = try await named.client().ask(DomainName("long.plain.test"), .txt)
      #expect(answer.transport == .tcp)
      #expect(!answer.isTruncated)
      #expect(answer.answers.count == 40)
      #expect(answer.rdata(of: .txt).contains("\"7 is one of many strings in a row\""))
    }
  }

  @Test("nobody listens → connection refused", arguments: [DNSTransport.udp, .tcp])
  func nobodyListens(over transport: DNSTransport) async throws {
    let server = try Endpoint(host: "127.0.0.1", port: freePort())
    await #expect(throws: DNSError.connectionRefused(server, transport)) {
      try await DNSClient(server: server).ask(
        name, .a, transport: transport)
    }
  }

  @Test("nobody answers → timed out", .timeLimit(.minutes(1)), arguments: [DNSTransport.udp, .tcp])
  func nobodyAnswers(over transport: DNSTransport) async throws {
    let listener = try SilentListener()
    let server = try Endpoint(host: "127.0.0.1", port: listener.port)
    let limit = Duration.milliseconds(300)
    let begun = ContinuousClock.now
    await #expect(throws: DNSError.timedOut(server, transport, after: limit)) {
      try await DNSClient(server: server, timeout: limit)
        .ask(name, .a, transport: transport)
    }
    #expect(ContinuousClock.now - begun >= limit)
  }

  /// In a process of its own, where no other test holds a thread.
  @Test func manyQuestionsAtOnceDoNotWaitForOneAnother() async throws {
    await #expect(processExitsWith: .success) {
      let listener = try SilentListener()
      let server = try Endpoint(host: "127.0.0.1", port: listener.port)
      let client = DNSClient(server: server, timeout: .seconds(1))
      let hosts = try (0..<60).map { try DomainName("host\($0).plain.test") }
      let begun = ContinuousClock.now
      let failures = await withTaskGroup(of: DNSError?.self) { group in
        for host in hosts {
          group.addTask {
            do throws(DNSError) {
              _ = try await client.ask(host, .a)
              return nil
            } catch {
              return error
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(
        failures == Array(repeating: .timedOut(server, .udp, after: client.timeout), count: 60))
      // A minute if each waited for the one before it.
      #expect(ContinuousClock.now - begun < .seconds(6))
    }
  }

  @Test func manyAnswersAtOnceAreNotMixedUp() async throws {
    let hosts = (1...100).map { "host\($0) IN A 192.0.2.\($0)" }.joined(separator: "\n")
    let setup = NamedSetup(
      local: "zone \"many.test\" { type primary; file \"db.many\"; };\n",
      files: ["db.many": ReferenceZones.zoneFile("many.test", hosts)])
    try await withNamed(setup) { named in
      let client = try named.client()
      try await withThrowingTaskGroup(of: (Int, DNSAnswer).self) { group in
        for number in 1...100 {
          group.addTask {
            let transport: DNSTransport = number.isMultiple(of: 3) ? .tcp : .udp
            return (
              number,
              try await client.ask(DomainName("host\(number).many.test"), .a, transport: transport)
            )
          }
        }
        for try await (number, answer) in group {
          #expect(answer.rdata(of: .a) == ["192.0.2.\(number)"])
        }
      }
    }
  }

  /// Neither noise nor an answer with another ID or to another question is taken for the answer.
  @Test func onlyTheAnswerToTheQuestionCounts() async throws {
    let server = try ScriptedServer { query in
      let response = ScriptedServer.response(to: query)
      var otherID = response
      otherID[1] ^= 0xff
      otherID[3] = 5
      var otherQuestion = response
      otherQuestion[13] ^= 0x01
      otherQuestion[3] = 5
      return [[1, 2, 3], query, otherID, otherQuestion, response]
    }
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    let answer = try await client.ask(name, .a)
    #expect(answer.rcode == .notImplemented)
  }

  /// What may be wrong with an answer, of which each is passed over while the right one may still come.
  enum Fault: CaseIterable {
    case isQuestion, otherID, otherName, otherType, otherClass, noQuestion, twoQuestions, cutOff,
      empty
  }

  private static func response(to query: [UInt8], with fault: Fault) -> [UInt8] {
    var response = ScriptedServer.response(to: query)
    // As if it were the answer, and a good one.
    response[3] = 0
    switch fault {
    case .isQuestion: response[2] &= 0x7f
    case .otherID: response[0] ^= 0x01
    case .otherName: response[13] ^= 0x01
    case .otherType: response[response.count - 3] = 28
    case .otherClass: response[response.count - 1] = 3
    case .noQuestion:
      response[5] = 0
      response.removeLast(response.count - 12)
    case .twoQuestions:
      response[5] = 2
      response += response.dropFirst(12)
    case .cutOff: response.removeLast(3)
    case .empty: response = []
    }
    return response
  }

  @Test(
    "given a datagram that is no answer to the question → the answer is waited for",
    .timeLimit(.minutes(1)), arguments: Fault.allCases)
  func passedOver(fault: Fault) async throws {
    let server = try ScriptedServer { query in
      [Self.response(to: query, with: fault), ScriptedServer.response(to: query)]
    }
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    #expect(try await client.ask(name, .a).rcode == .notImplemented)

    let only = try ScriptedServer { [Self.response(to: $0, with: fault)] }
    let endpoint = try Endpoint(host: "127.0.0.1", port: only.port)
    let limit = Duration.milliseconds(300)
    await #expect(throws: DNSError.timedOut(endpoint, .udp, after: limit)) {
      try await DNSClient(server: endpoint, timeout: limit).ask(name, .a)
    }
  }

  @Test(
    "given a message over TCP that does not answer the question → it is reported, and not believed",
    .timeLimit(.minutes(1)), arguments: Fault.allCases)
  func notBelieved(fault: Fault) async throws {
    let server = try ScriptedServer(streaming: { framed in
      let message = Self.response(to: Array(framed.dropFirst(2)), with: fault)
      return [0, UInt8(message.count)] + message
    })
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    let error = await #expect(throws: DNSError.self) {
      try await client.ask(name, .a, transport: .tcp)
    }
    guard case .malformed(let endpoint, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(endpoint.port == server.port)
    #expect((reason == "it belongs to another question") == ![.cutOff, .empty].contains(fault))
  }

  /// A server that could not read the question need not repeat it.
  @Test("given a refusal without the question → it is the answer")
  func bareRefusal() async throws {
    let server = try ScriptedServer { query in
      var response = Self.response(to: query, with: .noQuestion)
      response[3] = 1
      return [response]
    }
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    #expect(try await client.ask(name, .a).rcode == .formatError)
  }

  @Test("given an answer in other capital letters → it is the answer")
  func capitals() async throws {
    let server = try ScriptedServer { query in
      var response = ScriptedServer.response(to: query)
      response[13] = UInt8(ascii: "W")
      return [response]
    }
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    #expect(try await client.ask(name, .a).rcode == .notImplemented)
  }

  private static func truncated(_ query: [UInt8]) -> [UInt8] {
    var response = ScriptedServer.response(to: query)
    response[2] |= 0x02
    return response
  }

  @Test("given an answer that was cut short → it is asked for over TCP, and only that one counts")
  func overTCP() async throws {
    let datagrams = try ScriptedServer { [Self.truncated($0)] }
    let stream = try ScriptedServer(
      port: datagrams.port,
      streaming: { framed in
        var message = ScriptedServer.response(to: Array(framed.dropFirst(2)))
        message[3] = 5
        return [0, UInt8(message.count)] + message
      })
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: stream.port))
    let answer = try await client.ask(name, .a)
    #expect(answer.rcode == .refused)
    #expect(answer.transport == .tcp)
    #expect(!answer.isTruncated)
  }

  @Test(
    "given an answer that was cut short, and no TCP → that is reported, and the half is not used")
  func noTCP() async throws {
    let server = try ScriptedServer { [Self.truncated($0)] }
    let endpoint = try Endpoint(host: "127.0.0.1", port: server.port)
    await #expect(throws: DNSError.connectionRefused(endpoint, .tcp)) {
      try await DNSClient(server: endpoint).ask(name, .a)
    }
  }

  /// A pass asks many questions, each of which would otherwise take twice its time; in a process of its
  /// own, where no other test holds a thread.
  @Test("given an answer that was cut short, and silence over TCP → both end by the one deadline")
  func silentTCP() async throws {
    await #expect(processExitsWith: .success) {
      let name = try DomainName("www.plain.test")
      let port = try freePort()
      let silent = try boundSocket(SOCK_STREAM, port: port)
      try #require(listen(silent, 4) == 0)
      let server = try ScriptedServer(port: port) { query in
        usleep(1_500_000)
        return [Self.truncated(query)]
      }
      let endpoint = try Endpoint(host: "127.0.0.1", port: server.port)
      let limit = Duration.seconds(2)
      let begun = ContinuousClock.now
      await #expect(throws: DNSError.timedOut(endpoint, .tcp, after: limit)) {
        try await DNSClient(server: endpoint, timeout: limit).ask(name, .a)
      }
      #expect(ContinuousClock.now - begun < .seconds(3))
    }
  }

  /// Whoever can send datagrams to this host could answer in named's place.
  @Test("given the right answer from another port → it is not heard")
  func otherPort() async throws {
    let other = try boundSocket(SOCK_DGRAM, port: try freePort())
    defer { close(other) }
    let server = try ScriptedServer(sending: { query, peer in
      var forged = ScriptedServer.response(to: query)
      forged[3] = 5
      var peer = peer
      _ = unsafe withUnsafePointer(to: &peer) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          unsafe sendto(
            other, forged, forged.count, 0, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      return [ScriptedServer.response(to: query)]
    })
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    #expect(try await client.ask(name, .a).rcode == .notImplemented)
  }

  /// The broadcast address is one that no connection leads to without a permission.
  @Test("given an address that no question can reach → the system's reason is reported")
  func unreachable() async throws {
    let server = try Endpoint(host: "255.255.255.255", port: 53)
    let error = await #expect(throws: DNSError.self) {
      try await DNSClient(server: server).ask(name, .a)
    }
    guard case .unreachable(server, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("given a failure → its text tells where, by what way and what to look at")
  func texts() throws {
    let server = try Endpoint(host: "::1", port: 5353)
    let texts: [(DNSError, String)] = [
      (.invalidName("a..b"), "\"a..b\" is not a domain name"),
      (.connectionRefused(server, .tcp), "nothing listens on [::1]:5353 (TCP)"),
      (
        .timedOut(server, .udp, after: .seconds(2)),
        "[::1]:5353 did not answer over UDP within 2.0 s"
      ),
      (.unreachable(server, reason: "w"), "[::1]:5353 cannot be reached: w"),
      (.malformed(server, reason: "w"), "[::1]:5353 sent something that does not answer"),
    ]
    for (failure, words) in texts { #expect("\(failure)".hasPrefix(words), "\(failure)") }
  }

  @Test func aLostDatagramIsSentAgain() async throws {
    let server = try ScriptedServer(ignoring: 1) { [ScriptedServer.response(to: $0)] }
    let client = DNSClient(
      server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(6))
    #expect(try await client.ask(name, .a).rcode == .notImplemented)
  }

  /// Over a connection nothing is skipped: what comes has to be the answer.
  @Test(
    "a connection that brings no answer → malformed, with the reason",
    arguments: [
      ([0, 3, 1, 2, 3], "header"), ([0, 200, 1, 2], "closed"), ([0], "closed"), ([], "closed"),
    ])
  func aConnectionThatBringsNoAnswer(bytes: [UInt8], words: String) async throws {
    let server = try ScriptedServer(stream: bytes)
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    let error = await #expect(throws: DNSError.self) {
      try await client.ask(name, .a, transport: .tcp)
    }
    guard case .malformed(_, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.lowercased().contains(words))
  }

  /// In a process of its own, so that nothing else moves the figures.
  @Test(
    .disabled(if: unsafe getenv("ASAN_OPTIONS") != nil, "AddressSanitizer keeps what was freed"))
  func neitherMemoryNorDescriptorsAreLost() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let port = named.queryPort
      await #expect(processExitsWith: .success) { [port = port as UInt16] in
        let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: port))
        for _ in 0..<300 { _ = try await client.ask(DomainName("long.plain.test"), .txt) }
        let (pages, descriptors) = (try residentPages(), try listFolder("/proc/self/fd").count)
        for _ in 0..<2000 { _ = try await client.ask(DomainName("long.plain.test"), .txt) }
        // Half a page a question would be a thousand.
        #expect(try residentPages() - pages < 1000)
        #expect(try listFolder("/proc/self/fd").count <= descriptors)
      }
    }
  }
}

private func residentPages() throws -> Int {
  let fields = String(decoding: try readFile("/proc/self/statm"), as: UTF8.self)
    .split(separator: " ")
  return try #require(Int(fields[1]))
}
