import DCOS
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What a pass finds in the state directory may be damaged or somebody else's: half of it is not believed.
@Suite("Files of the state directory", .timeLimit(.minutes(5)))
struct StateFileTests {
  private static let zone = "contoso.com."

  /// Every way to damage a file as a whole: its title, its end, its form.
  private static func damaged(_ text: String) -> [String] {
    let rest = text.split(separator: "\n", omittingEmptySubsequences: false)
    return [
      "", "\n", String(text.dropLast()), text + "x", rest.dropFirst().joined(separator: "\n"),
      " " + text, "# somebody else's\n" + rest.dropFirst().joined(separator: "\n"),
      String(text.dropFirst()), text.replacing("\n", with: "\r\n"), String(text.prefix(20)),
    ]
  }

  private func withState(
    _ name: String, write: (StateDirectory) throws -> Void,
    _ body: (TemporaryFolder, String) throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      try write(state(folder))
      try body(folder, try folder.text(name))
    }
  }

  // MARK: Aliases with several clusters

  private func failovers() throws -> FailoverMemories {
    var one = FailoverMemory(cluster: "green", since: 500, seenAt: 900)
    one.moves = 3
    one.lastMove = 480
    one.reason = "blue has been ill for 90 s: named has no answer"
    one.series = [
      "blue": .init(isHealthy: false, since: 400, lasted: 500, passes: 17),
      "green": .init(isHealthy: true, since: 100, lasted: 800, passes: 30),
    ]
    one.choice = .init("green", until: 4_000)
    one.move = .init(to: "blue", at: 900, isAutomatic: true, reason: "x y")
    var two = FailoverMemory(since: 5, seenAt: 6)
    two.isReturning = true
    var three = two
    three.choice = .init("blue")
    three.isReturning = false
    return FailoverMemories(byAlias: [
      try DomainName("web.contoso.com"): one, try DomainName("two.contoso.com"): two,
      try DomainName("three.contoso.com"): three,
    ])
  }

  private func state(_ folder: TemporaryFolder) -> StateDirectory { StateDirectory(folder.path) }

  @Test(
    "what is remembered of aliases with several clusters is written → it is read again; none, and there is no file"
  )
  func failoversAreKept() async throws {
    let memories = try failovers()
    try await withState("failovers", write: { try memories.write(in: $0) }) {
      folder, text in
      #expect(FailoverMemories.read(in: state(folder)) == memories)
      #expect(text.split(separator: "\n").count == 10)
      try FailoverMemories().write(in: state(folder))
      #expect(FailoverMemories.read(in: state(folder)) == FailoverMemories())
      #expect(try !folder.names().contains("failovers"))
    }
  }

  @Test(
    "a file that is damaged → nothing of it is believed; a line that is → only that alias, or that line, is lost"
  )
  func damagedFailovers() async throws {
    let memories = try failovers()
    try await withState("failovers", write: { try memories.write(in: $0) }) {
      folder, text in
      for damaged in Self.damaged(text) {
        try folder.write("failovers", damaged)
        #expect(FailoverMemories.read(in: state(folder)) == FailoverMemories(), "\(damaged)")
      }
      let web = try DomainName("web.contoso.com")
      let two = try DomainName("two.contoso.com")
      for (old, new) in [
        ("\tgreen\t500\t", "\tgreen\tsoon\t"), ("\t480\t", "\t4 80\t"),
        ("alias\tweb.", "alias\t.web."),
      ] {
        try folder.write("failovers", text.replacing(old, with: new))
        let read = FailoverMemories.read(in: state(folder))
        #expect(read.byAlias[web] == nil && read.byAlias[two] == memories.byAlias[two], "\(new)")
      }
      for (old, new) in [
        ("\till\t", "\tsick\t"),
        ("choice\tweb.contoso.com.\tgreen\t4000", "later\tweb.contoso.com.\tgreen\t4000"),
      ] {
        try folder.write("failovers", text.replacing(old, with: new))
        let read = try #require(FailoverMemories.read(in: state(folder)).byAlias[web])
        #expect(read != memories.byAlias[web] && read.cluster == "green" && read.moves == 3)
      }
    }
  }

  // MARK: Records of dynamic zones

  private func owned() throws -> OwnedRecords {
    func record(_ owner: String, _ view: String? = nil) throws -> OwnedRecords.Record {
      .init(
        zone: ZoneInView(name: try DomainName(Self.zone), view: view),
        owner: try DomainName(owner), target: try DomainName("mesos.\(Site.ids[0]).dcos.directory"))
    }
    return OwnedRecords(records: [
      try record("x.contoso.com"), try record("y.contoso.com", "inside"),
      try record("z.contoso.com", "two words"),
    ])
  }

  @Test("our records are written → they are read again, views with blanks too, in a fixed order")
  func records() async throws {
    let owned = try owned()
    try await withState("dynamic-records", write: owned.write) { folder, text in
      #expect(OwnedRecords.read(in: StateDirectory(folder.path)) == owned)
      let lines = text.split(separator: "\n").dropFirst().map(String.init)
      #expect(lines == lines.sorted() && lines.count == 3)
      #expect(lines[2].hasSuffix("dcos.directory. two words"))
      let zone = ZoneInView(name: try DomainName("CONTOSO.com"), view: "inside")
      #expect(owned.records(in: zone).map(\.owner) == [try DomainName("y.contoso.com")])
      try OwnedRecords().write(in: StateDirectory(folder.path))
      #expect(OwnedRecords.read(in: StateDirectory(folder.path)) == OwnedRecords())
    }
  }

  @Test("one of our records is damaged → none is believed: a stranger's might be taken out")
  func damagedRecords() async throws {
    try await withState("dynamic-records", write: try owned().write) { folder, text in
      let target = "mesos.\(Site.ids[0]).dcos.directory."
      let lines = [
        "contoso.com. x.contoso.com.", "contoso..com. x.contoso.com. \(target)",
        "contoso.com. .x.contoso.com. \(target)", "contoso.com. x.contoso.com. \(target).",
        "contoso.com.", "", " ", "x",
      ]
      for line in lines {
        for place in ["front", "back"] {
          let title = try #require(text.split(separator: "\n").first)
          let rest = text.dropFirst(title.count + 1)
          let damaged =
            place == "front" ? "\(title)\n\(line)\n\(rest)" : "\(title)\n\(rest)\(line)\n"
          try folder.write("dynamic-records", damaged)
          #expect(
            OwnedRecords.read(in: StateDirectory(folder.path)) == OwnedRecords(),
            "\(place): \(line)")
        }
      }
      for text in Self.damaged(text) {
        try folder.write("dynamic-records", text)
        #expect(OwnedRecords.read(in: StateDirectory(folder.path)) == OwnedRecords(), "\(text)")
      }
      try removeFile(folder.path.appending("dynamic-records"))
      #expect(OwnedRecords.read(in: StateDirectory(folder.path)) == OwnedRecords())
    }
  }

  // MARK: Zones with blocks

  @Test("a list of zones is damaged → there is none, and every zone file is looked through")
  func blockIndex() async throws {
    let blockIndex = BlockIndex(zones: [try DomainName("b.example"), try DomainName("a.example")])
    try await withState("zones", write: blockIndex.write) { folder, text in
      #expect(text.hasSuffix("\na.example.\nb.example.\n"))
      #expect(BlockIndex.read(in: StateDirectory(folder.path)) == blockIndex)
      for text in Self.damaged(text) + [text + "a..b\n", text + "\n", text + "a b..\n"] {
        try folder.write("zones", text)
        #expect(BlockIndex.read(in: StateDirectory(folder.path)) == nil, "\(text)")
      }
      try BlockIndex(zones: []).write(in: StateDirectory(folder.path))
      #expect(
        BlockIndex.read(in: StateDirectory(folder.path)) == BlockIndex(zones: []),
        "none is not unknown")
      try removeFile(folder.path.appending("zones"))
      #expect(BlockIndex.read(in: StateDirectory(folder.path)) == nil)
    }
  }

  @Test("what a plan changes and what has blocks → both are looked through the next time")
  func footprintOfPlan() async throws {
    let files = [
      "named.conf": Planning.conf
        + "zone \"other.example\" { type primary; file \"FOLDER/other\"; };\n"
        + "zone \"third.example\" { type primary; file \"FOLDER/third\"; };\n",
      "db": Planning.zone, "other": Planning.zone, "third": Planning.zone,
    ]
    try await withPlanning(files) { planning in
      try await planning.carryOut()
      planning.desired.aliases = [Alias(owner: try DomainName("y.other.example"), cluster: "prod")]
      let actual = try await planning.actual()
      let blockIndex = actual.blockIndex(with: try planning.plan(of: actual))
      // Of contoso.com the block goes, of which the next pass has to see that it is gone.
      #expect(blockIndex.zones == [try DomainName("contoso.com"), try DomainName("other.example")])
    }
  }

  // MARK: Clusters

  private func memories() throws -> ClusterMemories {
    var memories = ClusterMemories()
    memories.byName["lab"] = ClusterMemory(
      view: try Planning.view(Site.ids[2], ["10.0.0.9"]), agreedAt: 9)
    memories.byName["prod"] = ClusterMemory(
      view: try Planning.view(Site.ids[0], ["10.0.0.1", "fd00::2"]), agreedAt: 7,
      pending: .init(
        view: try Planning.view(Site.ids[1], []), since: 5, rounds: 2, unanimousRounds: 1))
    return memories
  }

  @Test("one field of what is known of a cluster is damaged → it is not known, and others are")
  func damagedMemories() async throws {
    let memories = try memories()
    try await withState(
      "clusters", write: { try memories.write(in: $0, over: ClusterMemories()) }
    ) { folder, text in
      #expect(ClusterMemories.read(in: StateDirectory(folder.path)) == memories)
      let lines = text.split(separator: "\n").map(String.init)
      let fields = lines[2].split(separator: " ").map(String.init)
      #expect(fields.count == 9 && fields[8] == "-")
      func read(_ fields: [String]) throws -> ClusterMemories {
        try folder.write(
          "clusters",
          [lines[0], lines[1], fields.joined(separator: " "), ""].joined(separator: "\n"))
        return ClusterMemories.read(in: StateDirectory(folder.path))
      }
      #expect(try read(fields) == memories)
      for index in 1..<9 {
        for damage in ["x", fields[index] + "x", "1.5", "10.0.0.1,,x", "10.0.0.1,10.0.0"] {
          var damaged = fields
          damaged[index] = damage
          let known = try read(damaged).byName
          #expect(known["prod"] == nil, "\(damaged)")
          #expect(known["lab"] == memories.byName["lab"])
        }
      }
      for count in [1, 2, 3, 5, 6, 7, 8, 10] {
        let some = Array((fields + ["more"]).prefix(count))
        #expect(try read(some).byName.keys.sorted() == ["lab"], "\(some)")
      }
      // As long as what is doubted is left out as a whole, the rest is known.
      #expect(try read(Array(fields.prefix(4))).byName["prod"]?.pending == nil)
      #expect(
        try read(Array(fields.prefix(4))).byName["prod"]?.view == memories.byName["prod"]?.view)
      for text in Self.damaged(text) {
        try folder.write("clusters", text)
        #expect(
          ClusterMemories.read(in: StateDirectory(folder.path)) == ClusterMemories(), "\(text)")
      }
    }
  }

  @Test(
    "what is known of a cluster changes → written, whichever part of it",
    arguments: ["none", "masters", "ID", "doubt", "count of doubts", "doubt gone", "gone", "new"])
  func written(change: String) async throws {
    let old = try memories()
    var new = old
    switch change {
    case "masters":
      new.byName["lab"]?.view = try Planning.view(Site.ids[2], ["10.0.0.9", "10.0.0.10"])
    case "ID": new.byName["lab"]?.view = try Planning.view(Site.ids[1], ["10.0.0.9"])
    case "doubt":
      new.byName["lab"]?.pending = .init(view: try Planning.view(Site.ids[1], []), since: 1)
    case "count of doubts": new.byName["prod"]?.pending?.rounds += 1
    case "doubt gone": new.byName["prod"]?.pending = nil
    case "gone": new.byName["lab"] = nil
    case "new": new.byName["test"] = old.byName["lab"]
    default: break
    }
    try await withTemporaryFolder { folder in
      try new.write(in: StateDirectory(folder.path), over: old)
      #expect(try folder.names() == (change == "none" ? [] : ["clusters"]))
      if change != "none" { #expect(ClusterMemories.read(in: StateDirectory(folder.path)) == new) }
    }
  }

  // MARK: RevertedChanges

  @Test("one field of a reverted change is damaged → it is left out, and the others are still held")
  func damagedSetbacks() async throws {
    var revertedChanges = RevertedChanges()
    revertedChanges.note(.alias("x"), digest: "d", fingerprint: "c", reason: "r", at: 5)
    revertedChanges.note(.cluster("prod"), digest: nil, fingerprint: "", reason: "", at: -5)
    let all = revertedChanges
    try await withState("setbacks", write: all.write) { folder, text in
      #expect(RevertedChanges.read(in: StateDirectory(folder.path)) == all)
      let lines = text.split(separator: "\n").map(String.init)
      #expect(lines[1] == "alias\tx\td\tc\t1\t5\tr")
      #expect(lines[2] == "cluster\tprod\t-\t\t1\t-5\t")
      func read(_ line: String) throws -> [String] {
        try folder.write("setbacks", [lines[0], line, lines[2], ""].joined(separator: "\n"))
        return RevertedChanges.read(in: StateDirectory(folder.path)).all.map(\.subject.description)
      }
      #expect(try read(lines[1]) == ["alias x", "cluster prod"])
      for line in [
        "aliases\tx\td\tc\t1\t5\tr", "\tx\td\tc\t1\t5\tr", "alias\tx\td\tc\t\t5\tr",
        "alias\tx\td\tc\tone\t5\tr", "alias\tx\td\tc\t1\t5.5\tr", "alias\tx\td\tc\t1\t\tr",
        "alias\tx\td\tc\t1\t5", "alias\tx\td\tc\t1\t5\tr\tmore", "alias x d c 1 5 r", "", "x",
        "alias\tx\td\tc\t1\t99999999999999999999\tr",
      ] { #expect(try read(line) == ["cluster prod"], "\(line)") }
      for text in Self.damaged(text) {
        try folder.write("setbacks", text)
        #expect(
          RevertedChanges.read(in: StateDirectory(folder.path)) == RevertedChanges(), "\(text)")
      }
    }
  }

  @Test(
    "a subject as it is written in a plan → the same subject is read; anything else → none",
    arguments: [
      ("cluster prod", .cluster("prod")), ("alias a.b", .alias("a.b")), ("zone z", .zone("z")),
      ("dnssec validate-except", .exemption), ("dnssec", nil), ("named x", nil), ("", nil),
      ("Cluster prod", nil), ("exemption -", .exemption),
    ] as [(String, Subject?)])
  func subjects(text: String, subject: Subject?) {
    #expect(Subject(text) == subject)
  }

  @Test("reverted by an operator after an automatic revert → counted from the beginning")
  func counting() {
    var revertedChanges = RevertedChanges()
    for digest in ["a", "a", nil, "a"] {
      revertedChanges.note(.alias("x"), digest: digest, fingerprint: "c", reason: "r", at: 7)
    }
    #expect(revertedChanges[.alias("x")]?.attempts == 1 && revertedChanges.all.count == 1)
    revertedChanges.note(.cluster("x"), digest: "a", fingerprint: "c", reason: "r", at: 7)
    #expect(revertedChanges.all.map(\.subject) == [.alias("x"), .cluster("x")])
    revertedChanges[.alias("x")] = nil
    #expect(revertedChanges.all.map(\.subject) == [.cluster("x")])
  }
}

/// What is written into BIND's files, to the letter: scripts and the next pass read it.
@Suite("Texts that are written", .timeLimit(.minutes(5)))
struct RecipeTests {
  @Test("a digest → the first twelve digits of SHA-256, none of them left out")
  func digests() {
    #expect(blockDigest([]) == "e3b0c44298fc")
    #expect(blockDigest(Array("abc".utf8)) == "ba7816bf8f01")
  }

  @Test("a forward zone → forward only, to the masters, with the port where it is another")
  func forwardZone() throws {
    let id = try ClusterID(Site.ids[0])
    let addresses = [try IPAddress("10.0.0.1"), try IPAddress("fd00::1")]
    #expect(
      Recipe.forwardZone(id: id, forwarders: addresses, port: 53) == [
        "zone \"\(Site.ids[0]).dcos.directory\" {", "\ttype forward;", "\tforward only;",
        "\tforwarders { 10.0.0.1; fd00::1; };", "};",
      ])
    #expect(
      Recipe.forwardZone(id: id, forwarders: addresses, port: 5353)[3]
        == "\tforwarders { 10.0.0.1 port 5353; fd00::1 port 5353; };")
  }

  @Test(
    "an alias, a lent zone, a made zone, exceptions → absolute names, whatever stands above them")
  func others() throws {
    let alias = Alias(owner: try DomainName("X.contoso.com"), cluster: "prod", label: "l", ttl: 7)
    let target = try Recipe.target(label: "l", id: try ClusterID(Site.ids[0]))
    #expect(target.description == "l.\(Site.ids[0]).dcos.directory.")
    #expect(Recipe.alias(alias, target: target) == ["X.contoso.com. 7 IN DNAME \(target)"])
    #expect(throws: DomainNameError.self) {
      try Recipe.target(label: String(repeating: "l", count: 64), id: try ClusterID(Site.ids[0]))
    }
    let zone = try DomainName("a.example")
    #expect(
      Recipe.lentZone(zone, from: "in") == ["zone \"a.example\" {", "\tin-view \"in\";", "};"])
    #expect(
      Recipe.zoneStatement(zone, file: "/db")
        == ["zone \"a.example\" {", "\ttype primary;", "\tfile \"/db\";", "};"])
    #expect(
      Recipe.exceptions([try DomainName("a"), try DomainName("b")]) == [
        "validate-except {", "\t\"a\";", "\t\"b\";", "};",
      ])
  }

  @Test("a zone that is made → the timers that the guide promises, and the contact as a name")
  func madeZone() throws {
    let made = CreatedZone(
      file: "/db", primary: try DomainName("ns.example.net"),
      contact: try DomainName("host\\.master.example.net"))
    let text = String(
      decoding: made.zoneFile(for: try DomainName("a.example"), serial: SerialNumber(5)),
      as: UTF8.self)
    #expect(
      text == """
        ; Zone a.example, made by zonebridge. It is yours: outside the managed block
        ; only the serial is ever touched again.
        $TTL 3600
        @\tIN SOA ns.example.net. host\\.master.example.net. (
        \t\t5\t; serial
        \t\t3600\t; refresh
        \t\t900\t; retry
        \t\t1209600\t; expire
        \t\t60 )\t; negative TTL
        @\tIN NS ns.example.net.

        """)
  }
}
