import DNSNames
import Foundation
import Logging
import SystemPackage
import Testing

@testable import Reconcile
@testable import ReconcileModel
@testable import zonebridge

@Suite(.timeLimit(.minutes(2))) struct EventTests {
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
        == "zonebridge: error: a\nzonebridge:    b\nzonebridge:   c\n")
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

  // MARK: Fields

  private static let desired = Result {
    try Configuration.parse(
      """
      clusters: [{ name: prod, masters: [https://m] }, { name: lab, masters: [https://n] }]
      aliases: [{ name: foo.contoso.com, cluster: prod }, { name: b.contoso.com, cluster: lab }]
      """, file: "/etc/z.yaml"
    ).desired
  }

  @Test(
    "a problem → found in the journal by the cluster, alias or zone that it is about, and no other",
    arguments: [
      (.cluster("prod"), ["CLUSTER=prod"]), (.cluster("gone"), ["CLUSTER=gone"]),
      (.alias(ofBlock: "foo.contoso.com"), ["ALIAS=foo.contoso.com", "CLUSTER=prod"]),
      (.alias(ofBlock: "gone.contoso.com"), ["ALIAS=gone.contoso.com"]),
      (Subject(kind: "zone", name: "contoso.com") ?? .files, ["ZONE=contoso.com"]),
      (.named, []), (.pass, []), (.metrics, []), (.stateDirectory, []),
    ] as [(Subject, [String])])
  func fields(_ subject: Subject, _ expected: [String]) throws {
    let desired = try Self.desired.get()
    let problem = Problem(severity: .held, subject: subject, reason: "why", remedy: "Do this")
    var failed = problem
    failed.severity = .failed
    for (event, kind, priority) in [
      (Event(problem, of: desired), EventKind.held, 4), (Event(failed, of: desired), .failed, 3),
      (Event(resolved: subject, after: "5 min", of: desired), .resolved, 5),
    ] {
      #expect(event.kind == kind)
      let lines = EventLogHandler.journalFields(event.message, event.level, event.metadata)
        .map { "\($0.name)=\($0.value)" }
      #expect(
        Set(lines)
          == Set(
            expected + [
              "MESSAGE=\(event.message)", "PRIORITY=\(priority)", "SYSLOG_IDENTIFIER=zonebridge",
              "MESSAGE_ID=\(kind.messageID)", "EVENT=\(kind.rawValue)",
            ]))
      #expect(lines.count == expected.count + 5)
    }
  }

  @Test("what the agent tells of itself → its level, and the file of a refused configuration")
  func ofTheAgent() throws {
    let configuration = try Configuration.parse(
      "interval: 5m\nclusters: [{ name: a, masters: [https://m] }]\n", file: "/etc/z.yaml")
    let started = Event.started(configuration)
    #expect(started.kind == .started && started.level == .notice)
    #expect(
      started.message
        == "zonebridge \(Version.current) started: 1 cluster, 0 aliases, a pass every 5 min")
    let loaded = Event.loaded(configuration)
    #expect(loaded.kind == .configurationLoaded && loaded.level == .notice)
    #expect(loaded.fields.isEmpty)
    #expect(Event.stopped.kind == .stopped && Event.stopped.level == .notice)
    let recovered = Event.recovered("a change was taken back")
    #expect(recovered.kind == .recovered && recovered.level == .warning)
    let refused = Event.refused("/etc/z.yaml:3: why", "/etc/z.yaml")
    #expect(refused.kind == .configurationRefused && refused.level == .error)
    #expect(refused.fields == [.file: ["/etc/z.yaml"]])
  }

  @Test("a change → its number, files, zones, subjects and time; a put-back is an error")
  func ofAChange() throws {
    var plan = Plan()
    plan.files = [
      PlannedFile(
        kind: .configuration, path: "/etc/bind/named.conf", before: nil, edits: [], contents: nil),
      PlannedFile(
        kind: .zone(try DomainName("contoso.com."), view: nil), path: "/etc/bind/db.com",
        before: nil, edits: [], contents: nil),
    ]
    plan.commands = [.reconfig]
    plan.changes = [
      Change(.cluster("prod"), [], "new"), Change(.alias(ofBlock: "foo.contoso.com"), [], "new"),
    ]
    var outcome = Outcome(plan: plan, problems: [], isSeenServed: true, change: 7)
    let desired = try Self.desired.get()
    let made = Event.changes(
      of: PassResult(attempts: [outcome]), took: .milliseconds(1_250), of: desired)
    #expect(made.map(\.kind) == [.changed] && made.map(\.level) == [.notice])
    #expect(
      made.first?.fields == [
        .cluster: ["prod"], .alias: ["foo.contoso.com"], .zone: ["contoso.com"],
        .file: ["/etc/bind/named.conf", "/etc/bind/db.com"], .change: ["7"],
        .duration: ["1250000"],
      ])
    #expect(made.first?.message.hasPrefix("change 7: ") == true)
    #expect(made.first?.message.hasSuffix("; took 1.3 s") == true)

    outcome.putBack = ["/etc/bind/db.com"]
    let back = Event.changes(of: PassResult(attempts: [outcome]), took: .zero, of: desired)
    #expect(back.map(\.kind) == [.putBack] && back.map(\.level) == [.error])
    // A pass that had nothing to change is no event.
    let empty = Outcome(plan: Plan(), problems: [], isSeenServed: true)
    #expect(
      Event.changes(of: PassResult(attempts: [empty, outcome, empty]), took: .zero, of: desired)
        .count
        == 1)
    #expect(Event.changes(of: PassResult(attempts: []), took: .zero, of: desired).isEmpty)
  }

  @Test("an alias has moved → an event of its own, with both clusters and the reason; else none")
  func switched() throws {
    let alias = try DomainName("web.contoso.com")
    var before = FailoverMemory(cluster: "blue", since: 1, seenAt: 900)
    before.move = .init(
      to: "green", at: 1_000, isAutomatic: true, reason: "blue has been ill for 90 s")
    var course = FailoverCourse(
      alias, rules: Failover(["blue", "green"]), sights: [:], decision: .stays(at: "blue"),
      memory: before, before: before)
    var result = PassResult(attempts: [])
    result.courses = [course]
    let desired = try Self.desired.get()
    #expect(Event.changes(of: result, took: .zero, of: desired).isEmpty)
    course.note(standing: "green", at: 1_001)
    result.courses = [course]
    let event = try #require(Event.changes(of: result, took: .zero, of: desired).first)
    #expect(event.kind == .switched && event.level == .warning)
    #expect(
      event.message
        == "alias web.contoso.com: leads to green, it led to blue: blue has been ill for 90 s")
    #expect(event.fields == [.alias: ["web.contoso.com"], .cluster: ["green", "blue"]])
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
