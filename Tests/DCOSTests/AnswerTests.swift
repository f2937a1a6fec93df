import DNSNames
import TestSupport
import Testing

@testable import DCOS

@Suite("Masters' answers", .timeLimit(.minutes(1)))
struct AnswerTests {
  private static let id = SampleID.published

  @Test(arguments: [
    (
      "exhibitor-cluster-status-3masters.json", ["172.31.12.169", "172.31.13.255", "172.31.17.144"]
    ),
    ("exhibitor-cluster-status-troubleshooting.json", ["10.0.6.70", "10.0.6.69", "10.0.6.68"]),
  ])
  func theDocumentationsListsAreRead(_ fixture: String, _ expected: [String]) throws {
    let addresses = try ExhibitorAnswer.addresses(in: Fixture(fixture).bytes)
    #expect(addresses.map(\.description) == expected)
  }

  @Test func aMasterCountsWhateverItsState() throws {
    let body = (0...3).map { code in
      #"{"code":\#(code),"description":"","hostname":"10.0.6.7\#(code)","isLeader":false}"#
    }
    let addresses = try ExhibitorAnswer.addresses(in: bytes("[\(body.joined(separator: ","))]"))
    #expect(addresses.map(\.description) == ["10.0.6.70", "10.0.6.71", "10.0.6.72", "10.0.6.73"])
  }

  @Test func aMemberListIsSortedAndHasEachOnce() throws {
    let list = MemberList(
      source: .exhibitor,
      addresses: try ["10.0.6.70", "10.0.6.9", "10.0.6.70"].map { try IPAddress($0) })
    #expect(list.addresses.map(\.description) == ["10.0.6.9", "10.0.6.70"])
  }

  @Test(arguments: [
    ("", ObservationError.Reason.notJSON),
    ("  \r\n", .notJSON),
    ("Cluster keys not found in Lashup", .notJSON),
    ("<html></html>", .htmlPage),
    ("\r\n <!DOCTYPE html>", .htmlPage),
    (#"[{"hostname":"10.0.6.70"#, .truncatedJSON),
    (#"{"hostname":"#, .truncatedJSON),
    (#"[{]"#, .notJSON),
    ("[]", .emptyList),
    ("null", .unexpectedJSON(expected: "a list of servers with a hostname each")),
    ("{}", .unexpectedJSON(expected: "a list of servers with a hostname each")),
    (#"[{"host":"x"}]"#, .unexpectedJSON(expected: "a list of servers with a hostname each")),
    (#"[{"hostname":7}]"#, .unexpectedJSON(expected: "a list of servers with a hostname each")),
    (#"[{"hostname":""}]"#, .notAnAddress(.empty)),
    (#"[{"hostname":"10.0.6.70"},{"hostname":"m2"}]"#, .notAnAddress(.notAnAddress("m2"))),
  ])
  func aBadAnswerOfExhibitorIsAFailure(_ body: String, _ expected: ObservationError.Reason) {
    #expect(throws: expected) { try ExhibitorAnswer.addresses(in: bytes(body)) }
  }

  @Test(arguments: [
    ("[]", ObservationError.Reason.emptyList),
    ("[\n  {\n   \"host\": \"\",\n   \"ip\": \"\"\n  }\n ]", .emptyHost),
    (#"[{"host":"master.mesos.","ip":""}]"#, .notAnAddress(.empty)),
    (#"[{"host":"master.mesos.","ip":"10.0.6.70"},{"host":"","ip":""}]"#, .notAnAddress(.empty)),
    (#"{"error":"x"}"#, .unexpectedJSON(expected: "a list of hosts with an ip each")),
  ])
  func aBadAnswerOfMesosDNSIsAFailure(_ body: String, _ expected: ObservationError.Reason) {
    #expect(throws: expected) { try MesosDNSAnswer.addresses(in: bytes(body)) }
  }

  @Test("a master listed twice, or in two spellings → once, in the order of the numbers")
  func duplicates() throws {
    let texts = [
      "10.0.0.10", "10.0.0.9", "::ffff:10.0.0.10", "10.0.0.9", "2001:DB8::1", "2001:db8:0::1",
    ]
    let servers = texts.map { #"{"hostname":"\#($0)"}"# }.joined(separator: ",")
    let hosts = texts.map { #"{"host":"master.mesos.","ip":"\#($0)"}"# }.joined(separator: ",")
    let expected = ["10.0.0.9", "10.0.0.10", "2001:db8::1"]
    for addresses in [
      try ExhibitorAnswer.addresses(in: bytes("[\(servers)]")),
      try MesosDNSAnswer.addresses(in: bytes("[\(hosts)]")),
    ] {
      let list = MemberList(source: .exhibitor, addresses: addresses)
      #expect(list.addresses.map(\.description) == expected)
    }
  }

  @Test func thePublicKeyIsRead() throws {
    let body = #"{"zbase32_secret_key":"ybn","zbase32_public_key":"\#(Self.id)"}"#
    #expect(try KeyAnswer.clusterID(in: bytes(body)) == ClusterID(Self.id))
  }

  @Test(arguments: [
    ("", ObservationError.Reason.notJSON),
    ("<html>", .htmlPage),
    ("{}", .unexpectedJSON(expected: "a zbase32_public_key")),
    (#"{"zbase32_public_key":null}"#, .unexpectedJSON(expected: "a zbase32_public_key")),
    (#"{"zbase32_public_key":""}"#, .notAnID(.length(0))),
    (#"{"zbase32_public_key":"\#(id)"#, .truncatedJSON),
  ])
  func aBadKeyAnswerIsAFailure(_ body: String, _ expected: ObservationError.Reason) {
    #expect(throws: expected) { try KeyAnswer.clusterID(in: bytes(body)) }
  }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
