import TestSupport
import DNSNames
import Testing

@testable import DCOS

/// Whatever a master says ends up on a terminal, in a journal and on a status page.
@Suite("What a message shows of an answer", .timeLimit(.minutes(2)))
struct PrintableAnswerTests {
  /// What steers a terminal or turns the direction of writing, is not to be seen, or is no text at all.
  private static let harm: [(name: String, bytes: [UInt8])] = [
    ("escapes", Array("\u{1B}[2J\u{1B}]0;x\u{7}\u{9B}31m".utf8)),
    ("bidi overrides", Array("\u{202E}\u{2066}abc\u{2069}\u{200F}".utf8)),
    ("invisible letters", Array("\u{200B}\u{FEFF}\u{E0041}\u{2028}\u{85}".utf8)),
    ("bytes that are no text", [0xFF, 0xFE, 0x80, 0xC0, 0xAF, 0x01, 0x7F]),
    ("length", Array(repeating: UInt8(ascii: "x"), count: 60_000)),
  ]

  /// Where a master may put it.
  private static let places = [
    "status", "header", "location", "scheme", "type", "key", "hostname", "ip", "body", "html",
  ]

  @Test(
    "anything anywhere in an answer → one short line, in which nothing steers a terminal",
    arguments: harm.map(\.name), places)
  func everywhere(_ name: String, _ place: String) async throws {
    let harm = try #require(Self.harm.first { $0.name == name }).bytes
    let server = try RawServer { path in [.send(Self.answer(to: path, harm, at: place))] }
    defer { server.stop() }
    let reports = try await observe([server.url()])
    expectWords(of: reports)
    guard case .failure(let disagreement) = agreed(among: reports) else { return }
    for line in disagreement.description.split(separator: "\n") { expectOneShortLine(String(line)) }
    // Nor is more kept than is shown: it is kept for as long as the master says nothing else.
    var dumped = ""
    dump(reports, to: &dumped)
    #expect(dumped.utf8.count < 10_000)
  }

  private static func answer(to path: String, _ harm: [UInt8], at place: String) -> [UInt8] {
    var status = Array("200 OK".utf8)
    var headers: [UInt8] = []
    var body = Array("{}".utf8)
    func quoted(_ before: String, _ after: String) -> [UInt8] {
      Array(before.utf8) + harm + Array(after.utf8)
    }
    switch place {
    case "status": status = Array("500 ".utf8) + harm
    case "header": headers = quoted("X: ", "\r\n")
    case "location":
      status = Array("302 Found".utf8)
      headers = quoted("Location: ", "\r\n")
    case "scheme":
      status = Array("401 Unauthorized".utf8)
      headers = quoted("WWW-Authenticate: ", " realm=x\r\n")
    case "type": headers = quoted("Content-Type: text/html", "\r\n")
    case "key": body = quoted(#"{"zbase32_public_key":""#, #""}"#)
    case "hostname": body = quoted(#"[{"hostname":""#, #""}]"#)
    case "ip":
      if path == Resource.exhibitorStatus.path { status = Array("404 Not Found".utf8) }
      body = quoted(#"[{"host":"m","ip":""#, #""}]"#)
    case "html": body = quoted("<html>", "</html>")
    default: body = harm
    }
    let head = Array("HTTP/1.1 ".utf8) + status + Array("\r\n".utf8) + headers
    return head + Array("Connection: close\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
  }

  @Test("escapes that JSON has → escaped again where they are told")
  func escapesOfJSON() throws {
    let body = Array(#"[{"hostname":"\u001b[31m\u202e\u0000x"}]"#.utf8)
    let reason = #expect(throws: ObservationError.Reason.self) {
      _ = try ExhibitorAnswer.addresses(in: body)
    }
    expectOneShortLine("\(reason.map(String.init(describing:)) ?? "")")
    #expect(reason?.cause.contains("[31m") == true, "it is told all the same")
  }

  @Test("a host name of 900 kB → no more of it is kept than messages show") func overlong() throws {
    let body = Array(#"[{"hostname":"\#(String(repeating: "1", count: 900_000))"}]"#.utf8)
    let reason = #expect(throws: ObservationError.Reason.self) {
      _ = try ExhibitorAnswer.addresses(in: body)
    }
    guard case .notAnAddress(.notAnAddress(let text)) = reason else {
      Issue.record("\(String(describing: reason))")
      return
    }
    #expect(text.utf8.count < 200)
    #expect(reason?.cause.contains("1…\"") == true, "it is seen that there was more")
  }

  @Test("an error of a library that quotes anything → plain letters, and not many of them")
  func libraries() {
    struct Quoting: Error, CustomStringConvertible {
      var description: String { "\u{1B}[2J\u{202E}" + String(repeating: "é\n", count: 5_000) }
    }
    let reason = ObservationError.Reason(transportError: Quoting(), timeout: .seconds(1))
    expectOneShortLine(reason.description)
  }
}
