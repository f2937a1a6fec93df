import FileChange
import Foundation
import Logging
import NIOCore
import Planning
import ReconcileModel
import SystemPackage
import Testing

@testable import BINDText
@testable import Reconcile
@testable import zonebridge

/// Nothing of what others write reaches a terminal, or the eyes of whoever reads a log, but as text.
@Suite(.timeLimit(.minutes(2))) struct PrintableTests {
  /// A title for the window, a colour, the screen cleared, C1's own sequence, a carriage return, text that runs
  /// backwards, what has no width, a line and a paragraph of Unicode's, and tags.
  static let hostile = """
    a\u{1b}]0;pwned\u{7}\u{1b}[31mb\u{1b}[2J\u{9b}2Jc\rd\u{202e}e\u{200b}f\u{2066}g\u{feff}h\u{7f}i\u{0}j\u{8}\
    k\u{85}l\u{2028}m\u{e0041}n\u{ad}o\u{3164}p\u{fe0f}q
    """

  @Test(
    "a text → what is not to be seen is written out, and the rest stays",
    arguments: [
      ("", ""), ("plain é 漢字 \\ \"quoted\"", nil), ("a\tb\nc", nil), ("\u{1b}[31m", #"\u{1B}[31m"#),
      ("a\r\nb", "a\\r\nb"), ("\u{7f}\u{9b}", #"\u{7F}\u{009B}"#), ("\u{202e}", #"\u{202E}"#),
      ("a\u{301}", nil), ("\u{200d}\u{e0041}", #"\u{200D}\u{000E0041}"#), ("\0", #"\0"#),
    ] as [(String, String?)])
  func escapes(text: String, printable: String?) {
    #expect(text.printable == printable ?? text)
    #expect(
      text.printableLine
        == (printable ?? text).replacing("\n", with: #"\n"#).replacing("\t", with: #"\t"#))
  }

  @Test("any text → printable; printable twice → the same") func anyText() {
    for value in UInt32(0)...0x1_0fff {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = "a\(scalar)b".printableLine
      #expect(isPrintable(text), "\(value)")
      #expect(text.printableLine == text)
    }
  }

  @Test("a line of another encoding → its bytes are written out") func otherEncoding() {
    #expect(String(printable: [0x5a, 0xfc, 0x1b, 0x61]) == #"Z\xFC\u{1B}a"#)
    #expect(String(printable: Array("Zü".utf8)) == "Zü")
  }

  @Test("text for a terminal → only its own styles are obeyed") func terminal() {
    let style = TerminalText("ok").styled("32")
    let text: TerminalText = "\(style): \(Self.hostile) \("two\nlines")"
    #expect(text.text.hasPrefix("\u{1b}[32mok\u{1b}[0m: a\\u{1B}]0;pwned"))
    #expect(isPrintable(String(text.text.dropFirst("\u{1b}[32mok\u{1b}[0m".count))))
    #expect(text.text.hasSuffix(#"two\nlines"#))
    #expect([text, style].joined(separator: "\n").text == text.text + "\n" + style.text)
  }

  // MARK: Places where it is printed

  @Test("each log format → printable") func log() throws {
    let message = "zone \(Self.hostile)\nzonebridge: all is well"
    let lines = EventLogHandler.lines(message, .error, prefix: "<3>")
    #expect(isPrintable(lines))
    #expect(
      lines.split(separator: "\n").allSatisfy {
        $0.hasPrefix("<3>error: ") || $0.hasPrefix("<3>  ")
      })
    let metadata: Logger.Metadata = ["FILE": [.string(Self.hostile)], "EVENT": "failed"]
    for field in EventLogHandler.journalFields(message, .error, metadata) {
      #expect(isPrintable(field.value), "\(field.name)")
    }
    let json = EventLogHandler.json(message, .error, metadata, at: Date())
    #expect(isPrintable(json))
    // It is the same for a program.
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect(object?["message"] as? String == message)
    #expect(object?["file"] as? [String] == [Self.hostile])
  }

  private var status: AgentStatus {
    var status = AgentStatus.troubled
    status.agent = .running
    status.agent?.configuration.refusal = "\(Self.hostile)\n\(Self.hostile)"
    guard var record = status.record else { return status }
    let hostile = Self.hostile
    record.pass.problems = [
      ProblemRecord(
        Problem(severity: .failed, subject: .named, reason: "\(hostile)\nin sync", remedy: hostile))
    ]
    record.pass.clusters[0].name = hostile
    record.pass.clusters[0].reports[2].problems = [hostile]
    record.pass.clusters[0].reports[1].master = hostile
    record.pass.aliases[0].reason = hostile
    record.pass.zones[0].file = "\(hostile)\nin sync"
    record.pass.files = [FileRecord(path: hostile, blocks: [hostile])]
    record.pass.reloadDebt = [hostile]
    record.pass.notes = [hostile]
    record.lastChange?.reasons = [hostile]
    status.record = record
    return status
  }

  @Test("status → printable, in colour too; no line is forged") func statusText() throws {
    let report = StatusReport(
      status: status, source: .agent, trouble: .init(reason: Self.hostile, remedy: Self.hostile))
    for usesColor in [false, true] {
      let text = StatusText(report, usesColor: usesColor).text
      let plain = text.replacing(/\u{1b}\[(0|1|31|32|33)m/, with: "")
      #expect(isPrintable(plain), "\(plain)")
      #expect(!plain.contains("\nin sync"))
      #expect(text.contains("\u{1b}") == usesColor)
    }
    #expect(isPrintable(try report.json))
    let decoded = try JSONDecoder().decode(AgentStatus.self, from: Data(report.json.utf8))
    #expect(decoded == status)
  }

  @Test(
    "pages over HTTP → printable", arguments: ["/", "/status", "/metrics", "/readyz", "/healthz"])
  func pages(path: String) {
    let body = String(buffer: StatusPage(path, of: status).body)
    #expect(body.count > 2)
    #expect(isPrintable(body), "\(body)")
  }

  @Test("check → printable") func check() throws {
    let links = Finding.State.allCases.map {
      Finding(
        .named, Self.hostile, $0, "\(Self.hostile)\nmore", remedy: "\(Self.hostile)\nmore")
    }
    for usesColor in [false, true] {
      let text = CheckText(links: links, usesColor: usesColor).text.text
      #expect(isPrintable(text.replacing(/\u{1b}\[(0|1|2|31|32|33)m/, with: "")), "\(text)")
    }
    #expect(isPrintable(try CheckDocument(links).json))
  }

  @Test("a diff → as in the file for patch, printable on a terminal") func diff() throws {
    let line = Array("; \(Self.hostile)\n".utf8) + [0x3b, 0xfc, 0x0a]
    var plan = Plan()
    plan.files = [
      PlannedFile(kind: .configuration, path: "/etc/x", edits: [], contents: FileContents(line))
    ]
    plan.commands = [.reconfig]
    let patch = DiffText(
      plan: plan, applying: "zonebridge run --once", usesColor: false, isForTerminal: false
    ).bytes
    #expect(patch.firstRange(of: line.prefix { $0 != 0x0a }) != nil)
    for usesColor in [false, true] {
      let bytes = DiffText(
        plan: plan, applying: "zonebridge run --once", usesColor: usesColor, isForTerminal: true
      ).bytes
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(isPrintable(text.replacing(/\u{1b}\[(0|1|31|32|36)m/, with: "")), "\(text)")
      #expect(text.contains(#"+;\xFC"#))
      #expect(text.contains("# rndc reconfig"))
    }
    #expect(isPrintable(try Report(preview: plan).json))
  }

  private func isPrintable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      scalar == "\n" || scalar == "\t"
        || !(scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
          || [.format, .lineSeparator, .paragraphSeparator].contains(
            scalar.properties.generalCategory)
          || scalar.properties.isDefaultIgnorableCodePoint)
    }
  }
}
