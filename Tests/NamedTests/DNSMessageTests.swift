import DNSNames
@testable import Named
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DNSMessageTests {
  @Test func aQuestionOnTheWire() throws {
    let wire = try wire()
    // RFC 1035 section 4.1: flags (RD), one question, nothing else.
    #expect(wire[2...11].elementsEqual([1, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
    #expect(wire.count == 12 + "www.Plain.test".utf8.count + 2 + 4)
    #expect(Array(wire.suffix(4)) == [0, 1, 0, 1])
    #expect(try self.wire().dropFirst(2) == wire.dropFirst(2))
  }

  /// Who guesses the ID can answer in the server's place (RFC 5452).
  @Test func noTwoQuestionsHaveTheSameID() throws {
    let identifiers = try Set((1...50).map { _ in try Array(wire().prefix(2)) })
    #expect(identifiers.count > 40)
  }

  private func wire() throws -> [UInt8] {
    let query = try DNSMessage(asking: DomainName("www.Plain.test"), .a, recursionDesired: true)
    let wire = query?.wire
    return try #require(wire)
  }

  /// Four records of different shapes and an SOA, with compressed names (RFC 1035 section 4.1.4).
  private static func realAnswer() -> [UInt8] {
    var bytes: [UInt8] = [0x12, 0x34, 0x84, 0x00, 0, 1, 0, 4, 0, 1, 0, 0]
    let name: [UInt8] = [1, 97, 4, 116, 101, 115, 116, 0]
    bytes += name + [0, 255, 0, 1]
    let header: (UInt8) -> [UInt8] = { [0xc0, 12, 0, $0, 0, 1, 0, 0, 1, 44] }
    bytes += header(1) + [0, 4, 192, 0, 2, 1]
    bytes += header(39) + [0, 8] + name
    bytes += header(16) + [0, 6, 5] + Array("hello".utf8)
    bytes += header(33) + [0, 14, 0, 1, 0, 2, 0, 53] + name
    bytes += header(6) + [0, 24, 0xc0, 12, 0xc0, 12] + [UInt8](repeating: 1, count: 20)
    return bytes
  }

  @Test func everyFieldIsRead() throws {
    let answer = try DNSMessage(parsing: Self.realAnswer()).answer(over: .udp)
    #expect(
      answer.answers.map(\.description) == [
        "a.test. 300 IN A 192.0.2.1", "a.test. 300 IN DNAME a.test.",
        "a.test. 300 IN TXT \"hello\"", "a.test. 300 IN SRV 1 2 53 a.test.",
      ])
    #expect(answer.authority.map(\.type) == ["SOA"])
    #expect(answer.authority.first?.fields.count == 7)
    #expect(answer.isAuthoritative)
    #expect(!answer.isRecursionAvailable)
  }

  /// Anybody may send anything: it is read or refused, and nothing else happens.
  @Test func noBytesDoHarm() {
    var random = SplitMix64(state: 42)
    var records = 0
    for _ in 0..<20_000 {
      var bytes = Self.realAnswer()
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes[Int.random(in: 2..<bytes.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      if Bool.random(using: &random) {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
      }
      guard let message = try? DNSMessage(parsing: bytes) else { continue }
      for record in message.answer(over: .udp).answers { records += record.fields.count }
    }
    // Enough of them could be read for this to say something.
    #expect(records > 10_000)
  }
}

/// The same numbers each time, so that what fails fails again.
private struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
