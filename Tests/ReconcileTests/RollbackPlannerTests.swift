import BINDText
import DCOS
import DNSNames
import FileChange
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// A rollback takes back what a change did, where it stands by now, and nothing that is somebody else's.
@Suite("Plans of a rollback", .timeLimit(.minutes(5)))
struct RollbackPlannerTests {
  private static let target = "mesos.\(Site.ids[0]).dcos.directory."

  private func rollbackError(
    _ planning: Planning, _ entries: HistoryEntry..., words: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async {
    let error = await #expect(throws: PlanError.self, sourceLocation: sourceLocation) {
      for entry in entries { _ = try await planning.rollback(entry) }
    }
    expect(error?.description, has: words, sourceLocation: sourceLocation)
  }

  // MARK: Files

  @Test("the last change → every byte is back, the serial goes on, and it is held from then on")
  func lastChange() async throws {
    try await withPlanning { planning in
      planning.desired.bind.reload = .rndc(.init())
      let conf = try planning.text("named.conf")
      let entry = try await planning.change()
      planning.status["contoso.com"] = Planning.status(serial: 8)
      planning.now = 500
      let plan = try await planning.rollback(entry)
      #expect(plan.text("named.conf") == conf)
      #expect(plan.text("db") == Planning.zone.replacing(" 7 ", with: " 9 "))
      #expect(plan.files.map { $0.kind == .configuration } == [false, true])
      #expect(
        plan.commandLines == [
          "rndc reload contoso.com", "rndc reconfig",
          "rndc flushtree \(Site.ids[0]).dcos.directory",
        ], "the DNAME goes before what it leads into")
      let zone = try DomainName("contoso.com")
      #expect(plan.servedAfterwards == [.serial(zone: zone, view: nil, SerialNumber(9))])
      #expect(
        plan.servedBefore == [
          .alias(
            owner: try DomainName("x.contoso.com"), target: try DomainName(Self.target),
            zone: zone, view: nil)
        ])
      #expect(plan.holds.map(\.subject) == [.alias("x.contoso.com"), .cluster("prod")])
      for hold in plan.holds {
        #expect(hold.digest == nil && hold.time == 500 && hold.nextAttempt == nil)
        #expect(plan.attempts[hold.subject] != nil)
        #expect(plan.reasons[hold.subject] == "reverted by an operator")
      }
      planning.desired.bind.reload = .none
      let silent = try await planning.rollback(entry)
      #expect(silent.commands == [] && silent.files.count == 2)
    }
  }

  @Test(
    "the serial goes on by the zone's convention, above what is served",
    arguments: [
      (SerialPolicy.increment, 8, nil, 9), (.increment, 8, 20, 21), (.date, 8, 8, 2_026_112_400),
      (.unixtime, 8, 8, 1_795_521_600), (.date, 8, 2_026_112_407, 2_026_112_408),
    ] as [(SerialPolicy, UInt32, UInt32?, UInt32)])
  func serial(policy: SerialPolicy, loaded: UInt32, signed: UInt32?, expected: UInt32) async throws
  {
    try await withPlanning { planning in
      let entry = try await planning.change()
      planning.desired.zones[try DomainName("contoso.com")] = ZoneSettings(serial: policy)
      planning.status["contoso.com"] = Planning.status(
        serial: loaded, signed.map { "signed serial: \($0)\n" } ?? "")
      planning.now = 1_795_521_600
      let plan = try await planning.rollback(entry)
      #expect(plan.text("db") == Planning.zone.replacing(" 7 ", with: " \(expected) "))
      #expect(
        plan.servedAfterwards == [
          .serial(zone: try DomainName("contoso.com"), view: nil, SerialNumber(expected))
        ])
    }
  }

  @Test("somebody has added before, behind and between → theirs stays to the byte")
  func additions() async throws {
    try await withPlanning { planning in
      let conf = try planning.text("named.conf")
      let entry = try await planning.change()
      try planning.folder.write("db", "; mine\n" + (try planning.text("db")) + "www A 192.0.2.1\n")
      try planning.folder.write("named.conf", "# a\n" + (try planning.text("named.conf")) + "# b\n")
      let plan = try await planning.rollback(entry)
      #expect(plan.text("named.conf") == "# a\n" + conf + "# b\n")
      #expect(
        plan.text("db")
          == "; mine\n" + Planning.zone.replacing(" 7 ", with: " 9 ") + "www A 192.0.2.1\n")
    }
  }

  @Test("somebody has edited what we wrote → nothing is reverted, and both texts are shown")
  func edited() async throws {
    try await withPlanning { planning in
      let entry = try await planning.change()
      let text = try planning.text("db")
      try planning.folder.write("db", text.replacing(" 60 IN DNAME", with: " 61 IN DNAME"))
      let error = await #expect(throws: PlanError.self) { try await planning.rollback(entry) }
      expect(error?.description, has: "db: somebody has edited what change 1 had written")
      expect(error?.description, has: "It had replaced this:\n  (nothing)\nwith this:\n  ; BEGIN")
      try removeFile(planning.path("db"))
      await rollbackError(planning, entry, words: "db: the file is gone")
    }
  }

  @Test("two changes → both go, the last one first; the second alone → the first stays")
  func several() async throws {
    try await withPlanning { planning in
      let first = try await planning.change(number: 1)
      let between = try planning.text("db")
      planning.desired.aliases[0].ttl = 30
      planning.desired.aliases.append(
        Alias(owner: try DomainName("y.contoso.com"), cluster: "prod"))
      let second = try await planning.change(number: 2)
      let one = try await planning.rollback(second)
      #expect(one.text("db") == between.replacing(" 8 ", with: " 10 "))
      #expect(one.text("named.conf") == nil)
      #expect(one.holds.map(\.subject) == [.alias("x.contoso.com"), .alias("y.contoso.com")])
      let both = try await planning.rollback(second, first)
      #expect(both.text("db") == Planning.zone.replacing(" 7 ", with: " 10 "))
      #expect(both.text("named.conf")?.contains("BEGIN zonebridge") == false)
      #expect(
        both.holds.map(\.subject) == [
          .alias("x.contoso.com"), .alias("y.contoso.com"), .cluster("prod"),
        ])
      // The first one alone cannot be had back: the second has changed what it wrote.
      await rollbackError(planning, first, words: "somebody has edited what change 1 had written")
    }
  }

  /// A change of named.conf that has written `NEW` where `old` was, in a text that is something else
  /// by now.
  private func replaced(
    _ planning: Planning, old: String = "OLD", new: String = "NEW", lead: String = "<",
    trail: String = ">", offset: Int = 1
  ) -> HistoryEntry {
    let edit = RecordedEdit(
      offsetBefore: offset, offsetAfter: offset, old: RecordedText(old.utf8),
      new: RecordedText(new.utf8), lead: RecordedText(lead.utf8), trail: RecordedText(trail.utf8))
    var file = RecordedFile(path: planning.path("named.conf").string, action: .changed)
    file.edits = [edit]
    return HistoryEntry(
      number: 1, time: 0, subjects: [], bind: RecordedSettings(planning.desired.bind),
      files: [file], updates: [], aliases: [], domains: [])
  }

  @Test(
    "what a change wrote stands elsewhere by now → found where it alone can be, else refused",
    arguments: [
      // Where it was written it counts, whatever else is like it.
      ("/*NEW*/ /*NEW*/ /*<NEW>*/", 2, "/*OLD*/ /*NEW*/ /*<NEW>*/", "*", "*"),
      ("/*<NEW>*/", 99, "/*<OLD>*/", "<", ">"), ("/* NEW */", 99, "/* OLD */", "<", ">"),
      // Of several like places only the one in its surroundings.
      ("/*NEW*/ /*<NEW>*/", 99, "/*NEW*/ /*<OLD>*/", "<", ">"),
      ("/*<NEW>*/ /*NEW*/ /*NEW*/", 99, "/*<OLD>*/ /*NEW*/ /*NEW*/", "<", ">"),
      ("/*NEW*/ /*NEW*/", 99, nil, "<", ">"), ("/*<NEW>*/ /*<NEW>*/", 99, nil, "<", ">"),
      ("/*NEW*/ /*NEW*/", 99, nil, "", ""), ("/* */", 99, nil, "<", ">"),
      // Where it was written something else stands by now, and it is there twice.
      ("/*xxx*/ /*NEW*/ /*NEW*/", 2, nil, "<", ">"),
    ] as [(String, Int, String?, String, String)])
  func places(
    text: String, offset: Int, expected: String?, lead: String, trail: String
  ) async throws {
    try await withPlanning(["named.conf": text + "\n"], aliases: []) { planning in
      let entry = replaced(planning, lead: lead, trail: trail, offset: offset)
      guard let expected else {
        await rollbackError(
          planning, entry, words: "It had replaced this:\n  OLD\nwith this:\n  NEW")
        return
      }
      let plan = try await planning.rollback(entry)
      #expect(plan.text("named.conf") == expected + "\n")
    }
  }

  @Test(
    "a change took something out → it comes back between what it stood between, else refused",
    arguments: [
      ("/*<>*/", 3, "/*<OLD>*/"), ("/* <> */", 99, "/* <OLD> */"), ("/*<><>*/", 99, nil),
      ("/* */", 99, nil), ("/* */", 3, nil),
    ] as [(String, Int, String?)])
  func takenOut(text: String, offset: Int, expected: String?) async throws {
    try await withPlanning(["named.conf": text + "\n"], aliases: []) { planning in
      let entry = replaced(planning, new: "", offset: offset)
      guard let expected else {
        await rollbackError(
          planning, entry, words: "It had replaced this:\n  OLD\nwith this:\n  (nothing)")
        return
      }
      let plan = try await planning.rollback(entry)
      #expect(plan.text("named.conf") == expected + "\n")
    }
    try await withPlanning(["named.conf": "/* */\n"], aliases: []) { planning in
      let entry = replaced(planning, new: "", lead: "", trail: "", offset: 99)
      await rollbackError(planning, entry, words: "somebody has edited what change 1 had written")
    }
  }

  @Test(
    "a serial stands in a file of its own → it goes on there, and the alias goes from the other")
  func separateAuthority() async throws {
    let files = [
      "named.conf": Planning.conf,
      "soa": "@ SOA ns.example.net. h.example.net. 7 1 1 1 1\n",
      "db": "$TTL 60\n$INCLUDE FOLDER/soa\n@ NS ns.example.net.\n",
    ]
    try await withPlanning(files) { planning in
      let zone = try planning.text("db")
      let entry = try await planning.change()
      let plan = try await planning.rollback(entry)
      #expect(plan.text("db") == zone)
      #expect(plan.text("soa")?.contains(" 9 1 1 1 1") == true)
    }
  }

  @Test("a file that two zones share → one serial for both, and both are reloaded")
  func sharedFile() async throws {
    let files = [
      "named.conf": Planning.options + """
        view "a" { zone "contoso.com" { type primary; file "FOLDER/db"; }; };
        view "b" { zone "contoso.com" { type primary; file "FOLDER/db"; }; };

        """, "db": Planning.zone,
    ]
    try await withPlanning(files) { planning in
      planning.desired.bind.reload = .rndc(.init())
      planning.desired.aliases[0].allow = [.sharedFile]
      let entry = try await planning.change()
      planning.status = [
        "contoso.com a": Planning.status(serial: 8), "contoso.com b": Planning.status(serial: 30),
      ]
      let plan = try await planning.rollback(entry)
      let zone = try DomainName("contoso.com")
      #expect(
        plan.commandLines.prefix(3) == [
          "rndc reload contoso.com IN a", "rndc reload contoso.com IN b", "rndc reconfig",
        ], "the zones first, whose aliases lead into the forward zone that goes")
      let serials = plan.servedAfterwards.compactMap {
        if case .serial(zone, _, let serial) = $0 { serial.rawValue } else { nil }
      }
      #expect(serials.count == 2 && Set(serials).count == 1, "\(serials)")
      #expect(plan.text("db")?.contains(" \(serials[0]) 1 1 1 1") == true)
      #expect(serials[0] == 31, "above what either view has given to secondaries")
    }
  }

  // MARK: Files that were made or taken away

  private func withMade(_ body: (inout Planning, HistoryEntry) async throws -> Void) async throws {
    try await withPlanning(["named.conf": Planning.options], aliases: ["a.example"]) { planning in
      planning.desired.zones[try DomainName("a.example")] = ZoneSettings(
        create: CreatedZone(
          file: planning.path("made"), primary: try DomainName("ns.example.net"),
          contact: try DomainName("h.example.net")))
      let entry = try await planning.change()
      try await body(&planning, entry)
    }
  }

  @Test("a zone was made → its statement goes before its file; but not with what somebody added")
  func made() async throws {
    try await withMade { planning, entry in
      let plan = try await planning.rollback(entry)
      #expect(plan.files.map { $0.path.lastComponent?.string } == ["named.conf", "made"])
      #expect(plan.files.map { $0.contents == nil } == [false, true])
      #expect(plan.text("named.conf") == Planning.options)
      let made = try planning.text("made")
      try planning.folder.write("made", made.replacing("\t\t1\t; serial", with: "\t\t77\t; serial"))
      #expect(try await planning.rollback(entry).files.count == 2, "a serial is nobody's word")
      for text in [made + "www A 192.0.2.1\n", made.replacing("ns.", with: "nt."), ""] {
        try planning.folder.write("made", text)
        await rollbackError(planning, entry, words: "somebody has added to it since")
      }
    }
  }

  @Test("a made zone was taken away → it comes back before its statement; but over no other file")
  func removed() async throws {
    try await withMade { planning, _ in
      let (conf, made) = (try planning.text("named.conf"), try planning.text("made"))
      planning.desired.aliases = []
      planning.accepted = ["prod"]
      let entry = try await planning.change(number: 2)
      let plan = try await planning.rollback(entry)
      #expect(plan.files.map { $0.path.lastComponent?.string } == ["made", "named.conf"])
      #expect(plan.text("made") == made && plan.text("named.conf") == conf)
      #expect(plan.files[0].before == nil)
      try planning.folder.write("made", "mine\n")
      await rollbackError(planning, entry, words: "made: zonebridge had removed this file")
    }
  }

  @Test("a made zone was removed and made again with another alias → refused, not half reverted")
  func madeAnew() async throws {
    try await withMade { planning, first in
      let aliases = planning.desired.aliases
      planning.desired.aliases = []
      planning.accepted = ["prod"]
      let removed = try await planning.change(number: 2)
      planning.desired.aliases = aliases
      planning.desired.aliases[0].owner = try DomainName("b.a.example")
      let again = try await planning.change(number: 3)
      #expect(try planning.text("made").contains("b.a.example"))
      let words = "made: zonebridge removed this file and later made it again, with other contents"
      let error = await #expect(throws: PlanError.self) {
        try await planning.rollback(again, removed)
      }
      expect(error?.description, has: words)
      // Each by itself can be put back, and all of them can.
      #expect(try await planning.rollback(again).files.map { $0.contents == nil } == [false, true])
      let all = try await planning.rollback(again, removed, first)
      #expect(all.files.map { $0.contents == nil } == [false, true])
      #expect(all.text("named.conf") == Planning.options)
    }
  }

  @Test("a made zone was removed and made again as it was → nothing of it has to be reverted")
  func madeAnewTheSame() async throws {
    try await withMade { planning, _ in
      let aliases = planning.desired.aliases
      planning.desired.aliases = []
      planning.accepted = ["prod"]
      let removed = try await planning.change(number: 2)
      planning.desired.aliases = aliases
      let again = try await planning.change(number: 3)
      #expect(try await planning.rollback(again, removed).zoneFiles == [])
    }
  }

  // MARK: Dynamic zones

  private func withDynamic(
    _ live: String, owned: String?, aliases: [String],
    _ body: (inout Planning, HistoryEntry) async throws -> Void
  ) async throws {
    let files = ["named.conf": Planning.dynamic, "db": Planning.zone]
    try await withPlanning(files, aliases: aliases) { planning in
      planning.named = Planning.named(configuredAt: 5)
      planning.status["contoso.com"] = Planning.status()
      planning.live["contoso.com"] = .success(
        "contoso.com. 60 IN SOA ns.example.net. h.example.net. 7 1 1 1 1\n" + live)
      let zone = ZoneInView(name: try DomainName("contoso.com"), view: nil)
      if let owned {
        planning.owned.records = [
          .init(zone: zone, owner: try DomainName("x.contoso.com"), target: try DomainName(owned))
        ]
      }
      planning.accepted = ["prod"]
      let entry = try await planning.change()
      #expect(entry.updates.count == 1)
      try await body(&planning, entry)
    }
  }

  private static let absent = [
    "prereq nxrrset x.contoso.com. IN DNAME", "prereq nxrrset x.contoso.com. IN CNAME",
  ]

  @Test("we put an alias in → it goes, if it is still the one; and it is ours no more")
  func dynamicAdded() async throws {
    try await withDynamic("", owned: nil, aliases: ["x.contoso.com"]) { planning, entry in
      planning.owned.records = [
        .init(
          zone: ZoneInView(name: try DomainName("contoso.com"), view: nil),
          owner: try DomainName("x.contoso.com"), target: try DomainName(Self.target))
      ]
      let plan = try await planning.rollback(entry)
      #expect(
        plan.updates.flatMap(\.script).dropFirst(2) == [
          "prereq yxrrset x.contoso.com. IN DNAME \(Self.target)",
          "update delete x.contoso.com. IN DNAME \(Self.target)", "send",
        ])
      #expect(plan.owned.records.isEmpty && plan.zoneFiles == [])
      #expect(plan.updates.map(\.key) == ["/run/named/session.key"])
      #expect(plan.holds.contains { $0.subject == .alias("x.contoso.com") })
    }
  }

  @Test("we removed an alias → it comes back with its TTL, if nothing else is there")
  func dynamicRemoved() async throws {
    let live = "x.contoso.com. 77 IN DNAME \(Self.target)\n"
    try await withDynamic(live, owned: Self.target, aliases: []) { planning, entry in
      planning.owned.records = []
      let plan = try await planning.rollback(entry)
      #expect(
        plan.updates.flatMap(\.script).dropFirst(2)
          == Self.absent[...] + [
            "update add x.contoso.com. 77 IN DNAME \(Self.target)", "send",
          ])
      #expect(plan.owned.records.map(\.owner) == [try DomainName("x.contoso.com")])
    }
  }

  @Test("we had an alias lead elsewhere → it leads back, if it is still as we left it")
  func dynamicReplaced() async throws {
    let former = "mesos.\(Site.ids[1]).dcos.directory."
    let live = "x.contoso.com. 77 IN DNAME \(former)\n"
    try await withDynamic(live, owned: former, aliases: ["x.contoso.com"]) { planning, entry in
      planning.live["contoso.com"] = .success(
        "contoso.com. 60 IN SOA ns.example.net. h.example.net. 8 1 1 1 1\n"
          + "x.contoso.com. 60 IN DNAME \(Self.target)\n")
      // The former cluster's forward zone has gone since, which the DNAME needs.
      await rollbackError(planning, entry, words: "named.conf has no forward zone \(Site.ids[1])")
      try planning.folder.write(
        "named.conf",
        try planning.text("named.conf")
          + "zone \"\(Site.ids[1]).dcos.directory\" { type forward; forwarders { 10.0.0.7; }; };\n")
      let plan = try await planning.rollback(entry)
      let target = try DomainName(former)
      #expect(
        plan.servedAfterwards == [
          .forwarded(name: target, cluster: "prod"),
          .alias(
            owner: try DomainName("x.contoso.com"), target: target,
            zone: try DomainName("contoso.com"), view: nil),
        ], "the forward zone first")
      #expect(plan.newForwarders.map(\.forwarders) == [[try IPAddress("10.0.0.7")]])
      #expect(
        plan.updates.flatMap(\.script).dropFirst(2) == [
          "prereq yxrrset x.contoso.com. IN DNAME \(Self.target)",
          "update delete x.contoso.com. IN DNAME \(Self.target)",
          "update add x.contoso.com. 77 IN DNAME \(former)", "send",
        ])
    }
  }

  // MARK: Aliases

  @Test(
    "an alias was removed, and a name was added below it → it is not restored over that; no name → it is",
    arguments: [true, false])
  func hidden(isThere: Bool) async throws {
    try await withPlanning { planning in
      _ = try await planning.change()
      planning.desired.aliases = []
      planning.accepted = ["prod"]
      let entry = try await planning.change(number: 2)
      try planning.folder.write(
        "db",
        try planning.text("db") + (isThere ? "deep.x" : "xdeep") + " IN A 192.0.2.1\n")
      if isThere {
        await rollbackError(
          planning, entry, words: "since it was removed: deep.x.contoso.com. Move these names")
      } else {
        expect(try await planning.rollback(entry).text("db"), has: "DNAME \(Self.target)")
      }
    }
  }

  @Test("an alias led elsewhere before → that is expected again; it was not there → nothing is")
  func expectations() async throws {
    try await withPlanning { planning in
      _ = try await planning.change()
      planning.desired.clusters = [try Site.cluster(id: Site.ids[1])]
      planning.accepted = ["prod"]
      let entry = try await planning.change(number: 2)
      let plan = try await planning.rollback(entry)
      let (owner, zone) = (try DomainName("x.contoso.com"), try DomainName("contoso.com"))
      let new = try DomainName("mesos.\(Site.ids[1]).dcos.directory")
      #expect(
        plan.servedAfterwards == [
          .forwarded(name: try DomainName(Self.target), cluster: "prod"),
          .serial(zone: zone, view: nil, SerialNumber(10)),
          .alias(owner: owner, target: try DomainName(Self.target), zone: zone, view: nil),
        ])
      #expect(plan.servedBefore == [.alias(owner: owner, target: new, zone: zone, view: nil)])
      #expect(plan.visibleInOtherViews.isEmpty)
    }
  }

  @Test("many changes → the same plan each time, in an order that does not depend on chance")
  func determinism() async throws {
    let names = (0..<12).map { "a\($0).contoso.com" }
    try await withPlanning(aliases: names) { planning in
      _ = try await planning.change()
      planning.desired.clusters = [try Site.cluster(id: Site.ids[1])]
      planning.accepted = ["prod"]
      let entry = try await planning.change(number: 2)
      let plan = try await planning.rollback(entry)
      let owners = plan.servedAfterwards.compactMap(\.alias)
      #expect(owners.count == 12 && owners == owners.sorted())
      let subjects = plan.holds.map(\.subject.description)
      #expect(subjects.count == 13 && subjects == subjects.sorted())
      #expect(plan.servedBefore.compactMap(\.alias).count == 12)
    }
  }
}
