import DCOS
import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// Aliases in dynamic zones, which named alone writes: each UPDATE asks for what the plan rests on, and
/// what is not ours is neither changed nor taken out.
@Suite("Changes of dynamic zones", .timeLimit(.minutes(5)))
struct PlanUpdateTests {
  private static let target = "mesos.\(Site.ids[0]).dcos.directory."
  private static let former = "mesos.\(Site.ids[1]).dcos.directory."
  private static let soa = "contoso.com. 60 IN SOA ns.example.net. h.example.net. 7 1 1 1 1\n"
  private static let files = ["named.conf": Planning.dynamic, "db": Planning.zone]
  private static let alias = Subject.alias("x.contoso.com")

  private static func record(
    _ owner: String = "x.contoso.com", _ target: String = target, view: String? = nil
  ) throws -> OwnedRecords.Record {
    .init(
      zone: ZoneInView(name: try DomainName("contoso.com"), view: view),
      owner: try DomainName(owner), target: try DomainName(target))
  }

  /// A dynamic zone that has some records, of which some are ours.
  private func withDynamic(
    _ records: String = "", owned: [OwnedRecords.Record] = [],
    aliases: [String] = ["x.contoso.com"], _ body: (inout Planning) async throws -> Void
  ) async throws {
    try await withPlanning(Self.files, aliases: aliases) { planning in
      planning.named = Planning.named(configuredAt: 4_000_000_000)
      planning.status["contoso.com"] = Planning.status()
      planning.live["contoso.com"] = .success(Self.soa + records)
      planning.owned.records = Set(owned)
      try await body(&planning)
    }
  }

  private static func dname(
    _ target: String = target, owner: String = "x.contoso.com.", ttl: Int = 60
  ) -> String {
    "\(owner) \(ttl) IN DNAME \(target)\n"
  }

  private func script(_ plan: Plan) -> [String] { plan.updates.flatMap(\.script) }

  // MARK: What is put in

  @Test("an alias is missing → added, if nothing is there and the zone is as it was seen")
  func add() async throws {
    try await withDynamic { planning in
      planning.desired.aliases[0].ttl = 90
      planning.desired.bind.reload = .rndc(.init())
      let plan = try await planning.plan()
      #expect(plan.troubles == [])
      #expect(
        script(plan) == [
          "server 127.0.0.1 53", "zone contoso.com.",
          "prereq nxrrset x.contoso.com. IN DNAME", "prereq nxrrset x.contoso.com. IN CNAME",
          "prereq nxrrset x.contoso.com. IN NS",
          "prereq yxrrset contoso.com. IN SOA ns.example.net. h.example.net. 7 1 1 1 1",
          "update add x.contoso.com. 90 IN DNAME \(Self.target)", "send",
        ])
      #expect(plan.updates.map(\.key) == ["/run/named/session.key"])
      #expect(plan.zoneFiles == [], "its file is named's own")
      #expect(!plan.commandLines.contains { $0.contains("reload") })
      #expect(plan.owned.records == [try Self.record()])
      #expect(plan.servedAfterwards.contains { $0.alias == planning.desired.aliases[0].owner })
      #expect(plan.updates[0].candidate != nil, "and it is judged as it would be")
      #expect(plan.reasons[Self.alias] == "new, leads to \(Self.target.dropLast())")
      // Where the configuration has a key, it is that one.
      planning.desired.zones[try DomainName("contoso.com")] = ZoneSettings(updateKey: "/a.key")
      #expect(try await planning.plan().updates.map(\.key) == ["/a.key"])
    }
  }

  @Test("an alias at the zone's own name → its NS records are no hindrance")
  func apex() async throws {
    try await withDynamic(aliases: ["contoso.com"]) { planning in
      let lines = script(try await planning.plan()).filter { $0.hasPrefix("prereq nxrrset") }
      #expect(
        lines == [
          "prereq nxrrset contoso.com. IN DNAME", "prereq nxrrset contoso.com. IN CNAME",
        ])
    }
  }

  @Test("two aliases of a zone → one message, a third of another zone → its own")
  func several() async throws {
    try await withDynamic(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      let plan = try await planning.plan()
      #expect(plan.updates.map(\.parts.count) == [2])
      #expect(script(plan).filter { $0.contains("IN SOA") }.count == 1)
      #expect(script(plan).filter { $0.hasPrefix("update add") }.count == 2)
    }
  }

  @Test(
    "what is there and is ours",
    arguments: [
      ("as it should be → nothing", dname(), false),
      ("another TTL → replaced", dname(ttl: 5), true),
      ("the former ID → replaced", dname(former), true),
    ])
  func ours(given: String, records: String, isReplaced: Bool) async throws {
    let target = records.contains(Self.former) ? Self.former : Self.target
    try await withDynamic(records, owned: [try Self.record("x.contoso.com", target)]) { planning in
      let plan = try await planning.plan()
      #expect(plan.troubles == [], "\(given)")
      guard isReplaced else {
        #expect(plan.updates.isEmpty && plan.attempts[Self.alias] == nil, "\(given)")
        #expect(plan.alreadyServed.contains { $0.alias != nil })
        #expect(plan.owned == planning.owned)
        return
      }
      #expect(
        script(plan).dropFirst(2) == [
          "prereq yxrrset x.contoso.com. IN DNAME \(target)",
          "update delete x.contoso.com. IN DNAME \(target)",
          "update add x.contoso.com. 60 IN DNAME \(Self.target)", "send",
        ], "\(given)")
      #expect(plan.servedBefore.contains { $0.alias != nil }, "and looked for if it is put back")
      #expect(plan.owned.records.contains(try Self.record()))
      #expect(plan.updates[0].candidate == nil, "nothing is put in that was not there")
    }
  }

  @Test(
    "what is there and is not ours → never changed without adoption, and only a cluster's then",
    arguments: [
      (dname(), nil, false), (dname(ttl: 5), "zonebridge adopt prod", true),
      (dname(former), "zonebridge adopt prod", true),
      (dname("www.example."), "Remove that record", false),
      (dname("dcos.directory."), "Remove that record", false),
    ])
  func foreign(records: String, remedy: String?, isAdopted: Bool) async throws {
    try await withDynamic(records) { planning in
      let plan = try await planning.plan()
      #expect(plan.updates.isEmpty && plan.attempts[Self.alias] == nil)
      #expect(plan.owned.records == [], "it is not ours by being right")
      #expect(plan.troubles == (remedy == nil ? [] : ["held alias x.contoso.com"]))
      if let remedy { expect(plan.problems.first?.remedy, has: remedy) }
      planning.operation = .adoption(of: ["lab"])
      let other = try await planning.plan()
      #expect(other.updates.isEmpty && other.owned.records == [])
      planning.operation = .adoption(of: ["prod"])
      let adopted = try await planning.plan()
      #expect(adopted.updates.isEmpty != isAdopted)
      #expect((adopted.owned.records == [try Self.record()]) == (isAdopted || remedy == nil))
      #expect(adopted.problems.isEmpty == (isAdopted || remedy == nil))
      #expect(
        adopted.warnings.contains { $0.contains("is taken over as it is") } == (remedy == nil))
    }
  }

  @Test("remembered as ours with another target → it is not ours any more")
  func changedByOthers() async throws {
    try await withDynamic(Self.dname(Self.former), owned: [try Self.record()]) { planning in
      let plan = try await planning.plan()
      #expect(plan.updates.isEmpty && plan.troubles == ["held alias x.contoso.com"])
    }
    // Nor is that of another zone, view or name.
    for record in [
      try Self.record("y.contoso.com", Self.former),
      try Self.record("x.contoso.com", Self.former, view: "a"),
    ] {
      try await withDynamic(Self.dname(Self.former), owned: [record]) { planning in
        let parts = try await planning.plan().updates.flatMap(\.parts)
        #expect(parts.allSatisfy { $0.new == nil })
      }
    }
  }

  @Test("an adoption or a removal → puts no alias in that is missing")
  func nothingNew() async throws {
    try await withDynamic { planning in
      for operation in [Operation.adoption(of: ["prod"]), .removal(of: ["y.contoso.com"])] {
        planning.operation = operation
        try await planning.plan().expectNothing()
      }
    }
  }

  @Test("what was reverted in a dynamic zone → held until it is due")
  func revertedChange() async throws {
    try await withDynamic { planning in
      let digest = try #require(try await planning.plan().attempts[Self.alias])
      planning.revertedChanges[Self.alias] = RevertedChange(
        subject: Self.alias, digest: digest, fingerprint: "", attempts: 1, time: 0, reason: "r")
      planning.now = 59
      let held = try await planning.plan()
      #expect(held.updates.isEmpty && held.troubles == ["held alias x.contoso.com"])
      #expect(held.owned.records == [], "what is not put in is not ours")
      planning.now = 60
      #expect(try await planning.plan().updates.count == 1)
    }
  }

  // MARK: What is taken out

  @Test(
    "an alias is wanted no longer",
    arguments: [
      ("ours, as we left it → taken out", dname(), true),
      ("somebody has it lead elsewhere → left, and not ours any more", dname(former), false),
      ("it is gone → nothing, and not ours any more", "", false),
    ])
  func remove(given: String, records: String, isTakenOut: Bool) async throws {
    try await withDynamic(records, owned: [try Self.record()], aliases: []) { planning in
      planning.accepted = ["prod"]
      let plan = try await planning.plan()
      #expect(plan.troubles == [], "\(given)")
      #expect(plan.owned.records == [], "\(given)")
      let lines = [
        "prereq yxrrset x.contoso.com. IN DNAME \(Self.target)",
        "update delete x.contoso.com. IN DNAME \(Self.target)", "send",
      ]
      #expect(script(plan).dropFirst(2) == (isTakenOut ? lines[...] : []), "\(given)")
    }
    // What is not ours stays, whatever it leads to.
    try await withDynamic(records, aliases: []) { planning in
      let plan = try await planning.plan()
      #expect(plan.updates.isEmpty)
    }
  }

  @Test("only what an operator names goes in a removal, and nothing in an adoption")
  func purposes() async throws {
    let records = Self.dname() + Self.dname(owner: "y.contoso.com.")
    let owned = [try Self.record(), try Self.record("y.contoso.com")]
    try await withDynamic(records, owned: owned, aliases: []) { planning in
      planning.operation = .removal(of: ["x.contoso.com"])
      let plan = try await planning.plan()
      #expect(plan.updates.flatMap(\.parts).map(\.owner) == [try DomainName("x.contoso.com")])
      #expect(plan.owned.records == [owned[1]])
      planning.operation = .adoption(of: ["prod"])
      let adoption = try await planning.plan()
      #expect(adoption.updates.isEmpty && adoption.owned == planning.owned)
    }
  }

  @Test("the record stands in a block of the file from when the zone was not dynamic → ours")
  func fromBlock() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      let conf = try planning.text("named.conf")
      try planning.folder.write(
        "named.conf", conf.replacing("type primary;", with: "type primary; update-policy local;"))
      planning.status["contoso.com"] = Planning.status()
      planning.live["contoso.com"] = .success(Self.soa + Self.dname(ttl: 5))
      let plan = try await planning.plan()
      #expect(plan.troubles == [])
      #expect(script(plan).contains("update add x.contoso.com. 60 IN DNAME \(Self.target)"))
      #expect(plan.zoneFiles == [])
    }
  }

  // MARK: What cannot be done now

  @Test("the zone is frozen → held, nothing is sent, and what is ours stays ours")
  func frozen() async throws {
    for isWanted in [true, false] {
      try await withDynamic(
        isWanted ? "" : Self.dname(), owned: isWanted ? [] : [try Self.record()],
        aliases: isWanted ? ["x.contoso.com"] : []
      ) { planning in
        planning.accepted = ["prod"]
        planning.status["contoso.com"] = Planning.status("frozen: yes\n")
        let plan = try await planning.plan()
        #expect(plan.troubles == ["held zone contoso.com"])
        #expect(plan.updates.isEmpty && plan.servedAfterwards.allSatisfy { $0.alias == nil })
        expect(plan.problems.first?.remedy, has: "rndc thaw contoso.com")
        #expect(plan.owned == planning.owned)
        planning.status["contoso.com"] = Planning.status("frozen: no\n")
        #expect(try await planning.plan().updates.count == 1)
      }
    }
    // What is in order is not held.
    try await withDynamic(Self.dname(), owned: [try Self.record()]) { planning in
      planning.status["contoso.com"] = Planning.status("frozen: yes\n")
      let plan = try await planning.plan()
      #expect(plan.troubles == [])
    }
  }

  @Test("no key → an alias is held; one that is to go is held too, and stays ours")
  func noKey() async throws {
    try await withDynamic { planning in
      planning.sessionKey = nil
      let plan = try await planning.plan()
      #expect(plan.troubles == ["held alias x.contoso.com"] && plan.updates.isEmpty)
      expect(plan.problems.first?.reason, has: "there is no key to sign a DNS UPDATE with")
      expect(plan.problems.first?.remedy, has: "Set update-key in zones: contoso.com")
      planning.desired.zones[try DomainName("contoso.com")] = ZoneSettings(updateKey: "/a.key")
      #expect(try await planning.plan().updates.count == 1)
    }
    try await withDynamic(Self.dname(), owned: [try Self.record()], aliases: []) { planning in
      planning.accepted = ["prod"]
      planning.sessionKey = nil
      let plan = try await planning.plan()
      #expect(plan.updates.isEmpty && plan.troubles == ["held alias x.contoso.com"])
      expect(plan.problems.first?.reason, has: "it has to be removed")
      #expect(plan.owned == planning.owned)
      // What an operator does not have taken out is not told of.
      planning.operation = .removal(of: ["y.contoso.com"])
      #expect(try await planning.plan().troubles == [])
    }
  }

  @Test("what named has of the zone cannot be had → held with the reason, and ours stays ours")
  func unseen() async throws {
    let owned = [try Self.record(), try Self.record("gone.contoso.com")]
    for (named, live, words) in [
      (nil, nil, "named is not asked (reload: none)"),
      (Planning.named(configuredAt: 5), nil, "named has not loaded it; its log says why"),
      (
        Planning.named(configuredAt: 5), .failure(InspectionError("the journal is torn")),
        "the journal is torn"
      ),
    ] as [(String?, Result<String, InspectionError>?, String)] {
      try await withDynamic(owned: owned) { planning in
        planning.named = named
        planning.live["contoso.com"] = live
        let plan = try await planning.plan()
        #expect(plan.updates.isEmpty && plan.owned == planning.owned)
        #expect(plan.troubles == ["held alias x.contoso.com", "held alias gone.contoso.com"])
        expect(plan.problems.first?.reason, has: "accepts a DNAME only by DNS UPDATE: \(words)")
        expect(plan.problems.last?.reason, has: "it has to be removed, but the zone is dynamic: ")
        expect(plan.problems.last?.reason, has: words)
        planning.operation = .removal(of: ["other.contoso.com"])
        #expect(try await planning.plan().troubles == [])
        planning.operation = .removal(of: ["gone.contoso.com"])
        #expect(try await planning.plan().troubles == ["held alias gone.contoso.com"])
      }
    }
  }

  @Test("the zone is dynamic in two views → held, since nobody knows which one an update reaches")
  func views() async throws {
    func conf(_ second: String) -> String {
      Planning.options + """
        view "a" { zone "contoso.com" { type primary; file "FOLDER/db"; update-policy local; }; };
        view "b" { \(second) };

        """
    }
    let other = "type primary; file \"FOLDER/other\";"
    for (second, isHeld) in [
      ("zone \"contoso.com\" { \(other) };", true),
      ("zone \"contoso.com\" { \(other) update-policy local; };", true),
      ("zone \"contoso.com\" { in-view \"a\"; };", false), ("", false),
    ] {
      let files = ["named.conf": conf(second), "db": Planning.zone, "other": Planning.zone]
      try await withPlanning(files, views: ["a"]) { planning in
        planning.status["contoso.com a"] = Planning.status()
        planning.live["contoso.com a"] = .success(Self.soa)
        let plan = try await planning.plan()
        #expect(plan.troubles == (isHeld ? ["held alias x.contoso.com"] : []), "\(second)")
        #expect(plan.updates.map(\.view) == (isHeld ? [] : ["a"]))
        #expect(plan.zoneFiles == [])
        if isHeld {
          expect(plan.problems.first?.reason, has: "zone contoso.com in view b has the same name")
        }
      }
    }
  }

  // MARK: What stands in the way

  @Test(
    "the guards look into what named has, too",
    arguments: [
      ("x.contoso.com. 60 IN NS ns.example.net.\n", [], "has a NS record"),
      ("x.contoso.com. 60 IN NS ns.example.net.\n", [.hidesNames], "has a NS record"),
      ("x.contoso.com. 60 IN CNAME www.example.\n", [], "has a CNAME record"),
      ("a.x.contoso.com. 60 IN A 192.0.2.1\n", [], "hide 1 name"),
      ("a.x.contoso.com. 60 IN A 192.0.2.1\n", [.hidesNames], nil),
      ("x.contoso.com. 60 IN A 192.0.2.1\nax.contoso.com. 60 IN A 192.0.2.1\n", [], nil),
    ] as [(String, Set<Safeguard>, String?)])
  func guards(records: String, allow: Set<Safeguard>, words: String?) async throws {
    try await withDynamic(records) { planning in
      planning.desired.aliases[0].allow = allow
      let plan = try await planning.plan()
      #expect(plan.updates.isEmpty == (words != nil))
      #expect(plan.troubles == (words == nil ? [] : ["held alias x.contoso.com"]))
      #expect(plan.owned.records.isEmpty == (words != nil))
      if let words { expect(plan.problems.first?.reason, has: words) }
      // The place is that of the statement: the file that was looked into is nobody's.
      #expect(plan.problems.allSatisfy { !$0.reason.contains("/live/") })
    }
  }

  @Test("named says that a zone is dynamic, and the configuration does not → by UPDATE as well")
  func byStatus() async throws {
    try await withPlanning { planning in
      planning.status["contoso.com"] = Planning.status("dynamic: yes\n")
      planning.live["contoso.com"] = .success(Self.soa)
      let plan = try await planning.plan()
      #expect(plan.updates.count == 1 && plan.zoneFiles == [])
    }
  }

  // MARK: No longer dynamic

  @Test("we put it in when the zone was dynamic, and it is wanted → it becomes a block")
  func becomesBlock() async throws {
    let zone = Planning.zone + "x DNAME \(Self.target)\n"
    try await withPlanning(["named.conf": Planning.conf, "db": zone]) { planning in
      #expect(try await planning.plan().troubles == ["held alias x.contoso.com"], "a stranger's")
      planning.owned.records = [try Self.record("x.contoso.com", Self.former)]
      #expect(
        try await planning.plan().troubles == ["held alias x.contoso.com"], "it led elsewhere")
      planning.owned.records = [try Self.record()]
      let plan = try await planning.carryOut()
      #expect(plan.troubles == [])
      let text = try planning.text("db")
      #expect(text.split(separator: "DNAME").count == 2, "\(text)")
      #expect(text.contains("; BEGIN zonebridge x.contoso.com"))
    }
  }

  @Test(
    "we put it in when the zone was dynamic, and it is wanted no longer",
    arguments: [
      ("it stands there → held, to be taken out by hand", "x DNAME \(target)\n", true),
      ("it leads elsewhere → not ours any more", "x DNAME www.example.\n", false),
      ("it is gone → not ours any more", "", false),
    ])
  func strayRecord(given: String, records: String, isHeld: Bool) async throws {
    let files = ["named.conf": Planning.conf, "db": Planning.zone + records]
    try await withPlanning(files, aliases: ["y.contoso.com"]) { planning in
      planning.owned.records = [try Self.record()]
      let plan = try await planning.plan()
      #expect(plan.troubles == (isHeld ? ["held alias x.contoso.com"] : []), "\(given)")
      #expect(plan.owned.records.isEmpty != isHeld, "\(given)")
      if isHeld { expect(plan.problems.first?.reason, has: "db:4: it has to be removed") }
      #expect(plan.text("db")?.contains(records) == true, "it is left as it is")
      planning.operation = .removal(of: ["z.contoso.com"])
      #expect(try await planning.plan().troubles == [])
    }
  }
}
