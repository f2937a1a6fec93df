import DCOS
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Named
@testable import Planning
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
      func judge(_ serial: SerialNumber) throws -> Finding {
        SecondaryCheck.judge(try probe(answer, serial))
      }
      #expect(try judge(41).state == .ok)
      let behind = try judge(42)
      #expect(behind.state == .warning && behind.subject == "contoso.com: ns2 (127.0.0.1)")
      #expect(behind.remedy.contains("NOTIFY") && behind.remedy.contains("allow-transfer"))
      let ahead = try judge(40)
      #expect(ahead.state == .broken)
      expect(ahead.finding, has: "has serial 41, newer than 40, which is served here")
      expect(ahead.remedy, has: "The next change of zonebridge goes above 41")
      expect(ahead.remedy, has: "rndc retransfer contoso.com")
      let lame = try await client.result(of: DomainName("contoso.net."), .soa)
      #expect(SecondaryCheck.judge(try probe(lame, 41)).state == .broken)
      #expect(SecondaryCheck.judge(try probe(lame, 41, .notified)).state == .skipped)
    }
    let nobody = DNSClient(server: try Endpoint("127.0.0.1:\(freePort())"))
    let silence = try await nobody.result(of: DomainName("contoso.com."), .soa)
    #expect(SecondaryCheck.judge(try probe(silence, 41)).state == .warning)
    #expect(SecondaryCheck.judge(try probe(silence, 41, .notified)).state == .skipped)
    #expect(SecondaryCheck.judge(try probe(nil, 41)).state == .skipped)
    var own = try probe(nil, 41)
    own.isThisHost = true
    #expect(SecondaryCheck.judge(own).state == .ok)
    own.isThisHost = false
    own.server = nil
    #expect(SecondaryCheck.judge(own).finding.contains("finds no address"))
  }

  private func probe(
    _ answer: Result<DNSAnswer, DNSError>?, _ serial: SerialNumber,
    _ origin: SecondaryProbe.Origin = .nameServer
  ) throws -> SecondaryProbe {
    SecondaryProbe(
      zone: ZoneInView(name: try DomainName("contoso.com")), serial: serial, origin: origin,
      name: "ns2", server: try Endpoint("127.0.0.1:53"), answer: answer)
  }

  @Test(
    "a serial that is ahead by RFC 1982 → remembered, the highest of several; behind, or where nothing could follow → not",
    arguments: [
      ([42], 41, 42), ([41], 41, nil), ([40], 41, nil), ([42, 50, 45], 41, 50),
      ([0], 4_294_967_295, 0),
      ([4_294_967_295], 0, nil), ([41 + 0x7FFF_FFFE], 41, 41 + 0x7FFF_FFFE),
      ([41 + 0x7FFF_FFFF], 41, nil), ([41 + 0x8000_0000], 41, nil),
    ] as [([UInt32], UInt32, UInt32?)])
  func ahead(others: [UInt32], ours: UInt32, remembered: UInt32?) throws {
    func probes(isAuthoritative: Bool) throws -> [SecondaryProbe] {
      try others.map { serial in
        let soa = ResourceRecord(
          owner: try DomainName("contoso.com."), ttl: 60, type: .soa,
          fields: ["ns.", "h.", "\(serial)", "1", "1", "1", "1"])
        let answer = DNSAnswer(
          rcode: .noError, isAuthoritative: isAuthoritative, isRecursionAvailable: true,
          isTruncated: false, answers: [soa], authority: [], transport: .udp)
        return try probe(.success(answer), SerialNumber(ours))
      }
    }
    let seen = try probes(isAuthoritative: true).serialsAhead
    #expect(Array(seen.values) == (remembered.map { [SerialNumber($0)] } ?? []))
    #expect(try probes(isAuthoritative: false).serialsAhead.isEmpty)
    for probe in try probes(isAuthoritative: true) where remembered == nil && others != [ours] {
      #expect(!SecondaryCheck.judge(probe).remedy.contains("next change"))
    }
  }

  @Test(
    "a serial that was seen → the next change's is above it; before the first pass → nowhere to write it"
  )
  func noted() throws {
    let folder = try TemporaryFolder()
    let directory = StateDirectory(folder.path)
    let zone = ZoneInView(name: try DomainName("contoso.com"))
    #expect(try !SeenSerials.note([zone: SerialNumber(50)], in: directory))
    #expect(try folder.names().isEmpty)
    var memory = NameMemory()
    memory.blocks = ["prod"]
    memory.serials[zone] = SerialNumber(45)
    memory.foreign = [
      ForeignDependent(
        id: try ClusterID(Site.ids[0]), zone: ZoneInView(name: zone.name, view: "a b")),
      ForeignDependent(
        id: try ClusterID(Site.ids[1]), zone: zone, owner: try DomainName("x.contoso.com")),
    ]
    memory.unflushed = [try DomainName("\(Site.ids[2]).dcos.directory")]
    memory.retained = RetainedZones(
      until: [try ClusterID(Site.ids[0]): 1065, try ClusterID(Site.ids[1]): 1090],
      pending: [try ClusterID(Site.ids[1]): 65])
    try memory.write(in: directory)
    #expect(NameMemory.read(in: directory) == memory)
    #expect(try SeenSerials.note([zone: SerialNumber(50)], in: directory))
    memory.serials[zone] = SerialNumber(50)
    #expect(NameMemory.read(in: directory) == memory)
    #expect(try SeenSerials.note([zone: SerialNumber(44)], in: directory))
    #expect(NameMemory.read(in: directory) == memory)
  }

  @Test(
    "also-notify → its addresses with their ports; the zone's own before the view's and the options'",
    arguments: [
      ("", "", []), ("also-notify { 192.0.2.1; };", "", ["192.0.2.1:53"]),
      (
        "also-notify port 5353 { 192.0.2.1; 2001:db8::1 port 54; };", "",
        ["192.0.2.1:5353", "2001:db8::1:54"]
      ),
      ("also-notify { others; 192.0.2.1 key k; };", "", ["192.0.2.1:53"]),
      ("", "also-notify { 192.0.2.2; };", ["192.0.2.2:53"]),
      ("also-notify { };", "also-notify { 192.0.2.2; };", []),
    ])
  func notified(zone: String, options: String, expected: [String]) async throws {
    let files = [
      "named.conf": "options { dnssec-validation no; \(options) };\n"
        + "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; \(zone) };\n",
      "db": Planning.zone,
    ]
    try await withPlanning(files) { planning in
      let actual = try await planning.actual()
      let zone = try #require(actual.zones.first { $0.name == (try? DomainName("contoso.com")) })
      #expect(actual.notifiedServers(of: zone).map { "\($0.address):\($0.port)" } == expected)
    }
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
