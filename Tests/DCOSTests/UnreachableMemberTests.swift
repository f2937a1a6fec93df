import DNSNames
import TestSupport
import Testing

@testable import DCOS

/// A list says where named forwards names: an address that means something else here than it does there would lead them
/// astray, to named itself in the worst case.
@Suite("Members that cannot be reached from here", .timeLimit(.minutes(2)))
struct UnreachableMemberTests {
  private static let id = "kaualnklf69aisrgpnceqn7pr4mgz5o8j38bn96nwoqq687l5cho"

  @Test(
    "a member's address, and that of the master that lists it → a member, or no answer",
    arguments: [
      ("127.0.0.1", "10.0.6.68", false), ("127.0.0.1", nil, false), ("::1", "fd00::68", false),
      ("::ffff:127.0.0.1", "10.0.6.68", false), ("127.0.20.11", "127.0.20.12", true),
      ("::1", "127.0.0.1", true), ("169.254.0.9", "10.0.6.68", false),
      ("169.254.0.9", "169.254.0.8", true), ("fe80::1", "fd00::68", false),
      ("240.0.0.1", "10.0.6.68", false), ("240.0.0.1", "240.0.0.2", true),
      ("0.1.2.3", "10.0.6.68", false), ("0.1.2.3", "127.0.0.1", false),
      ("::127.26.9.1", "10.0.6.68", false), ("64:ff9b::a00:644", "10.0.6.68", true),
      ("192.168.0.1", "10.0.6.68", true), ("fd00::69", "127.0.0.1", true),
    ] as [(String, String?, Bool)])
  func rule(member: String, master: String?, isMember: Bool) throws {
    let members = [try IPAddress("10.0.6.70"), try IPAddress(member)]
    let from = try master.map { try IPAddress($0) }
    if isMember {
      try MemberList.expectReachable(members, from: from)
    } else {
      #expect(throws: ObservationError.Reason.unreachableMember(members[1])) {
        try MemberList.expectReachable(members, from: from)
      }
    }
  }

  @Test(
    "a list with an address that is no host's → no answer, and nobody on it is asked",
    arguments: ["http", "localhost"])
  func list(_ way: String) async throws {
    let (id, visits) = (Self.id, Visits())
    let server = try RawServer { path in
      visits.note(path)
      let body =
        path == Resource.key.path
        ? #"{"zbase32_public_key":"\#(id)"}"#
        : #"[{"hostname":"127.0.0.2"},{"hostname":"0.9.9.9"}]"#
      return [
        .send(
          Array(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
              .utf8))
      ]
    }
    defer { server.stop() }
    let reports = try await observe([
      way == "http" ? server.url() : "http://localhost:\(server.port)"
    ])
    #expect(reports.count == 1)
    #expect(reports[0].membersReason == .unreachableMember(try IPAddress("0.9.9.9")))
    #expect(
      reports[0].membersReason?.cause
        == "a list of masters with 0.9.9.9, which is no host's address")
    #expect(visits.count == 2)
    expectWords(of: reports)
  }

  @Test("a master asked by its name, at a loopback address → its list of such addresses is taken")
  func byName() async throws {
    let id = Self.id
    let server = try RawServer { path in
      let body =
        path == Resource.key.path
        ? #"{"zbase32_public_key":"\#(id)"}"# : #"[{"hostname":"127.0.0.1"}]"#
      return [
        .send(
          Array(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
              .utf8))
      ]
    }
    defer { server.stop() }
    let reports = try await observe(["http://localhost:\(server.port)"])
    #expect(try reports[0].members.get().addresses == [try IPAddress("127.0.0.1")])
  }
}
