import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@Suite struct DNSClientTests {
  @Test func recordsOfARealNamed() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let client = try named.client()

      let address = try await client.ask("www.plain.test", .a)
      #expect(address.rcode == .noError)
      #expect(address.isAuthoritative)
      #expect(address.isRecursionAvailable)
      #expect(address.transport == .udp)
      #expect(address.answers.map(\.description) == ["www.plain.test. 300 IN A 192.0.2.80"])

      #expect(try await client.ask("more.plain.test.", .aaaa).rdata(of: .aaaa) == ["2001:db8::1"])

      let soa = try await client.ask("plain.test", .soa, transport: .tcp)
      #expect(soa.serial == 4_294_967_295)
      #expect(soa.transport == .tcp)

      let dname = try await client.ask("alias.plain.test", .dname)
      #expect(dname.rdata(of: .dname) == ["www.other.test."])
      // RFC 6672 section 3.1: the CNAME is made up from the DNAME.
      let below = try await client.ask("a.b.alias.plain.test", .a)
      #expect(below.answers.map(\.type) == ["DNAME", "CNAME"])
      #expect(below.rdata(of: .cname) == ["a.b.www.other.test."])
    }
  }

  @Test func whatThereIsNot() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let client = try named.client()
      let missing = try await client.ask("nothing.plain.test", .a)
      #expect(missing.rcode == .nameError)
      #expect(missing.answers.isEmpty)
      #expect(missing.authority.map(\.type) == ["SOA"])

      let empty = try await client.ask("www.plain.test", .aaaa)
      #expect(empty.rcode == .noError)
      #expect(empty.answers.isEmpty)
      #expect(empty.serial == nil)

      #expect(try await client.ask("www.closed.test", .a).rcode == .refused)
      #expect(try await client.ask("www.broken.test", .a).rcode == .serverFailure)
    }
  }

  /// Without the RD flag named does not ask the forwarder, which is not there.
  @Test func recursionIsAskedForOrNot() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let client = try named.client()
      let recursive = try await client.ask("www.forward.test", .a, recursionDesired: true)
      #expect(recursive.rcode == .serverFailure)
      let plain = try await client.ask("www.forward.test", .a, recursionDesired: false)
      #expect(plain.rcode != .serverFailure)
    }
  }

  @Test func whatDoesNotFitIntoADatagramComesOverTCP() async throws {
    try await withNamed(ReferenceZones.setup) { named in
      let answer = try await named.client().ask("long.plain.test", .txt)
      #expect(answer.transport == .tcp)
      #expect(!answer.isTruncated)
      #expect(answer.answers.count == 40)
      #expect(answer.rdata(of: .txt).contains("\"7 is one of many strings in a row\""))
    }
  }

  @Test(arguments: [DNSTransport.udp, .tcp])
  func nobodyListens(over transport: DNSTransport) async throws {
    let server = try Endpoint(host: "127.0.0.1", port: freePort())
    await #expect(throws: DNSError.connectionRefused(server, transport)) {
      try await DNSClient(server: server).ask("www.plain.test", .a, transport: transport)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: [DNSTransport.udp, .tcp])
  func nobodyAnswers(over transport: DNSTransport) async throws {
    let listener = try SilentListener()
    let server = try Endpoint(host: "127.0.0.1", port: listener.port)
    let limit = Duration.milliseconds(300)
    let begun = ContinuousClock.now
    await #expect(throws: DNSError.timedOut(server, transport, after: limit)) {
      try await DNSClient(server: server, timeout: limit)
        .ask("www.plain.test", .a, transport: transport)
    }
    #expect(ContinuousClock.now - begun >= limit)
  }

  /// In a process of its own, where no other test holds a thread.
  @Test func manyQuestionsAtOnceDoNotWaitForOneAnother() async throws {
    await #expect(processExitsWith: .success) {
      let listener = try SilentListener()
      let server = try Endpoint(host: "127.0.0.1", port: listener.port)
      let client = DNSClient(server: server, timeout: .seconds(1))
      let begun = ContinuousClock.now
      let failures = await withTaskGroup(of: DNSError?.self) { group in
        for number in 0..<60 {
          group.addTask {
            do throws(DNSError) {
              _ = try await client.ask("host\(number).plain.test", .a)
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
              number, try await client.ask("host\(number).many.test", .a, transport: transport)
            )
          }
        }
        for try await (number, answer) in group {
          #expect(answer.rdata(of: .a) == ["192.0.2.\(number)"])
        }
      }
    }
  }

  @Test(arguments: ["a..b", String(repeating: "x", count: 64) + ".test", ""])
  func aNameThatIsNone(name: String) async throws {
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: 53))
    await #expect(throws: DNSError.invalidName(name)) { try await client.ask(name, .a) }
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
    let answer = try await client.ask("www.plain.test", .a)
    #expect(answer.rcode == .notImplemented)
  }

  @Test func aLostDatagramIsSentAgain() async throws {
    let server = try ScriptedServer(ignoring: 1) { [ScriptedServer.response(to: $0)] }
    let client = DNSClient(
      server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(6))
    #expect(try await client.ask("www.plain.test", .a).rcode == .notImplemented)
  }

  /// Over a connection nothing is skipped: what comes has to be the answer.
  @Test(arguments: [
    ([0, 3, 1, 2, 3], "header"), ([0, 200, 1, 2], "closed"), ([0], "closed"), ([], "closed"),
  ])
  func aConnectionThatBringsNoAnswer(bytes: [UInt8], words: String) async throws {
    let server = try ScriptedServer(stream: bytes)
    let client = DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port))
    let error = await #expect(throws: DNSError.self) {
      try await client.ask("www.plain.test", .a, transport: .tcp)
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
        for _ in 0..<300 { _ = try await client.ask("long.plain.test", .txt) }
        let (pages, descriptors) = (try residentPages(), try listFolder("/proc/self/fd").count)
        for _ in 0..<2000 { _ = try await client.ask("long.plain.test", .txt) }
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
