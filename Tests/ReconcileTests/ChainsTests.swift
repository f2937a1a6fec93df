import DCOS
import DNSNames
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// Which chains stand: what is probed in each pass, whatever the masters say and whatever is held.
@Suite("Which chains stand", .timeLimit(.minutes(3)))
struct ChainsTests {
  private static let target = "mesos.\(Site.ids[0]).dcos.directory."

  private func questions(
    _ planning: Planning, believed: [String: ClusterView] = [:]
  ) async throws -> [ChainQuestion] {
    Chains(
      of: planning.desired, on: try await planning.actual(), believed: believed,
      owned: planning.owned
    ).questions
  }

  private func forwarders(_ list: (String, UInt16)...) throws -> [Forwarder] {
    try list.map { Forwarder(try IPAddress($0.0), port: $0.1) }
  }

  @Test("nothing is written → there is no chain") func nothing() async throws {
    try await withPlanning { planning in
      let standing = try await questions(planning)
      #expect(standing.isEmpty)
    }
  }

  @Test("our blocks → the chain that they make, with the cluster's probe and masters")
  func ours() async throws {
    try await withPlanning { planning in
      planning.desired.clusters[0].probe = "web.marathon"
      planning.desired.clusters[0].dnsPort = 5300
      try await planning.carryOut()
      let question = try #require(try await questions(planning).first)
      #expect(
        question
          == ChainQuestion(
            owner: try DomainName("x.contoso.com"), zone: try DomainName("contoso.com"),
            target: try DomainName(Self.target), cluster: "prod", probe: "web.marathon",
            forwarders: try forwarders(("10.0.0.1", 5300))))
      #expect(question.label == "mesos")
    }
  }

  @Test(
    "the cluster has another ID than the alias leads to → it, with the one thing to do; the same one → none"
  )
  func successor() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      let (old, new) = (try ClusterID(Site.ids[0]), try ClusterID(Site.ids[1]))
      func successor(
        believed: String = Site.ids[0], announced: String? = nil
      ) async throws -> SuccessorID? {
        try await Chains(
          of: planning.desired, on: planning.actual(),
          believed: ["prod": Planning.view(believed, ["10.0.0.1"])],
          announced: announced.map { ["prod": try Planning.view($0, ["10.0.0.1"])] } ?? [:]
        ).questions.first?.successor
      }
      #expect(try await successor() == nil)
      planning.desired.clusters[0].source = .fixed(try Planning.view(Site.ids[1], ["10.0.0.1"]))
      let command = "zonebridge run --once --accept prod"
      let given = try #require(try await successor())
      #expect(given.source == .configuration && given.id == new && given.former == old)
      expect(given.remedy, has: command)

      let master = try MasterEndpoint("https://10.0.0.1")
      planning.desired.clusters[0].source = .polled(masters: [master], trust: .system)
      #expect(try await successor() == nil)
      let said = try #require(try await successor(announced: Site.ids[1]))
      #expect(said.source == .masters && said.id == new && said.former == old)
      expect(said.remedy, has: command)
      planning.desired.clusters[0].pinnedID = old
      expect(try await successor(announced: Site.ids[1])?.remedy, has: "into cluster-id")
      planning.desired.clusters[0].pinnedID = nil
      // Its forward zone is there, and the alias is held.
      try planning.folder.write(
        "named.conf",
        try planning.text("named.conf")
          + "zone \"\(new).dcos.directory\" { type forward; forwarders { 10.0.0.7; }; };\n")
      expect(try await successor(believed: Site.ids[1])?.remedy, has: "zonebridge diff")
    }
  }

  @Test("a new ID that is held, another label, other masters → what stands, not what is wanted")
  func standing() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.desired.clusters = [
        try Site.cluster(id: Site.ids[1], masters: ["10.0.0.9"])
      ]
      planning.desired.aliases[0].label = "dcos"
      let question = try #require(
        try await questions(
          planning, believed: ["prod": try Planning.view(Site.ids[1], ["10.0.0.9"])]
        ).first)
      #expect(question.target == (try DomainName(Self.target)))
      #expect(question.forwarders == (try forwarders(("10.0.0.1", 53))))
      #expect(question.cluster == "prod")
    }
  }

  @Test("the alias is gone from the configuration, and its block stands → its chain still counts")
  func notWanted() async throws {
    try await withPlanning { planning in
      try await planning.carryOut()
      planning.desired.aliases = []
      #expect(
        try await questions(planning).map(\.owner) == [try DomainName("x.contoso.com")])
    }
  }

  @Test("written by hand, with a port for all and one for each → the chain of that")
  func byHand() async throws {
    var files = Planning.files
    files["named.conf", default: ""] += """
      zone "\(Site.ids[0]).dcos.directory" {
        type forward; forward only;
        forwarders port 5353 { 10.0.0.7; 10.0.0.8 port 54; fd00::1; };
      };

      """
    files["db", default: ""] += "x 300 IN DNAME \(Self.target)\n"
    try await withPlanning(files) { planning in
      let question = try #require(try await questions(planning).first)
      #expect(question.target == (try DomainName(Self.target)) && question.cluster == "prod")
      #expect(
        question.forwarders
          == (try forwarders(("10.0.0.7", 5353), ("10.0.0.8", 54), ("fd00::1", 5353))))
    }
  }

  @Test("a more specific forward zone by hand → it is what named asks by") func specific()
    async throws
  {
    try await withPlanning { planning in
      try await planning.carryOut()
      try planning.folder.write(
        "named.conf",
        try planning.text("named.conf")
          + "zone \"\(Self.target)\" { type forward; forwarders { 10.9.9.9; }; };\n")
      let question = try #require(try await questions(planning).first)
      #expect(question.forwarders == (try forwarders(("10.9.9.9", 53))))
    }
  }

  @Test("no forward zone in named.conf → the masters that are believed are those to compare with")
  func withoutForwardZone() async throws {
    var files = Planning.files
    files["db", default: ""] += "x 300 IN DNAME \(Self.target)\n"
    try await withPlanning(files) { planning in
      let question = try #require(
        try await questions(
          planning, believed: ["prod": try Planning.view(Site.ids[0], ["10.0.0.1"])]
        ).first)
      #expect(question.forwarders == (try forwarders(("10.0.0.1", 53))))
    }
  }

  @Test("recursion no in a file that options includes → named recurses for nobody")
  func recursionInAnInclude() async throws {
    var files = Planning.files
    files["named.conf", default: ""] = files["named.conf", default: ""]
      .replacing("options {", with: "options { include \"FOLDER/recursion.conf\";")
    files["recursion.conf"] = "recursion no;\n"
    try await withPlanning(files) { planning in
      try await planning.carryOut()
      let question = try #require(try await questions(planning).first)
      #expect(question.forbidsRecursion)
    }
  }

  @Test("a DNAME by hand that leads to no cluster → no chain") func elsewhere()
    async throws
  {
    var files = Planning.files
    files["db", default: ""] += "x 300 IN DNAME www.example.\n"
    try await withPlanning(files) { planning in
      let standing = try await questions(planning)
      #expect(standing.isEmpty)
    }
  }

  @Test("a dynamic zone → what named has in it; if it cannot be read, what we put there")
  func dynamic() async throws {
    try await withPlanning(["named.conf": Planning.dynamic, "db": Planning.zone]) { planning in
      planning.named = "server is up and running\n"
      planning.status["contoso.com"] = Planning.status()
      planning.live["contoso.com"] = .success(
        Planning.zone.replacing("@ NS", with: "x.contoso.com. 60 IN DNAME \(Self.target)\n@ NS"))
      let standing = try await questions(planning)
      #expect(standing.map(\.target) == [try DomainName(Self.target)])
      planning.live["contoso.com"] = .failure(InspectionError("unreadable"))
      let unseen = try await questions(planning)
      #expect(unseen.isEmpty)
      planning.owned.records = [
        OwnedRecords.Record(
          zone: ZoneInView(name: try DomainName("contoso.com")),
          owner: try DomainName("x.contoso.com"), target: try DomainName(Self.target))
      ]
      let remembered = try await questions(planning)
      #expect(remembered.map(\.target) == [try DomainName(Self.target)])
    }
  }

  @Test("views → a chain for each that has the alias, and none is certain to be seen")
  func views() async throws {
    let zone = { (file: String) in
      "zone \"contoso.com\" { type primary; file \"FOLDER/\(file)\"; };"
    }
    let files = [
      "named.conf": """
      options { dnssec-validation no; };
      view "inside" { match-clients { 10.0.0.0/8; }; recursion no; \(zone("in")) };
      view "outside" { \(zone("out")) };

      """,
      "in": Planning.zone, "out": Planning.zone,
    ]
    try await withPlanning(files, views: ["inside"]) { planning in
      try await planning.carryOut()
      let inside = try await questions(planning)
      #expect(inside.map(\.view) == ["inside"])
      #expect(inside.allSatisfy { $0.sight == .none && $0.forbidsRecursion })
      planning.desired.bind.views = nil
      try await planning.carryOut()
      let standing = try await questions(planning)
      #expect(standing.map(\.view) == ["inside", "outside"])
    }
  }

  @Test("a view that borrows the zone → it has the lender's DNAME as well")
  func borrowed() async throws {
    let files = [
      "named.conf": """
      options { dnssec-validation no; };
      view "inside" { match-clients { 10.0.0.0/8; }; zone "contoso.com" { type primary; file "FOLDER/db"; }; };
      view "outside" { zone "contoso.com" { in-view "inside"; }; };

      """, "db": Planning.zone,
    ]
    try await withPlanning(files) { planning in
      try await planning.carryOut()
      let standing = try await questions(planning)
      #expect(standing.map(\.view) == ["inside", "outside"])
    }
  }

  @Test(
    "the views' lists → what answers this host, where the configuration alone tells",
    arguments: [
      ("match-clients { 127.0.0.0/8; };", "", "127.0.0.1:53", true),
      ("match-clients { 10/8; 127/8; };", "", "127.0.0.1:53", true),
      ("match-clients { localhost; };", "", "127.0.0.1:53", true),
      ("", "", "127.0.0.1:53", true),
      ("match-clients { any; };", "", "[::1]:53", true),
      ("match-clients { ::1; };", "", "[::1]:53", true),
      (
        "match-clients { inner; };", "acl inner { 192.168.0.0/16; 127.0.0.1; };", "127.0.0.1:53",
        true
      ),
      ("match-clients { 10.0.0.0/8; };", "", "127.0.0.1:53", false),
      ("match-clients { ! 127.0.0.1; any; };", "", "127.0.0.1:53", false),
      ("match-clients { none; };", "", "127.0.0.1:53", false),
      ("match-clients { key ours; };", "", "127.0.0.1:53", false),
      ("match-clients { 127.0.0.1; };", "", "[::1]:53", false),
      ("match-destinations { 10.0.0.53; };", "", "127.0.0.1:53", false),
      ("match-clients { !inner; any; };", "acl inner { 127/8; };", "127.0.0.1:53", false),
      // What named alone knows, or nobody here.
      ("match-clients { geoip country DE; };", "", "127.0.0.1:53", nil),
      ("match-clients { unheard-of; };", "", "127.0.0.1:53", nil),
      ("match-recursive-only yes;", "", "127.0.0.1:53", nil),
      ("match-clients { any; };", "", "192.0.2.53:53", nil),
      ("match-clients { localnets; };", "", "127.0.0.1:53", true),
      ("match-clients { !localnets; };", "", "127.0.0.1:53", false),
    ] as [(String, String, String, Bool?)])
  func answering(lists: String, acl: String, query: String, isFirst: Bool?) async throws {
    let files = [
      "named.conf": """
      options { dnssec-validation no; };
      \(acl)
      view "inside" { \(lists) };
      view "outside" { };

      """
    ]
    try await withPlanning(files, aliases: []) { planning in
      planning.desired.bind.query = try Endpoint(query)
      let actual = try await planning.actual()
      let sights: [ChainQuestion.Sight] =
        switch isFirst {
        case true?: [.certain, .none]
        case false?: [.none, .certain]
        case nil: [.possible, .possible]
        }
      #expect(["inside", "outside"].map { actual.ownView.sight(of: $0) } == sights)
    }
  }
}
