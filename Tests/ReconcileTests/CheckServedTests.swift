import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite("check: what is served", .timeLimit(.minutes(5)))
struct CheckServedTests {
  @Test("a secondary that is behind, ahead, level, and one without the zone") func secondaries()
    async throws
  {
    func zone(_ serial: UInt32) -> NamedSetup {
      NamedSetup(
        local: "zone \"contoso.com\" { type primary; file \"db\"; };\n",
        files: [
          "db": "@ 60 IN SOA ns h \(serial) 3600 900 1209600 60\n@ 60 NS ns\nns 60 A 127.0.0.1\n"
        ])
    }
    try await withNamed(zone(41)) { named in
      let client = DNSClient(server: try Endpoint("127.0.0.1:\(named.queryPort)"))
      let answer = try await client.result(of: DomainName("contoso.com."), .soa)
      func judge(_ serial: SerialNumber) -> Finding {
        SecondaryCheck.judge(answer, "ns2", serial: serial)
      }
      #expect(judge(41).state == .ok)
      #expect(judge(42).state == .warning)
      #expect(judge(42).remedy.contains("NOTIFY") && judge(42).remedy.contains("allow-transfer"))
      #expect(judge(40).state == .broken)
      let lame = try await client.result(of: DomainName("contoso.net."), .soa)
      #expect(SecondaryCheck.judge(lame, "ns2", serial: 41).state == .broken)
    }
    let nobody = DNSClient(server: try Endpoint("127.0.0.1:\(freePort())"))
    let silence = try await nobody.result(of: DomainName("contoso.com."), .soa)
    #expect(SecondaryCheck.judge(silence, "ns2", serial: 41).state == .warning)
  }

  @Test("timers of an SOA record") func timers() throws {
    func objections(_ numbers: String) throws -> [String] {
      let soa = try #require(SOA("ns. h. \(numbers)".split(separator: " ").map(String.init)))
      return SerialCheck.objections(to: soa).map { String($0.0.split(separator: " ")[0]) }
    }
    #expect(try objections("1 3600 900 1209600 60") == [])
    #expect(try objections("1 1 1 1 1") == ["refresh", "expire"])
    #expect(try objections("1 604800 900 1209600 604800") == ["negative", "refresh"])
    #expect(SOA(["ns.", "h.", "1"]) == nil)
  }

  @Test("checkers of another version than named's") func versions() {
    let tool: FilePath = "/usr/bin/named-checkconf"
    let old = BINDVersion("9.16.1")
    let new = BINDVersion("BIND 9.18.2 (x)")
    #expect(ToolCheck.version(of: tool, .success(old), new).state == .warning)
    #expect(ToolCheck.version(of: tool, .success(new), new).state == .ok)
    #expect(ToolCheck.version(of: tool, .success(old), nil).state == .ok)
    let failure = ToolError.killed(tool, signal: 9)
    #expect(ToolCheck.version(of: tool, .failure(failure), new).state == .broken)
  }

  @Test("the chain comes to its worst link") func worst() {
    func link(_ state: Finding.State) -> Finding { Finding(.named, "x", state, "y") }
    #expect([link(.ok), link(.skipped)].state == .ok)
    #expect([link(.ok), link(.warning)].state == .warning)
    #expect([link(.broken), link(.warning)].state == .broken)
  }
}
