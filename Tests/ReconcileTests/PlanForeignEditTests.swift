import BINDText
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// A reload for our sake loads what somebody else is writing: only once it has come to rest.
@Suite("Somebody else's edits", .timeLimit(.minutes(5)))
struct PlanForeignEditTests {
  fileprivate enum Outcome: Sendable {
    /// Nothing of anybody else is in the way.
    case made
    /// It is made, and told that somebody's edit is loaded with it.
    case told
    case held
  }

  struct Row: Sendable {
    fileprivate var given: String
    /// When the file was changed, and what named has.
    var modified: Int64 = 10_000
    var loadedAt: Int64? = 9_000
    var serial: UInt32? = 7
    var more = ""
    var now: Int64
    fileprivate var outcome: Outcome
  }

  @Test(
    "an alias is to go into a zone file that named has not loaded",
    arguments: [
      Row(given: "edited 59 s ago → held", now: 10_059, outcome: .held),
      Row(given: "edited this second → held", now: 10_000, outcome: .held),
      Row(given: "edited a minute ago → made and told", now: 10_060, outcome: .told),
      Row(given: "edited long ago → made and told", now: 99_000, outcome: .told),
      // A clock that was wrong when the file was written does not hold it for ever.
      Row(given: "edited 59 s in the future → held", now: 9_941, outcome: .held),
      Row(given: "edited a minute in the future → made", now: 9_940, outcome: .told),
      Row(given: "edited years in the future → made", now: 100, outcome: .told),
      Row(given: "loaded since → made", loadedAt: 10_001, now: 10_010, outcome: .made),
      Row(given: "loaded in the same second → made", loadedAt: 10_000, now: 10_010, outcome: .made),
      Row(
        given: "loaded since, and the serial is ahead of named's → held", loadedAt: 10_001,
        serial: 6, now: 10_010, outcome: .held),
      Row(
        given: "loaded since, and the serial lies behind named's → made", loadedAt: 10_001,
        serial: 8, now: 10_010, outcome: .made),
      Row(
        given: "no time of loading, the serial is named's → made", loadedAt: nil, now: 10_010,
        outcome: .made),
      Row(
        given: "no time of loading, the serial is ahead → held", loadedAt: nil, serial: 6,
        now: 10_010, outcome: .held),
      Row(
        given: "named signs it, and has its serial, whenever the signed zone was loaded → made",
        more: "signed serial: 9\n", now: 10_010, outcome: .made),
      Row(
        given: "named signs it, and the serial is ahead → held", serial: 6,
        more: "signed serial: 9\n", now: 10_010, outcome: .held),
      Row(given: "named has not loaded it at all → made", serial: nil, now: 10_010, outcome: .made),
    ])
  func rest(row: Row) async throws {
    try await withPlanning { planning in
      planning.status["contoso.com"] = row.serial.map {
        Planning.status(serial: $0, loadedAt: row.loadedAt, row.more)
      }
      try planning.setModified("db", to: row.modified)
      planning.now = row.now
      try await check(&planning, row.outcome, row.given)
      // As our last change left it, it is nobody's edit.
      try planning.leave("db")
      try await check(&planning, .made, "\(row.given), left by us")
    }
  }

  private func check(
    _ planning: inout Planning, _ outcome: Outcome, _ given: String
  ) async throws {
    let plan = try await planning.plan()
    let notes = plan.warnings.filter { $0.contains("named has not loaded that") }
    let words = "\(planning.path("db")) was changed at 1970-01-01 02:46:40 UTC"
    #expect(plan.hints == [])
    switch outcome {
    case .made, .told:
      #expect(plan.troubles == [] && plan.zoneFiles == ["contoso.com"], "\(given)")
      #expect(notes.count == (outcome == .told ? 1 : 0), "\(given): \(notes)")
      if outcome == .told {
        expect(notes.first, has: "zone contoso.com: \(words)")
        expect(notes.first, has: "this change loads it")
      }
    case .held:
      #expect(plan.troubles == ["held zone contoso.com"], "\(given)")
      #expect(plan.zoneFiles == [] && notes == [], "\(given)")
      #expect(plan.attempts[.alias("x.contoso.com")] == nil)
      #expect(!plan.servedAfterwards.contains { $0.alias != nil })
      expect(plan.problems.first?.reason, has: words)
      expect(plan.problems.first?.remedy, has: "To apply it sooner: rndc reload contoso.com")
      #expect(plan.changesConfiguration, "the cluster's forward zone has nothing to do with it")
    }
  }

  @Test("nothing of ours changes → an edit under way is left alone, noted and not held")
  func nothingToDo() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.status["contoso.com"] = Planning.status(serial: 7, loadedAt: 9_000)
      try planning.setModified("db", to: 10_000)
      for now: Int64 in [10_000, 20_000] {
        planning.now = now
        let plan = try await planning.plan()
        plan.expectNothing()
        #expect(plan.troubles == [] && plan.warnings == [])
        #expect(plan.hints.count == 1)
        expect(plan.hints.first?.text, has: "zonebridge leaves it alone")
        #expect(plan.alreadyServed.contains { $0.alias != nil }, "and it is looked at still")
      }
    }
  }

  @Test(
    "an operator removes an alias → the removal does not wait for the file's editor, and says so")
  func removal() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.status["contoso.com"] = Planning.status(serial: 7, loadedAt: 9_000)
      try planning.setModified("db", to: 10_000)
      planning.now = 10_001
      planning.desired.aliases = []
      #expect(try await planning.plan().troubles == ["held zone contoso.com"])
      planning.operation = .removal(of: ["x.contoso.com"])
      let plan = try await planning.plan()
      #expect(plan.troubles == [] && plan.zoneFiles == ["contoso.com"])
      expect(plan.warnings.first, has: "this change loads it")
    }
  }

  @Test("an included file was edited → the zone is held for it, and it is named")
  func included() async throws {
    let files = Planning.files.merging(
      ["db": Planning.zone + "$INCLUDE FOLDER/more\n", "more": "www A 192.0.2.1\n"]) { $1 }
    try await withPlanning(files) { planning in
      planning.status["contoso.com"] = Planning.status(serial: 7, loadedAt: 9_000)
      try planning.setModified("db", to: 9_500)
      try planning.setModified("more", to: 10_000)
      planning.now = 10_020
      let plan = try await planning.plan()
      #expect(plan.troubles == ["held zone contoso.com"])
      expect(plan.problems.first?.reason, has: "\(planning.path("more")) was changed at")
      // Each file is ours or somebody's by itself.
      try planning.leave("more")
      let own = try await planning.plan()
      #expect(own.troubles == [], "the zone's own file has been at rest for long enough")
      expect(own.warnings.first, has: "\(planning.path("db")) was changed at")
    }
  }

  // MARK: named.conf

  @Test(
    "named.conf was changed after named read it, and we change it too → told, else not",
    arguments: [(10_001, true), (10_000, false), (9_999, false)] as [(Int64, Bool)])
  func configuration(modified: Int64, isTold: Bool) async throws {
    let files = Planning.files.merging(
      ["named.conf": Planning.conf + "include \"FOLDER/more\";\n", "more": "acl a { any; };\n"]
    ) { $1 }
    try await withPlanning(files) { planning in
      planning.named = Planning.named(configuredAt: 10_000)
      try planning.setModified("named.conf", to: modified)
      try planning.setModified("more", to: 5)
      let plan = try await planning.plan()
      let words =
        "\(planning.path("named.conf")) was changed at 1970-01-01 02:46:41 UTC, after named"
      #expect(plan.warnings.count == (isTold ? 1 : 0), "\(plan.warnings)")
      if isTold { expect(plan.warnings.first, has: words) }
      try planning.leave("named.conf")
      #expect(try await planning.plan().warnings == [], "left by us")
      try planning.setModified("more", to: 20_000)
      let other = try await planning.plan().warnings
      #expect(other.count == 1)
      expect(other.first, has: "\(planning.path("more")) was changed at")
      // What is not told to named is loaded with nothing of ours.
      planning.named = nil
      #expect(try await planning.plan().warnings == [])
    }
  }

  @Test("we change nothing in named.conf → its edits are nobody's business")
  func untouchedConfiguration() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.named = Planning.named(configuredAt: 10_000)
      try planning.setModified("named.conf", to: 20_000)
      planning.desired.aliases[0].ttl = 30
      let plan = try await planning.plan()
      #expect(plan.warnings == [] && plan.zoneFiles == ["contoso.com"])
    }
  }
}
