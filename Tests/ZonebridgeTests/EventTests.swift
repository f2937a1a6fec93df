import Foundation
import Logging
import Testing

@testable import zonebridge

@Suite struct EventTests {
  /// What `journalctl -x` shows; an ID that is not in the catalog explains nothing.
  @Test func theCatalogExplainsEachEvent() throws {
    let catalog = try String(
      contentsOf: Repository.file("deploy/systemd/zonebridge.catalog"), encoding: .utf8)
    let ids = catalog.split(separator: "\n").filter { $0.hasPrefix("-- ") }
      .map { String($0.dropFirst(3)) }
    #expect(Set(ids) == Set(EventKind.allCases.map(\.messageID)))
    #expect(ids.count == EventKind.allCases.count)
  }

  @Test func theReferenceListsEachEventAndField() throws {
    let reference = try String(contentsOf: Repository.file("docs/messages.md"), encoding: .utf8)
    for kind in EventKind.allCases {
      #expect(reference.contains("| `\(kind.rawValue)` | `\(kind.messageID)` |"))
    }
    for field in Event.Field.allCases { #expect(reference.contains("| `\(field.rawValue)` |")) }
  }

  @Test func linesForPeopleSayWhoIsMeant() {
    #expect(
      EventLogHandler.lines("a\n b\nc", .error, prefix: "zonebridge: ")
        == "zonebridge: error: a\nzonebridge:  b\nzonebridge:   c\n")
    #expect(EventLogHandler.lines("a", .warning, prefix: "<4>") == "<4>warning: a\n")
    #expect(EventLogHandler.lines("a", .notice, prefix: "<5>") == "<5>a\n")
  }

  @Test func theJournalGetsAFieldForEachValue() {
    let fields = EventLogHandler.journalFields(
      "two\nlines", .warning, ["CLUSTER": ["a", "b"], "CHANGE_ID": "3"])
    #expect(
      fields.map { "\($0.name)=\($0.value)" } == [
        "MESSAGE=two\nlines", "PRIORITY=4", "SYSLOG_IDENTIFIER=zonebridge", "CHANGE_ID=3",
        "CLUSTER=a", "CLUSTER=b",
      ])
  }

  @Test func aJSONLineIsOneObjectInOneLine() throws {
    let line = EventLogHandler.json(
      "a \"b\"\nc", .error, ["ZONE": ["contoso.com"], "DURATION_USEC": "17"],
      at: Date(timeIntervalSince1970: 1_795_884_690.25))
    #expect(line.hasSuffix("}\n"))
    #expect(line.count { $0 == "\n" } == 1)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["message"] as? String == "a \"b\"\nc")
    #expect(object["time"] as? String == "2026-11-28T16:51:30.250Z")
    #expect(object["zone"] as? [String] == ["contoso.com"])
    #expect(object["duration_usec"] as? Int == 17)
    #expect(object["level"] as? String == "error")
  }
}
