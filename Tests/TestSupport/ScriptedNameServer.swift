import Synchronization

/// A record that a ``ScriptedNameServer`` returns.
package struct ScriptedRecord: Sendable {
  package var owner: String
  package var type: UInt16
  package var ttl: UInt32
  package var rdata: [UInt8]

  /// An SOA with this serial (RFC 1035 section 3.3.13) and a negative TTL of 0, so that nobody caches negative answers.
  package static func soa(_ owner: String, serial: UInt32 = 1, ttl: UInt32 = 0) -> ScriptedRecord {
    var rdata: [UInt8] = [0, 0]
    for number in [serial, 3600, 900, 86400, 0] {
      rdata += (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
    }
    return ScriptedRecord(owner: owner, type: 6, ttl: ttl, rdata: rdata)
  }

  /// A DNAME (RFC 6672).
  package static func dname(_ owner: String, to target: String, ttl: UInt32 = 60) -> ScriptedRecord
  {
    ScriptedRecord(owner: owner, type: 39, ttl: ttl, rdata: wireName(target))
  }

  package static func cname(_ owner: String, to target: String, ttl: UInt32 = 0) -> ScriptedRecord {
    ScriptedRecord(owner: owner, type: 5, ttl: ttl, rdata: wireName(target))
  }

  /// An A or AAAA record, from the address's bytes.
  package static func address(_ owner: String, _ bytes: [UInt8], ttl: UInt32 = 0) -> ScriptedRecord
  {
    ScriptedRecord(owner: owner, type: bytes.count == 4 ? 1 : 28, ttl: ttl, rdata: bytes)
  }

  fileprivate var wire: [UInt8] {
    wireName(owner) + type.wire + (1 as UInt16).wire + UInt16(ttl >> 16).wire
      + UInt16(truncatingIfNeeded: ttl).wire + UInt16(rdata.count).wire + rdata
  }
}

/// A ``ScriptedNameServer``'s answer to a question.
package struct ScriptedAnswer: Sendable {
  package var rcode: UInt8 = 0
  /// The AA flag.
  package var isAuthoritative = true
  /// The TC flag.
  package var isTruncated = false
  /// The RA flag.
  package var isRecursionAvailable = true
  package var answers: [ScriptedRecord] = []
  package var authority: [ScriptedRecord] = []
  /// No answer is sent at all.
  package var isSilent = false

  package static let silence = ScriptedAnswer(isSilent: true)
  package static let serverFailure = ScriptedAnswer(rcode: 2)
  package static let refused = ScriptedAnswer(rcode: 5)
  package static let nameError = ScriptedAnswer(rcode: 3)
  /// NOERROR without any records.
  package static let empty = ScriptedAnswer()

  package init(
    rcode: UInt8 = 0, isAuthoritative: Bool = true, isTruncated: Bool = false,
    answers: [ScriptedRecord] = [], authority: [ScriptedRecord] = [], isSilent: Bool = false
  ) {
    self.rcode = rcode
    self.isAuthoritative = isAuthoritative
    self.isTruncated = isTruncated
    self.answers = answers
    self.authority = authority
    self.isSilent = isSilent
  }

  fileprivate func wire(to question: ScriptedQuestion) -> [UInt8] {
    let flags: [UInt8] = [
      0x80 | (isAuthoritative ? 4 : 0) | (isTruncated ? 2 : 0) | (question.bytes[2] & 1),
      (isRecursionAvailable ? 0x80 : 0) | rcode,
    ]
    return Array(question.bytes[..<2]) + flags + [0, 1] + UInt16(answers.count).wire
      + UInt16(authority.count).wire + [0, 0] + question.section
      + answers.flatMap(\.wire) + authority.flatMap(\.wire)
  }
}

/// A question to a ``ScriptedNameServer``.
package struct ScriptedQuestion: Sendable {
  package enum Transport: Sendable { case udp, tcp }

  /// The name in lower case, with its final dot.
  package let name: String
  package let type: UInt16
  package let transport: Transport
  fileprivate let bytes: [UInt8]
  /// The question section as received.
  fileprivate let section: ArraySlice<UInt8>

  fileprivate init?(_ bytes: [UInt8], over transport: Transport) {
    var position = 12
    var name = ""
    while position < bytes.count, bytes[position] != 0 {
      let end = position + 1 + Int(bytes[position])
      guard end < bytes.count else { return nil }
      name += String(decoding: bytes[(position + 1)..<end], as: UTF8.self) + "."
      position = end
    }
    guard position + 5 <= bytes.count else { return nil }
    self.name = name.isEmpty ? "." : name.lowercased()
    type = UInt16(bytes[position + 1]) << 8 | UInt16(bytes[position + 2])
    self.transport = transport
    self.bytes = bytes
    section = bytes[12..<(position + 5)]
  }
}

/// A name server on a port of 127.0.0.1, over UDP and TCP, that gives the answers of a script, right or wrong.
///
/// It records the questions that it receives.
package final class ScriptedNameServer: Sendable {
  package typealias Script = @Sendable (ScriptedQuestion) -> ScriptedAnswer

  private final class State: Sendable {
    private let script: Mutex<Script>
    private let asked = Mutex<[ScriptedQuestion]>([])

    init(_ script: @escaping Script) { self.script = Mutex(script) }

    var questions: [ScriptedQuestion] { asked.withLock(\.self) }

    func follow(_ new: @escaping Script) { script.withLock { $0 = new } }

    /// Returns nil for no answer.
    func answer(to bytes: [UInt8], over transport: ScriptedQuestion.Transport) -> [UInt8]? {
      guard let question = ScriptedQuestion(bytes, over: transport) else { return nil }
      asked.withLock { $0.append(question) }
      let answer = script.withLock(\.self)(question)
      return answer.isSilent ? nil : answer.wire(to: question)
    }
  }

  private let state: State
  private let datagrams: ScriptedServer
  private let streams: ScriptedServer

  package init(_ script: @escaping Script) throws {
    let state = State(script)
    self.state = state
    datagrams = try ScriptedServer { query in
      [state.answer(to: query, over: .udp)].compactMap(\.self)
    }
    streams = try ScriptedServer(
      port: datagrams.port,
      streaming: { framed in
        state.answer(to: Array(framed.dropFirst(2)), over: .tcp)
          .map { UInt16($0.count).wire + $0 } ?? []
      })
  }

  package var port: UInt16 { datagrams.port }

  /// The questions received so far.
  package var questions: [ScriptedQuestion] { state.questions }

  /// Switches to another script.
  package func follow(_ script: @escaping Script) { state.follow(script) }
}

extension UInt16 {
  fileprivate var wire: [UInt8] { [UInt8(self >> 8), UInt8(self & 0xff)] }
}

private func wireName(_ name: String) -> [UInt8] {
  name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
}
