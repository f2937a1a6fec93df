import DCOS
import DNSNames
import SystemPackage
import TestSupport
import Testing

@testable import Named
@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// What named answers, as a test says it.
private func answer(
  _ rcode: ResponseCode = .noError, aa: Bool = true, ra: Bool = true,
  _ answers: [ResourceRecord] = [], authority: [ResourceRecord] = []
) -> Result<DNSAnswer, DNSError> {
  .success(
    DNSAnswer(
      rcode: rcode, isAuthoritative: aa, isRecursionAvailable: ra, isTruncated: false,
      answers: answers, authority: authority, transport: .udp))
}

private func answer(_ answers: [ResourceRecord]) -> Result<DNSAnswer, DNSError> {
  answer(.noError, answers)
}

private func record(
  _ owner: String, _ type: RecordType, _ fields: String, ttl: UInt32 = 60
) -> ResourceRecord {
  // A slip of the pen is the root's, so that the test fails.
  ResourceRecord(
    owner: (try? DomainName(owner)) ?? .root, ttl: ttl, type: type,
    fields: fields.split(separator: " ").map(String.init))
}

private func soa(_ serial: UInt32, _ numbers: String = "3600 900 1209600 60") -> ResourceRecord {
  record("contoso.com.", "SOA", "ns. h. \(serial) \(numbers)")
}

private func refused() throws -> Result<DNSAnswer, DNSError> {
  .failure(.connectionRefused(try Endpoint("127.0.0.1:53"), .udp))
}

extension Finding.State: CustomTestStringConvertible {
  public var testDescription: String { rawValue }
}

private let target = "mesos.\(Site.ids[0]).dcos.directory."

/// A site after a pass, whose named is there to be asked, as far as the links can tell.
private func withFacts(
  zone: String = "", statements: String = "", views: [String]? = nil, passes: Bool = true,
  _ body: (Site, DiagnosisFacts) async throws -> Void
) async throws {
  let conf =
    views == nil
    ? "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n\(statements)"
    : """
    view inside { match-clients { 10.0.0.0/8; }; zone "contoso.com" { type primary; file "FOLDER/db"; }; };
    view outside { zone "x" { type hint; file "/usr/share/dns/root.hints"; }; };
    \(statements)
    """
  let db = "$TTL 60\n@ SOA ns.x. h.x. 41 3600 900 1209600 60\n@ NS ns.x.\n\(zone)"
  try await withSite(
    ["named.conf": conf, "db": db], views: views, aliases: ["x.contoso.com"]
  ) { site in
    if passes { try await site.pass() }
    let proposal = try await site.propose()
    var facts = DiagnosisFacts(desired: site.desired, tools: .success(try NamedTools.locate()))
    facts.actual = proposal.actual
    facts.plan = proposal.plan
    facts.observations = proposal.observations
    facts.desired.bind.reload = .rndc(RemoteControlSettings())
    facts.findObstacles()
    facts.named = .success(
      NamedStatus(parsing: "configuration file: \(site.desired.bind.namedConf)\n"))
    try await body(site, facts)
  }
}

@Suite("check: aliases, link by link", .timeLimit(.minutes(2)))
struct CheckAliasTests {
  /// What the links say of the standing alias's chain, for what named answers and a master has.
  private func links(
    _ facts: DiagnosisFacts, record: Result<DNSAnswer, DNSError> = answer([Self.dname]),
    fresh: Result<DNSAnswer, DNSError> = answer(.nameError, authority: [Self.zone]),
    address: Result<DNSAnswer, DNSError> = answer([Self.address])
  ) throws -> [Finding] {
    var facts = facts
    let standing = Chains(of: facts.desired, on: try #require(facts.actual)).questions
    facts.chains = standing.map { question in
      var evidence = ChainEvidence(
        question: question, names: ChainNames(question, label: "fresh"))
      evidence.dname = record
      evidence.fresh = fresh
      evidence.a = address
      evidence.aaaa = answer()
      evidence.masters = question.forwarders.map {
        ChainEvidence.Master(forwarder: $0, a: answer([Self.address]), aaaa: answer())
      }
      return evidence.chain
    }
    return AliasCheck(facts: facts).findings
  }

  private static let address = record("leader.mesos.", "A", "10.0.0.1")
  private static let dname = record("X.contoso.com.", "DNAME", target)
  private static let zone = record(target, "SOA", "ns. h. 1 1 1 1 1")

  @Test("the chain holds → each link is ok; the DNAME is another → broken, with what helps")
  func dnames() async throws {
    try await withFacts { _, facts in
      let sound = try links(facts).prefix(3)
      #expect(sound.map(\.state) == [.ok, .ok, .ok] && sound.allSatisfy(\.remedy.isEmpty))
      #expect(
        sound.map(\.subject) == [
          "x.contoso.com DNAME", "x.contoso.com forward zone", "x.contoso.com address",
        ])
      #expect(sound[0].finding == "leads to \(target)")
      #expect(
        sound[2].finding == "named answers for leader.x.contoso.com as a master does")

      let other = "mesos.\(Site.ids[1]).dcos.directory."
      let broken: [(Result<DNSAnswer, DNSError>, String)] = [
        (answer(.nameError), "NXDOMAIN"), (answer(), "NOERROR"), (answer(.refused), "REFUSED"),
        (answer([record("y.contoso.com.", "DNAME", target)]), "no DNAME"),
        (answer([record("x.contoso.com.", "CNAME", target)]), "no DNAME"),
        (answer([record("x.contoso.com.", "DNAME", other)]), "and not to \(target)"),
        (try refused(), "nothing listens"),
      ]
      for (answer, words) in broken {
        let links = try links(facts, record: answer)
        #expect(links[0].state == .broken && links[0].finding.contains(words), "\(links[0])")
        #expect(!links[0].remedy.isEmpty)
        #expect(links[2].state == .skipped && links[2].remedy.isEmpty, "it rests on the DNAME")
      }
      var moved = facts
      moved.desired.aliases[0].label = "l4lb"
      let astray = try links(moved)[0]
      #expect(astray.state == .broken)
      expect(astray.finding, has: "it leads to \(target), and should lead to l4lb.")
      expect(astray.remedy, has: "zonebridge diff")
    }
  }

  @Test("an alias without a DNAME → broken, with the command that writes it") func unwritten()
    async throws
  {
    try await withFacts(passes: false) { _, facts in
      let links = try links(facts)
      // No pass has written anything yet.
      #expect(links[0].state == .pending && links[1].state == .skipped)
      expect(links[0].remedy, has: "zonebridge run --once writes it")
      #expect(links.allSatisfy { $0.about == "alias x.contoso.com" })
    }
  }

  @Test("a TTL above an hour → told") func lifetime() async throws {
    try await withFacts { _, facts in
      for (ttl, isTold) in [(3600, false), (3601, true)] as [(UInt32, Bool)] {
        var facts = facts
        facts.desired.aliases[0].ttl = ttl
        let told = try links(facts).filter { $0.subject.hasSuffix(" TTL") }
        #expect(told.map(\.state) == (isTold ? [.warning] : []))
      }
    }
  }

  @Test("another address than a master has → broken; where named does not recurse for us → skipped")
  func addresses() async throws {
    try await withFacts { _, facts in
      func state(_ address: Result<DNSAnswer, DNSError>) throws -> Finding.State {
        try links(facts, address: address)[2].state
      }
      #expect(try state(answer([Self.address])) == .ok)
      for wrong in [
        answer([record("leader.mesos.", "A", "10.9.9.9")]), answer(), answer(.serverFailure),
        answer(.nameError), answer(.refused), try refused(),
      ] {
        #expect(try state(wrong) == .broken)
      }
      let blind = try links(facts, fresh: answer(.refused, ra: false))
      #expect(
        blind[1].state == .skipped && blind[2].state == .skipped, "recursion is told elsewhere")
      let dead = try links(facts, fresh: answer(.serverFailure))
      #expect(dead[1].state == .broken && dead[2].state == .skipped)
    }
  }

  @Test("named not asked, or an ID that nobody knows → skipped, and nothing is called broken")
  func unasked() async throws {
    try await withFacts(passes: false) { _, facts in
      var silent = facts
      silent.desired.bind.reload = .none
      let none = AliasCheck(facts: silent).findings
      #expect(none[0].state == .skipped && none[0].finding.contains("bind.reload: none"))
      var unknown = facts
      unknown.plan = nil
      unknown.observations = [:]
      let links = try links(unknown)
      #expect(links[0].state == .skipped && links[0].finding.contains("the ID of prod"))
      #expect(!links.contains { $0.state == .broken })
    }
  }

  @Test("this host may be answered out of another view → not called broken for that") func views()
    async throws
  {
    try await withFacts(views: ["inside"]) { _, facts in
      let links = try links(facts, record: answer(.nameError)).prefix(3)
      #expect(links.map(\.state) == [.skipped, .skipped, .skipped])
      #expect(links.first?.subject == "x.contoso.com DNAME in view inside")
    }
  }

  @Test("names below an alias → told, unless its allow says so; none → none") func hidden()
    async throws
  {
    try await withFacts(passes: false) { _, facts in
      let none = try links(facts).filter { $0.subject.hasSuffix("hides") }
      #expect(none.map(\.state) == [.ok] && none[0].finding == "no names")
    }
    let names = (1...6).map { "n\($0).x A 192.0.2.1\n" }.joined()
    let below = "zone \"z.x.contoso.com\" { type hint; file \"/usr/share/dns/root.hints\"; };\n"
    try await withFacts(zone: names, statements: below, passes: false) { _, facts in
      func hidden(_ facts: DiagnosisFacts) throws -> Finding {
        try #require(
          try links(facts).first { $0.subject.hasSuffix("hides") })
      }
      let link = try hidden(facts)
      #expect(link.state == .warning && link.finding.contains("n1.x.contoso.com"))
      #expect(link.finding.hasSuffix(" and others") && link.remedy.contains("hides-names"))
      var allowed = facts
      allowed.desired.aliases[0].allow = [.hidesNames]
      #expect(try hidden(allowed).state == .ok)
      #expect(try hidden(allowed).finding.hasSuffix("its allow permits that"))
    }
    try await withFacts(statements: below, passes: false) { _, facts in
      let link = try #require(
        try links(facts).first { $0.subject.hasSuffix("hides") })
      #expect(link.state == .warning && link.finding.contains("z.x.contoso.com (a zone)"))
      #expect(!link.finding.contains("and others"))
    }
  }

  @Test(
    "what a pass holds for an alias → a warning; what failed → broken; another's → not told here")
  func problems() async throws {
    try await withFacts { _, facts in
      var facts = facts
      facts.plan?.problems = [
        Problem(severity: .held, subject: "alias x.contoso.com", reason: "r", remedy: "c"),
        Problem(severity: .failed, subject: "alias x.contoso.com", reason: "r", remedy: "c"),
        Problem(severity: .failed, subject: "alias y.contoso.com", reason: "r", remedy: "c"),
      ]
      let links = try links(facts).filter { $0.remedy == "c" }
      #expect(links.map(\.state) == [.warning, .broken])
    }
  }
}

@Suite(
  "check: forward zones, serials and the control channel, link by link", .timeLimit(.minutes(2)))
struct CheckNamedTests {
  private func forwarded(
    _ facts: DiagnosisFacts, _ result: Result<DNSAnswer, DNSError>, silent: [String: Bool] = [:]
  ) throws -> Finding {
    var facts = facts
    facts.resolver.answers["prod"] = [.init(name: try DomainName(target), result: result)]
    for (cluster, isSilent) in silent {
      facts.forwarderProbes[cluster] = ClusterForwarderProbe(
        replies: [(try IPAddress("10.0.0.1"), isSilent ? "no answer" : nil)])
    }
    let links = ForwardZoneCheck(facts: facts).findings
    try #require(links.count == 1)
    return links[0]
  }

  @Test(
    "a forward zone through which named answers → holds; each other answer → told, with what helps")
  func forwardZone() async throws {
    try await withFacts { _, facts in
      let sound = try forwarded(facts, answer(aa: false, [soa(1)]))
      #expect(sound.state == .ok && sound.remedy.isEmpty)
      let table: [(Result<DNSAnswer, DNSError>, String)] = [
        (answer(.serverFailure), "validation"), (answer(.nameError), "rndc reconfig"),
        (answer(.refused), "log"), (answer(), "log"), (answer([soa(1)]), "log"),
        (answer([record("a.", "A", "10.0.0.1")]), "log"),
        (answer(.refused, ra: false), "allow-recursion"),
        (answer(.nameError, ra: false, [soa(1)]), "allow-recursion"), (try refused(), "down"),
      ]
      for (answer, words) in table {
        let link = try forwarded(facts, answer)
        #expect(link.state == .broken && link.remedy.contains(words), "\(link)")
      }
      #expect(
        try forwarded(facts, answer(.serverFailure), silent: ["prod": false, "lab": true]).state
          == .broken)
      let silent = try forwarded(facts, answer(.serverFailure), silent: ["prod": true])
      #expect(silent.state == .skipped && silent.finding.contains("none of its masters"))
      var unasked = facts
      unasked.desired.bind.reload = .none
      #expect(try forwarded(unasked, answer(.serverFailure)).state == .skipped)
      unasked.desired.bind.reload = facts.desired.bind.reload
      unasked.silence = .invalidName("x")
      #expect(try forwarded(unasked, answer(.serverFailure)).state == .skipped)
      var unread = facts
      unread.actual = nil
      #expect(try forwarded(unread, answer(.serverFailure)).state == .skipped)
    }
    try await withFacts(passes: false) { _, facts in
      let link = try forwarded(facts, answer([soa(1)]))
      // No pass has written anything yet.
      #expect(link.state == .pending && link.finding.contains("has none"))
      #expect(link.remedy.contains("run --once"))
      var unknown = facts
      unknown.plan = nil
      unknown.observations = [:]
      #expect(try forwarded(unknown, answer([soa(1)])).state == .skipped)
    }
    try await withFacts(views: ["inside"]) { _, facts in
      let (unseen, seen) = (
        try forwarded(facts, answer(.refused)), try forwarded(facts, answer(aa: false, [soa(1)]))
      )
      #expect(unseen.state == .skipped && seen.state == .ok)
    }
  }

  /// The link about a zone whose file has serial 41.
  private func serial(
    _ facts: DiagnosisFacts, loaded: String, served: Result<DNSAnswer, DNSError>
  ) throws -> Finding {
    var zone = try #require(facts.aliasZones.first)
    zone.status = loaded.isEmpty ? nil : ZoneStatus(parsing: loaded)
    let probe = ZoneProbe(zone: zone, authority: served, servers: [])
    var facts = facts
    facts.zoneProbes = [probe]
    return try #require(SerialCheck(facts: facts).findings.first)
  }

  @Test(
    "file, named and answer of one serial → holds; one of them behind or ahead → told, with what helps"
  )
  func serials() async throws {
    try await withFacts(passes: false) { _, facts in
      let sound = try serial(facts, loaded: "serial: 41\n", served: answer([soa(41)]))
      #expect(sound.state == .ok && sound.finding == "file, named and the answer have serial 41")
      let signed = "serial: 41\nsigned serial: 55\n"
      #expect(try serial(facts, loaded: signed, served: answer([soa(55)])).state == .ok)
      #expect(try serial(facts, loaded: signed, served: answer([soa(41)])).state == .broken)
      let behind = try serial(facts, loaded: "serial: 40\n", served: answer([soa(40)]))
      #expect(behind.state == .warning && behind.remedy == "rndc reload contoso.com")
      // By RFC 1982: 41 comes after 4294967295 and 2147483690, not after 2147483688.
      for loaded in ["4294967295", "2147483690"] {
        let wrapped = try serial(facts, loaded: "serial: \(loaded)\n", served: answer([soa(41)]))
        #expect(wrapped.state == .warning)
      }
      let ahead = try serial(facts, loaded: "serial: 42\n", served: answer([soa(42)]))
      #expect(ahead.state == .broken && ahead.remedy.contains("above 42"))
      #expect(
        try serial(facts, loaded: "serial: 2147483688\n", served: answer([soa(41)])).state
          == .broken)
      let other = try serial(facts, loaded: "serial: 41\n", served: answer([soa(40)]))
      #expect(other.state == .broken && other.remedy.contains("bind.query"))
      for silence in [answer(aa: false, [soa(41)]), answer(), answer(.refused), try refused()] {
        let link = try serial(facts, loaded: "serial: 41\n", served: silence)
        #expect(link.state == .broken && link.remedy.contains("allow-query"))
      }
      let unloaded = try serial(facts, loaded: "", served: answer([soa(41)]))
      #expect(unloaded.state == .broken && unloaded.remedy.contains("named-checkzone contoso.com"))
      #expect(
        try serial(facts, loaded: "type: primary\n", served: answer([soa(41)])).state == .broken)
      // Of a dynamic zone named has the last word, and may be a step ahead of what was just asked.
      let dynamic = "serial: 40\ndynamic: yes\n"
      #expect(try serial(facts, loaded: dynamic, served: answer([soa(43)])).state == .ok)

      var foreign = facts
      foreign.named = .success(NamedStatus(parsing: "configuration file: /etc/passwd\n"))
      #expect(
        try serial(foreign, loaded: "serial: 40\n", served: answer([soa(1)])).state == .skipped)
      foreign.named = .failure(.unreachable("x"))
      #expect(
        try serial(foreign, loaded: "serial: 40\n", served: answer([soa(1)])).state == .skipped)
      var silent = facts
      silent.silence = .invalidName("x")
      let unseen = try serial(silent, loaded: "serial: 41\n", served: try refused())
      #expect(unseen.state == .ok && unseen.finding.contains("the answer over DNS is"))
    }
    try await withFacts(views: ["inside"], passes: false) { _, facts in
      let link = try serial(facts, loaded: "serial: 41\n", served: try refused())
      #expect(link.state == .ok, "which view answers here is not to be told")
      let behind = try serial(facts, loaded: "serial: 40\n", served: try refused())
      #expect(behind.remedy == "rndc reload contoso.com IN inside")
    }
  }

  @Test(
    "timers at their limits → nothing; one beyond → each told",
    arguments: [
      ("60 60 61 60", []), ("59 60 61 60", ["refresh"]), ("60 59 61 60", ["refresh"]),
      ("60 60 60 60", ["expire"]), ("86400 900 86401 3600", []),
      ("86401 900 86402 3600", ["refresh"]), ("3600 900 1209600 3601", ["negative"]),
    ] as [(String, [String])])
  func timers(numbers: String, words: [String]) throws {
    let soa = try #require(SOA("ns. h. 1 \(numbers)".split(separator: " ").map(String.init)))
    let objections = SerialCheck.objections(to: soa)
    #expect(objections.map { String($0.0.split(separator: " ")[0]) } == words)
    #expect(objections.allSatisfy { !$0.1.isEmpty })
  }

  @Test("whose file the named on the control channel reads, and when it did")
  func configuration() async throws {
    try await withFacts { site, facts in
      func link(_ fields: String) -> Finding? {
        let links = ControlCheck(facts: facts).configuration(NamedStatus(parsing: fields))
        return links.count == 1 ? links[0] : nil
      }
      let own = "configuration file: \(site.desired.bind.namedConf)\n"
      let late = "last configured: Tue, 24 Nov 2099 08:29:15 GMT\n"
      let early = "last configured: Tue, 24 Nov 2020 08:29:15 GMT\n"
      #expect(link(own + late)?.state == .ok)
      #expect(
        link(own + early)?.state == .warning
          && link(own + early)?.remedy.contains("rndc reconfig") == true)
      #expect(link(own)?.state == .skipped)
      let other = link("configuration file: /etc/passwd\n" + late)
      #expect(other?.state == .broken && other?.remedy.contains("bind.rndc") == true)
      #expect(link(late)?.state == .ok, "one that does not tell its file is taken at its word")
      var unread = facts
      unread.actual = nil
      #expect(ControlCheck(facts: unread).configuration(NamedStatus(parsing: own + late)).isEmpty)
    }
  }

  @Test("the control channel up, starting, silent, or not to be asked")
  func control() async throws {
    try await withFacts { _, facts in
      var facts = facts
      // Nothing is asked over DNS by it.
      facts.silence = .invalidName("x")
      func links(_ named: Result<NamedStatus, RemoteControlError>?) async -> [Finding] {
        facts.named = named
        return await ControlCheck(facts: facts).findings
      }
      let up = await links(.success(NamedStatus(parsing: "server is up and running\n")))
      #expect(up[0].state == .ok && up.last?.state == .broken)
      #expect(await links(.success(NamedStatus(parsing: "")))[0].state == .warning)
      #expect(await links(nil).map(\.state) == [.skipped])
      let errors: [(RemoteControlError, String, String)] = [
        (
          .connectionRefused("connect failed: 127.0.0.1#953: connection refused"),
          "127.0.0.1#953: connection refused)", "named is not running"
        ),
        (
          .notAuthorized("connection closed: x"), "(connection closed: x)", "The key is not the one"
        ),
        (.unusableSettings("neither a: nor b"), "(neither a: nor b)", "See rndc.conf(5)"),
        (.timedOut(command: "status", after: .seconds(3)), "within 3.0 seconds", "It hangs"),
        (.unreachable("x: y"), "(x: y)", ""),
      ]
      for (error, finding, remedy) in errors {
        let link = await links(.failure(error))[0]
        #expect(link.state == .broken && link.subject == "rndc")
        // What rndc said has colons of its own, at which nothing is to be cut apart.
        #expect(link.finding.hasSuffix(finding) && link.remedy.hasPrefix(remedy), "\(link)")
        #expect(link.remedy.isEmpty == remedy.isEmpty)
      }
      facts.desired.bind.reload = .none
      #expect(await links(nil).map(\.state) == [.skipped])
    }
  }

  @Test(
    "a pass that would change nothing → in step; else what it would change, or what keeps it from it"
  )
  func pass() async throws {
    try await withFacts { _, facts in
      var facts = facts
      #expect(PassCheck(facts: facts).findings.map(\.state) == [.ok])
      facts.named = .failure(.unreachable("x"))
      #expect(
        PassCheck(facts: facts).findings.map(\.state) == [.skipped], "what named owes is not known")
      facts.plan?.commands = [.reconfig]
      #expect(PassCheck(facts: facts).findings.map(\.state) == [.warning])
      #expect(PassCheck(facts: facts).findings[0].finding.hasSuffix("rndc reconfig"))
      facts.plan?.commands = []
      facts.named = .success(NamedStatus(parsing: ""))
      facts.plan?.problems = [
        Problem(severity: .held, subject: "cluster prod", reason: "told elsewhere", remedy: ""),
        Problem(
          severity: .failed, subject: "alias x.contoso.com", reason: "told elsewhere", remedy: ""),
        Problem(severity: .held, subject: "zone a", reason: "one", remedy: "c"),
        Problem(severity: .failed, subject: "zone a", reason: "two", remedy: "c"),
      ]
      facts.plan?.hints = [Hint("zone b", "as it is"), Hint("cluster prod", "not here")]
      let links = PassCheck(facts: facts).findings
      #expect(links.map(\.state) == [.broken, .warning, .broken, .warning])
      #expect(links[0].finding == "it would fail for alias x.contoso.com, zone a")
      #expect(
        links.map(\.finding).contains("held: one") && links.map(\.finding).contains("failed: two"))
      #expect(
        !links.contains { $0.finding.contains("elsewhere") || $0.finding.contains("not here") })
      facts.plan?.problems.removeAll { $0.severity == .failed }
      let held = PassCheck(facts: facts).findings[0]
      #expect(
        held.state == .warning && held.finding.hasSuffix("hold the changes of cluster prod, zone a")
      )
      facts.plan = nil
      #expect(PassCheck(facts: facts).findings.map(\.state) == [.skipped])
      facts.failure = "no way"
      #expect(PassCheck(facts: facts).findings.map(\.state) == [.broken])
      #expect(PassCheck(facts: facts).findings[0].finding.hasSuffix("no way"))
    }
    try await withFacts(passes: false) { site, facts in
      let link = PassCheck(facts: facts).findings[0]
      #expect(link.state == .pending && link.finding.contains("\n\(site.folder.path)/db\n"))
    }
  }

  @Test(
    "blocks as they were written, edited, of nobody configured; none; files that cannot be read")
  func blocks() async throws {
    try await withFacts(passes: false) { _, facts in
      #expect(BlockCheck(facts: facts).findings.map(\.finding) == ["none yet"])
      var unread = facts
      unread.actual = nil
      #expect(BlockCheck(facts: unread).findings.map(\.state) == [.skipped])
      unread.failure = "damaged"
      let link = BlockCheck(facts: unread).findings[0]
      #expect(link.state == .broken && link.finding == "damaged" && !link.remedy.isEmpty)
    }
    try await withFacts { site, facts in
      let sound = BlockCheck(facts: facts).findings
      #expect(sound.map(\.state) == [.ok] && sound[0].finding.contains("all 3 "))
      var other = facts
      other.desired.clusters = []
      other.desired.aliases = []
      let strangers = BlockCheck(facts: other).findings
      #expect(strangers.map(\.state) == [.warning, .warning])
      #expect(strangers.allSatisfy { $0.finding.contains("nothing for the managed block") })

      try site.folder.write("db", try site.text("db").replacing("60 IN DNAME", with: "61 IN DNAME"))
      var edited = facts
      edited.actual = try await site.propose().actual
      let links = BlockCheck(facts: edited).findings
      #expect(links.map(\.state) == [.warning] && links[0].finding.contains("edited by hand"))
      #expect(links[0].subject.hasPrefix("\(site.folder.path)/db:"))
    }
  }

  @Test("a configuration that is read, what is said of it, and a cluster that no alias leads to")
  func configured() async throws {
    try await withFacts(passes: false) { _, facts in
      var facts = facts
      func links(_ notes: [ConfigurationNote] = []) -> [Finding] {
        facts.notes = notes
        return ConfigurationCheck(facts: facts).findings
      }
      #expect(links().map(\.state) == [.ok])
      #expect(links()[0].finding == "read: 1 cluster, 1 alias")
      let noted = links([ConfigurationNote("mind", remedy: "Do so")])
      #expect(noted.map(\.finding).last == "mind" && noted[1].state == .warning)
      #expect(noted[1].remedy == "Do so")
      facts.desired.aliases = []
      #expect(links()[0].finding == "read: 1 cluster, 0 aliases")
      #expect(links().map(\.state) == [.ok, .warning] && links()[1].subject == "cluster prod")
    }
  }

  @Test("whether named recurses for this host; checkers that tell no version")
  func small() async throws {
    try await withFacts(passes: false) { _, facts in
      func fromHere(_ answers: [Result<DNSAnswer, DNSError>]) throws -> Finding.State? {
        var facts = facts
        facts.resolver.answers["prod"] = try answers.map {
          .init(name: try DomainName(target), result: $0)
        }
        return RecursionCheck(facts: facts).findings
          .first { $0.subject == "recursion for this host" }?.state
      }
      let silence = try refused()
      #expect(try fromHere([]) == .skipped)
      #expect(try fromHere([silence]) == .skipped)
      #expect(try fromHere([answer(ra: false), silence]) == .broken)
      #expect(try fromHere([answer(ra: false), answer(.refused)]) == .ok)
    }
    #expect(ToolCheck.version(of: "/x", .success(nil), nil).state == .warning)
    let missing = MissingToolError(name: "rndc", debianPackage: "bind9-utils", directories: ["/a"])
    let facts = DiagnosisFacts(
      desired: DesiredState(
        bind: BINDSettings(
          namedConf: "/x", zonesIn: "/x", query: try Endpoint("127.0.0.1:53"), reload: .none),
        clusters: [], aliases: []), tools: .failure(missing))
    let links = await ToolCheck(facts: facts).findings
    #expect(links.map(\.state) == [.broken] && links[0].finding == "rndc was not found in /a")
    #expect(links[0].remedy.hasPrefix("Install BIND's utilities"))
  }
}
