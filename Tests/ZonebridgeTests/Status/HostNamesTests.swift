import DNSNames
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import zonebridge

/// Under which names a listener answers.
@Suite(.timeLimit(.minutes(2))) struct HostNamesTests {
  @Test(
    "a Host → answered or not",
    arguments: [
      ("localhost", "200"), ("LocalHost:9953", "200"), ("localhost.", "200"), ("localhost:", "200"),
      ("127.0.0.1", "200"), ("127.0.0.1:80", "200"), ("[::ffff:127.0.0.1]:9953", "200"),
      ("ns1", "200"), ("ns1.contoso.com:9953", "200"), ("metrics.contoso.com", "200"),
      ("192.0.2.9:9953", "200"), ("[2001:db8::9]", "200"),
      ("evil.example", "421"), ("localhost.evil.example", "421"), ("evil.example:9953", "421"),
      ("ns1.evil.example", "421"), ("127.0.0.2", "421"), ("[::1]", "421"), ("0.0.0.0", "421"),
      ("192.0.2.10", "421"),
      ("", "400"), ("a b", "400"), ("localhost:x", "400"), ("user@localhost", "400"),
      ("localhost/", "400"), ("[::1", "400"), ("::1", "400"), ("[localhost]", "400"),
      ("\u{e9}", "400"), (".", "400"),
    ])
  func answered(host: String, status: String) async throws {
    let configured = ["metrics.contoso.com", "192.0.2.9", "[2001:db8::9]"]
    let names = HostNames(
      configured.compactMap { RequestedHost($0) }, own: ["ns1", "ns1.contoso.com"])
    try await withStatusServer({ .inSync }, names: names) { port in
      let answer = try RawClient.answer("GET /healthz", port: port, fields: ["Host: \(host)"])
      #expect(answer.status == status)
      #expect((answer.body == "ok\n") == (status == "200"))
      #expect(host.isEmpty || status == "200" || !answer.body.contains(host))
    }
  }

  @Test("no Host, or two → 400; none is needed in HTTP/1.0") func missing() async throws {
    try await withStatusServer({ .inSync }) { port in
      #expect(try RawClient.answer("GET /healthz", port: port, fields: []).status == "400")
      let fields = ["Host: localhost", "Host: localhost"]
      #expect(try RawClient.answer("GET /healthz", port: port, fields: fields).status == "400")
      for (fields, status) in [("", "200"), ("Host: evil.example\r\n", "421")] {
        let client = try RawClient(port: port)
        client.send("GET /healthz HTTP/1.0\r\n\(fields)\r\n")
        #expect(client.rest()?.hasPrefix("HTTP/1.1 \(status) ") == true)
      }
    }
  }

  @Test("a socket in the file system → whatever the Host") func socket() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.path.appending("agent.socket")
      let server = StatusServer(at: [.socket(path)], names: HostNames([], own: [])) { .inSync }
      #expect(await server.start() == [])
      let client = try RawClient(path: path)
      client.send("GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
      #expect(client.rest()?.hasSuffix("\r\n\r\nok\n") == true)
      await server.stop()
    }
  }

  @Test("a listener on all addresses → answers for the one at which it is reached")
  func wildcard() async throws {
    let port = try freePort()
    let socket = try wildcardSocket(port: port)
    defer { close(socket) }
    let server = StatusServer(at: [.inherited(socket)], names: HostNames([], own: [])) { .inSync }
    #expect(await server.start() == [])
    for (host, status) in [("127.0.0.1", "200"), ("127.0.0.2", "421"), ("0.0.0.0", "421")] {
      let answer = try RawClient.answer("GET /healthz", port: Int(port), fields: ["Host: \(host)"])
      #expect(answer.status == status, "\(host)")
    }
    await server.stop()
  }

  private func wildcardSocket(port: UInt16) throws -> CInt {
    let descriptor = Glibc.socket(
      AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0, listen(descriptor, 16) == 0 else { throw SystemCallFailure("listen") }
    return descriptor
  }

  @Test(
    "what the host's files say → its names",
    arguments: [
      ("ns1", "", "", ["ns1"]),
      ("NS1.Contoso.COM", "", "search lab.example\n", ["ns1.contoso.com", "ns1"]),
      (
        "ns1", "127.0.0.1 localhost\n127.0.1.1\tns1.contoso.com ns1 # here\n10.0.0.1 other x#ns1\n",
        "",
        ["ns1", "ns1.contoso.com"]
      ),
      (
        "ns1", "", "nameserver 10.0.0.1\nsearch contoso.com lab.example.\n",
        ["ns1", "ns1.contoso.com", "ns1.lab.example"]
      ),
      ("ns1", "", "domain contoso.com\n#search evil.example\n", ["ns1", "ns1.contoso.com"]),
      ("", "127.0.0.1 localhost\n", "search contoso.com\n", []),
    ] as [(String, String, String, Set<String>)])
  func own(name: String, hosts: String, resolver: String, names: Set<String>) {
    #expect(HostNames.names(of: name, hosts: hosts, resolver: resolver) == names)
  }

  @Test("without a word in the configuration → the host's own name") func ofThisHost() async throws
  {
    let name = try await run("uname", arguments: ["-n"]).standardOutput.dropLast()
    try await withStatusServer({ .inSync }) { port in
      let fields = ["Host: \(name):\(port)"]
      let answer = try RawClient.answer("GET /healthz", port: port, fields: fields)
      #expect(answer.status == "200")
    }
  }
}
