import DCOS
import Testing

@Suite("Masters' endpoints", .timeLimit(.minutes(3)))
struct MasterEndpointTests {
  @Test(
    arguments: [
      ("https://10.0.6.68", MasterEndpoint.Scheme.https, "10.0.6.68", 443, "https://10.0.6.68"),
      ("http://10.0.6.68/", .http, "10.0.6.68", 80, "http://10.0.6.68"),
      ("http://10.0.6.68:80", .http, "10.0.6.68", 80, "http://10.0.6.68"),
      (
        "HTTPS://Master.Example.:8443", .https, "master.example", 8443,
        "https://master.example:8443"
      ),
      ("http://[::1]:8080", .http, "::1", 8080, "http://[::1]:8080"),
      ("https://[2001:DB8::0068]", .https, "2001:db8::68", 443, "https://[2001:db8::68]"),
    ] as [(String, MasterEndpoint.Scheme, String, UInt16, String)])
  func anEndpointIsReadAndHasOneSpelling(
    _ text: String, _ scheme: MasterEndpoint.Scheme, _ host: String, _ port: UInt16,
    _ canonical: String
  ) throws {
    let endpoint = try MasterEndpoint(text)
    #expect(endpoint.scheme == scheme)
    #expect(endpoint.host == host)
    #expect(endpoint.port == port)
    #expect(endpoint.description == canonical)
    #expect(try MasterEndpoint(canonical) == endpoint)
  }

  @Test(arguments: [
    ("10.0.6.68", MasterEndpointError.Reason.noScheme),
    ("", .noScheme),
    ("ftp://10.0.6.68", .foreignScheme),
    ("https://", .host),
    ("https://:443", .host),
    ("https://10.0.6.999", .host),
    ("https://0.0.0.0", .host),
    ("https://master one", .host),
    ("https://-master.example", .host),
    ("https://[10.0.6.68]", .host),
    ("https://[::1", .host),
    ("https://[::1]x", .host),
    ("https://[fe80::1%eth0]", .host),
    ("https://2001:db8::68", .unbracketedIPv6),
    ("https://10.0.6.68:", .port),
    ("https://10.0.6.68:0", .port),
    ("https://10.0.6.68:65536", .port),
    ("https://10.0.6.68:+80", .port),
    ("https://10.0.6.68/navstar", .path),
    ("https://10.0.6.68?x", .path),
    ("https://10.0.6.68#x", .path),
    ("https://admin:pass@10.0.6.68", .userInformation),
  ])
  func whatIsMoreOrLessThanAnEndpointIsRefused(
    _ text: String, _ reason: MasterEndpointError.Reason
  ) throws {
    let error = try #require(throws: MasterEndpointError.self) { try MasterEndpoint(text) }
    #expect(error.reason == reason)
    #expect(reason == .userInformation || error.description.contains("\"\(text)\""))
  }

  @Test func aPasswordIsNotRepeated() throws {
    let error = try #require(throws: MasterEndpointError.self) {
      try MasterEndpoint("https://admin:hunter2@10.0.6.68")
    }
    #expect(!"\(error)".contains("hunter2"))
  }
}
