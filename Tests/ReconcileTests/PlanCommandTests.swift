import DCOS
import DNSNames
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What named is told, in which order, and what it is not told.
@Suite("Commands for named", .timeLimit(.minutes(5)))
struct PlanCommandTests {
  private static let flush = "rndc flushtree \(Site.ids[0]).dcos.directory"

  private func withNamed(
    _ files: [String: String] = Planning.files, views: [String]? = nil,
    aliases: [String] = ["x.contoso.com"], _ body: (inout Planning) async throws -> Void
  ) async throws {
    try await withPlanning(files, views: views, aliases: aliases) { planning in
      planning.desired.bind.reload = .rndc(.init())
      planning.named = Planning.named(configuredAt: 4_000_000_000)
      planning.status["contoso.com"] = Planning.status()
      try await body(&planning)
    }
  }

  /// A site on which everything is as it should be, and loaded.
  private func withSettled(
    _ files: [String: String] = Planning.files, views: [String]? = nil,
    aliases: [String] = ["x.contoso.com"], _ body: (inout Planning) async throws -> Void
  ) async throws {
    try await withNamed(files, views: views, aliases: aliases) { planning in
      try await planning.carryOut()
      for key in planning.status.keys { planning.status[key] = Planning.status(serial: 8) }
      try await planning.plan().expectNothing()
      try await body(&planning)
    }
  }

  @Test("a cluster and its alias are new → reconfig, then the flush, then the reload")
  func recipe() async throws {
    try await withNamed { planning in
      let plan = try await planning.plan()
      #expect(plan.commandLines == ["rndc reconfig", Self.flush, "rndc reload contoso.com"])
    }
  }

  @Test("a pass before could not have named forget a cluster → that is sent, and nothing else")
  func owed() async throws {
    try await withSettled { planning in
      planning.unflushed = [try DomainName("\(Site.ids[0]).dcos.directory")]
      let plan = try await planning.plan()
      #expect(plan.commandLines == [Self.flush] && plan.files.isEmpty)
      planning.desired.bind.reload = .none
      try await planning.plan().expectNothing()
    }
  }

  @Test(
    "an alias goes with its cluster → the zone is read first; with something new besides → in two attempts"
  )
  func departure() async throws {
    try await withNamed(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      planning.desired.aliases[1].cluster = "lab"
      try await planning.carryOut()
      planning.status["contoso.com"] = Planning.status(serial: 8)
      planning.broken = []
      planning.desired.clusters.removeLast()
      planning.desired.aliases.removeLast()
      let plan = try await planning.plan()
      let former = "rndc flushtree \(Site.ids[1]).dcos.directory"
      #expect(plan.commandLines == ["rndc reload contoso.com", "rndc reconfig", former])
      #expect(!plan.continues && plan.text("named.conf")?.contains(Site.ids[1]) == false)

      planning.desired.clusters.append(try Site.cluster("third", id: Site.ids[2]))
      let flush = "rndc flushtree \(Site.ids[2]).dcos.directory"
      for (isPreview, isBroken) in [(false, false), (true, false), (false, true)] {
        planning.isPreview = isPreview
        planning.broken = isBroken ? nil : []
        let both = try await planning.plan()
        let waits = !isPreview && !isBroken
        let flushes = waits ? [flush] : [flush, former]
        #expect(both.commandLines == ["rndc reconfig"] + flushes + ["rndc reload contoso.com"])
        #expect(both.continues == waits)
        #expect(both.text("named.conf")?.contains(Site.ids[1]) == waits)
      }
    }
  }

  @Test("reload: none → the files are changed and no command is sent")
  func none() async throws {
    try await withNamed { planning in
      planning.desired.bind.reload = .none
      let plan = try await planning.plan()
      #expect(plan.commandLines == [] && plan.files.count == 2)
      #expect(!plan.servedAfterwards.isEmpty)
    }
  }

  @Test("another ID → what is cached of the old and of the new one is forgotten, the old one first")
  func changedID() async throws {
    try await withSettled { planning in
      planning.desired.clusters = [try Site.cluster(id: Site.ids[1])]
      planning.accepted = ["prod"]
      let plan = try await planning.plan()
      #expect(
        plan.commandLines == [
          "rndc reconfig", Self.flush, "rndc flushtree \(Site.ids[1]).dcos.directory",
          "rndc reload contoso.com",
        ])
      let name = try DomainName("mesos.\(Site.ids[1]).dcos.directory")
      let old = try DomainName("mesos.\(Site.ids[0]).dcos.directory")
      let zone = try DomainName("contoso.com")
      let owner = try DomainName("x.contoso.com")
      #expect(
        plan.servedAfterwards == [
          .alias(owner: owner, target: name, zone: zone, view: nil),
          .serial(zone: zone, view: nil, SerialNumber(9)), .forwarded(name: name, cluster: "prod"),
        ])
      // What is looked for again if it has to be put back.
      #expect(
        plan.servedBefore == [
          .alias(owner: owner, target: old, zone: zone, view: nil),
          .forwarded(name: old, cluster: "prod"),
        ])
      #expect(plan.alreadyServed == [])
    }
  }

  @Test("many clusters are new → all is forgotten at once; another cluster is there → one by one")
  func many() async throws {
    for standing in ["", "zone \"\(Site.ids[2]).dcos.directory\" { type forward; };\n"] {
      let files = Planning.files.merging(["named.conf": Planning.conf + standing]) { $1 }
      try await withNamed(files) { planning in
        let ids = try (0..<9).map {
          try ClusterID(publicKey: [UInt8](repeating: $0, count: 32)).description
        }
        planning.desired.clusters = try ids.map { id in
          try Site.cluster(id == ids[0] ? "prod" : "c\(id.prefix(8))", id: id)
        }
        let flushes = ids.map { "rndc flushtree \($0).dcos.directory" }
        let last = planning.desired.clusters.removeLast()
        let fewer = try await planning.plan()
        #expect(
          fewer.commandLines == ["rndc reconfig"] + flushes.dropLast() + ["rndc reload contoso.com"]
        )
        planning.desired.clusters.append(last)

        let plan = try await planning.plan()
        #expect(
          plan.commandLines == ["rndc reconfig"]
            + (standing.isEmpty ? ["rndc flushtree dcos.directory"] : flushes)
            + ["rndc reload contoso.com"])
        let entry = try await planning.change()
        #expect(entry.domains == ids.map { "\($0).dcos.directory" })
        let back = try await planning.rollback(entry)
        #expect(
          back.commandLines.suffix(standing.isEmpty ? 1 : 9)
            == (standing.isEmpty ? ["rndc flushtree dcos.directory"] : flushes.sorted()))
      }
    }
  }

  @Test("other forwarders → reconfig and one flush, and no zone is reloaded")
  func changedForwarders() async throws {
    try await withSettled { planning in
      planning.desired.clusters = [try Site.cluster(masters: ["10.0.0.2"])]
      let plan = try await planning.plan()
      #expect(plan.commandLines == ["rndc reconfig", Self.flush])
      #expect(plan.zoneFiles == [])
    }
  }

  @Test("another cluster changes → what is cached of this one stays")
  func otherCluster() async throws {
    try await withSettled { planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      let plan = try await planning.plan()
      #expect(
        plan.commandLines == [
          "rndc reconfig", "rndc flushtree \(Site.ids[1]).dcos.directory",
        ])
    }
  }

  @Test("an alias changes → its zone is reloaded, and named.conf is not")
  func changedAlias() async throws {
    try await withSettled { planning in
      planning.desired.aliases[0].ttl = 30
      let plan = try await planning.plan()
      #expect(plan.commandLines == ["rndc reload contoso.com"])
    }
  }

  // MARK: What is owed

  @Test("everything stands and is served → no command; not served → what loads it, and no more")
  func debts() async throws {
    try await withSettled { planning in
      let alreadyServed = try await planning.plan().alreadyServed
      #expect(alreadyServed.count == 2)
      for expectation in alreadyServed { planning.verdicts[expectation] = .served }
      try await planning.plan().expectNothing()
      let alias = try #require(alreadyServed.first { $0.alias != nil })
      planning.verdicts[alias] = .notServed("no")
      let plan = try await planning.plan()
      #expect(plan.commandLines == ["rndc reload contoso.com"])
      #expect(plan.files.isEmpty && plan.servedAfterwards.isEmpty && !plan.isEmpty)
      // A zone that named does not know cannot be reloaded before it has read named.conf.
      planning.status = [:]
      #expect(
        try await planning.plan().commandLines == ["rndc reconfig", "rndc reload contoso.com"])
      planning.desired.bind.reload = .none
      try await planning.plan().expectNothing()
    }
  }

  @Test("two aliases of a zone are not served → it is reloaded once")
  func once() async throws {
    try await withSettled(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      for expectation in try await planning.plan().alreadyServed {
        planning.verdicts[expectation] = expectation.alias == nil ? .served : .notServed("no")
      }
      #expect(try await planning.plan().commandLines == ["rndc reload contoso.com"])
      planning.status = [:]
      #expect(
        try await planning.plan().commandLines == ["rndc reconfig", "rndc reload contoso.com"])
    }
  }

  @Test("an alias is not served and its zone changes anyway → it is reloaded once")
  func debtAndChange() async throws {
    try await withSettled(aliases: ["x.contoso.com", "y.contoso.com"]) { planning in
      for expectation in try await planning.plan().alreadyServed {
        planning.verdicts[expectation] = .notServed("no")
      }
      planning.desired.aliases[0].ttl = 30
      #expect(try await planning.plan().commandLines == ["rndc reload contoso.com"])
    }
  }

  @Test("an alias in a dynamic zone is not served → no reload, which named refuses of one")
  func dynamicZone() async throws {
    let files = ["named.conf": Planning.dynamic, "db": Planning.zone]
    try await withNamed(files) { planning in
      planning.live["contoso.com"] = .success(
        "contoso.com. 60 IN SOA ns. h. 7 1 1 1 1\nx.contoso.com. 60 IN DNAME mesos.\(Site.ids[0])."
          + "dcos.directory.\n")
      planning.owned.records = [
        .init(
          zone: ZoneInView(name: try DomainName("contoso.com"), view: nil),
          owner: try DomainName("x.contoso.com"),
          target: try DomainName("mesos.\(Site.ids[0]).dcos.directory"))
      ]
      try await planning.carryOut()
      let alreadyServed = try await planning.plan().alreadyServed
      #expect(alreadyServed.contains { $0.alias != nil })
      for expectation in alreadyServed {
        planning.verdicts[expectation] = expectation.alias == nil ? .served : .notServed("no")
      }
      for status in [Planning.status(), nil] {
        planning.status["contoso.com"] = status
        #expect(try await planning.plan().commandLines == [])
      }
    }
  }

  @Test("a forward zone is not served → named.conf is reloaded if it may be newer, else left")
  func forwardZone() async throws {
    try await withSettled { planning in
      let forwarded = try #require(
        try await planning.plan().alreadyServed.first { $0.alias == nil })
      planning.verdicts[forwarded] = .notServed("no")
      let changed = try planning.changeTime(of: "named.conf")
      for (time, isOwed) in [
        (changed - 1, true), (changed, true), (changed + 1, false), (changed + 999, false),
      ] {
        planning.named = Planning.named(configuredAt: time)
        #expect(try await planning.plan().commandLines == (isOwed ? ["rndc reconfig"] : []))
      }
      // By the time at which the inode was changed: a restored backup has an old one otherwise.
      try planning.setModified("named.conf", to: 5)
      planning.named = Planning.named(configuredAt: try planning.changeTime(of: "named.conf"))
      #expect(try await planning.plan().commandLines == ["rndc reconfig"])
      // And where named does not tell, it may be.
      planning.named = "server is up and running\n"
      #expect(try await planning.plan().commandLines == ["rndc reconfig"])
    }
  }

  // MARK: Views

  private static let views = [
    "named.conf": Planning.options + """
      view "a" { zone "contoso.com" { type primary; file "FOLDER/db"; }; };
      view "b" { };

      """, "db": Planning.zone,
  ]

  @Test("another view may answer this host → reloaded only where named has another serial")
  func otherViews() async throws {
    try await withNamed(Self.views, views: ["a"]) { planning in
      planning.status = ["contoso.com a": Planning.status()]
      try await planning.carryOut()
      let plan = try await planning.plan()
      #expect(plan.visibleInOtherViews == Set(plan.alreadyServed) && plan.alreadyServed.count == 2)
      for expectation in plan.alreadyServed { planning.verdicts[expectation] = .notServed("no") }
      for (status, commands) in [
        (Planning.status(serial: 8), []),
        (Planning.status(serial: 7), ["rndc reload contoso.com IN a"]),
        (Planning.status(serial: 9), ["rndc reload contoso.com IN a"]),
        (nil, ["rndc reconfig", "rndc reload contoso.com IN a"]),
      ] as [(String?, [String])] {
        planning.status["contoso.com a"] = status
        #expect(try await planning.plan().commandLines == commands)
      }
    }
  }

  @Test("all views have it → it has to be seen, and is reloaded in each")
  func allViews() async throws {
    let files = [
      "named.conf": Planning.options + """
        view "a" { zone "contoso.com" { type primary; file "FOLDER/db"; }; };
        view "b" { zone "contoso.com" { type primary; file "FOLDER/other"; }; };

        """, "db": Planning.zone, "other": Planning.zone,
    ]
    try await withNamed(files) { planning in
      let plan = try await planning.plan()
      #expect(plan.visibleInOtherViews.isEmpty)
      #expect(
        plan.commandLines == [
          "rndc reconfig", Self.flush, "rndc reload contoso.com IN a",
          "rndc reload contoso.com IN b",
        ])
      // One of them has no place for it: then it may rightly not be seen.
      try planning.folder.write("other", Planning.zone + "x NS ns.example.net.\n")
      let held = try await planning.plan()
      #expect(held.troubles == ["held alias x.contoso.com"])
      #expect(held.visibleInOtherViews.contains { $0.alias != nil })
      #expect(!held.commandLines.contains("rndc reload contoso.com IN b"))
    }
  }

  // MARK: Through the forwarders

  @Test("each label that an alias leads to is looked for, without an alias mesos")
  func labels() async throws {
    try await withNamed(aliases: ["x.contoso.com", "y.contoso.com", "z.contoso.com"]) { planning in
      planning.desired.aliases[1].label = "dcos"
      func names(_ expectations: [ReconcileModel.Expectation]) -> [String] {
        expectations.compactMap {
          if case .forwarded(let name, _) = $0 { name.withoutTrailingDot } else { nil }
        }
      }
      let (dcos, mesos) = (
        "dcos.\(Site.ids[0]).dcos.directory", "mesos.\(Site.ids[0]).dcos.directory"
      )
      let plan = try await planning.plan()
      #expect(names(plan.servedAfterwards) == [dcos, mesos] && names(plan.alreadyServed) == [])
      #expect(plan.zoneFiles == ["contoso.com"])
      try planning.write(plan)
      let second = try await planning.plan()
      #expect(names(second.alreadyServed) == [dcos, mesos] && names(second.servedAfterwards) == [])
      planning.desired.aliases = []
      planning.accepted = ["prod"]
      #expect(names(try await planning.plan().alreadyServed) == [mesos])
      // A removal looks at what it changes, and at nothing else.
      planning.operation = .removal(of: ["x.contoso.com"])
      #expect(names(try await planning.plan().alreadyServed) == [])
      // Nor is a cluster looked for of which nothing is believed.
      planning.operation = .reconcile
      planning.unseen = ["prod"]
      #expect(names(try await planning.plan().alreadyServed) == [])
    }
  }
}
