import DCOS
import DNSNames
import Named
import Synchronization
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What the probe makes of answers, link by link: named and the masters say what the test wants.
@Suite("What is seen of a chain", .serialized, .timeLimit(.minutes(5)))
struct ChainProbeTests {
  private static let owner = "foo.contoso.com."
  private static let target = "mesos.\(Site.ids[0]).dcos.directory."
  private static let absent = ScriptedAnswer(rcode: 3, authority: [.soa(target)])
  private static let noData = ScriptedAnswer(authority: [.soa(target)])

  /// A name server in the place of named, and one in the place of a master.
  private struct Scene {
    let named: ScriptedNameServer
    let master: ScriptedNameServer

    /// All is as it should be, unless an answer is given.
    init(
      dname: ScriptedAnswer? = nil, fresh: ScriptedAnswer = absent,
      a: ScriptedAnswer? = nil, aaaa: ScriptedAnswer? = nil,
      masterA: ScriptedAnswer? = nil, masterAAAA: ScriptedAnswer = noData,
      masterFresh: ScriptedAnswer = absent
    ) throws {
      named = try ScriptedNameServer { question in
        if question.type == 39 {
          return dname ?? ScriptedAnswer(answers: [.dname(question.name, to: target)])
        }
        if question.name.hasPrefix("zonebridge-"), question.name.hasSuffix(target) { return fresh }
        return question.type == 28 ? aaaa ?? masterAAAA : a ?? Self.leader
      }
      master = try ScriptedNameServer { question in
        if question.name.hasPrefix("zonebridge-") { return masterFresh }
        return question.type == 28 ? masterAAAA : masterA ?? Self.leader
      }
    }

    static let leader = addresses([10, 0, 0, 1])

    func question(
      _ owner: String = ChainProbeTests.owner, forwarders: [Forwarder]? = nil,
      sight: ChainQuestion.Sight = .certain, forbidsRecursion: Bool = false,
      successor: SuccessorID? = nil
    ) throws -> ChainQuestion {
      ChainQuestion(
        owner: try DomainName(owner), zone: try DomainName("contoso.com"),
        view: sight == .certain ? nil : "inside", target: try DomainName(target), cluster: "prod",
        forwarders: try forwarders ?? [Forwarder(IPAddress("127.0.0.1"), port: master.port)],
        sight: sight, forbidsRecursion: forbidsRecursion, successor: successor)
    }

    var probe: ChainProbe {
      get throws {
        var probe = ChainProbe(server: try Endpoint(host: "127.0.0.1", port: named.port))
        // What is silent in these tests is silent for good; whatever answers does so at once.
        probe.timeout = .seconds(1)
        probe.slowMasterTimeout = .milliseconds(500)
        // On a busy machine it may be long before the first question is on its way.
        probe.limit = .seconds(60)
        return probe
      }
    }

    func look(at question: ChainQuestion? = nil) async throws -> Chain {
      let question = try question ?? self.question()
      return try #require(try await probe.look(at: [question], now: 1000).first)
    }
  }

  private static func addresses(_ list: [UInt8]..., ttl: UInt32 = 0) -> ScriptedAnswer {
    ScriptedAnswer(answers: list.map { .address("leader.\(target)", $0, ttl: ttl) })
  }

  private func expect(
    _ chain: Chain, _ link: Chain.Link, broken words: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    guard case .broken(let why) = chain[link] else {
      Issue.record("\(link) is \(chain[link])", sourceLocation: sourceLocation)
      return
    }
    #expect(why.cause.contains(words), sourceLocation: sourceLocation)
    #expect(!chain.holds && chain.isBroken && chain.lastHeld == nil, sourceLocation: sourceLocation)
    // One link is at fault; nothing is claimed of what lies behind it.
    let others = Chain.Link.allCases.filter { $0 != link }
    #expect(others.allSatisfy { !chain[$0].isBroken }, "\(chain)", sourceLocation: sourceLocation)
  }

  private func expect(
    _ chain: Chain, _ link: Chain.Link, unknown words: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) {
    guard case .unknown(let why) = chain[link] else {
      Issue.record("\(link) is \(chain[link])", sourceLocation: sourceLocation)
      return
    }
    #expect(why.cause.contains(words), sourceLocation: sourceLocation)
    #expect(!chain.holds && chain.lastHeld == nil, sourceLocation: sourceLocation)
  }

  // MARK: A cluster itself

  private func look(_ scene: Scene, forwarders: [Forwarder]? = nil) async throws -> ClusterAnswers {
    let question = try scene.question(Self.target, forwarders: forwarders)
    #expect(question.isOfCluster)
    let seen = try await scene.probe.look(at: [], clusters: [question], now: 1000)
    #expect(seen.chains.isEmpty)
    return try #require(seen.answers.first)
  }

  @Test("a cluster into which no alias leads → it is seen all the same, and no DNAME is looked for")
  func cluster() async throws {
    let answers = try await look(Scene(dname: ScriptedAnswer(rcode: 2)))
    #expect(answers.forwarders == .holds && answers.forwardZone == .holds, "\(answers)")
    #expect(answers.probe == .holds)
  }

  @Test("its probe has no address, and a master says so too → broken: nobody is served by that")
  func clusterWithoutAddress() async throws {
    let answers = try await look(Scene(a: Self.noData, masterA: Self.noData))
    #expect(answers.forwarders == .holds && answers.forwardZone == .holds)
    #expect(answers.probe.why?.cause == "leader.\(Self.target.dropLast()) has no address")
    #expect(answers.probe.isBroken)
  }

  @Test(
    "named gets no answer, and no master answers here → both broken, and the probe is not known")
  func deadCluster() async throws {
    let nobody = [Forwarder(try IPAddress("127.0.0.1"), port: 1)]
    let answers = try await look(Scene(fresh: ScriptedAnswer(rcode: 2)), forwarders: nobody)
    #expect(answers.forwarders.isBroken && answers.forwardZone.isBroken, "\(answers)")
    #expect(!answers.probe.isBroken && answers.probe != .holds)
  }

  @Test("chains and clusters are asked for together → each has its own answers")
  func together() async throws {
    let scene = try Scene()
    let seen = try await scene.probe.look(
      at: [scene.question()], clusters: [scene.question(Self.target)], now: 1000)
    #expect(seen.chains.map(\.holds) == [true] && seen.chains[0].lastHeld == 1000)
    #expect(seen.answers.map(\.question.isOfCluster) == [true])
  }

  @Test("every link is as it should be → the chain holds, since now") func holds() async throws {
    let chain = try await Scene().look()
    #expect(chain.holds && !chain.isBroken && chain.state == .holds, "\(chain)")
    #expect(chain.lastHeld == 1000)
  }

  // MARK: The DNAME

  @Test(
    "another DNAME than the alias's own, or none → the DNAME is broken",
    arguments: [
      (ScriptedAnswer(answers: [.dname("contoso.com.", to: target)]), "leads every name below it"),
      (ScriptedAnswer(answers: [.dname(owner, to: "mesos.example.")]), "leads to mesos.example."),
      (ScriptedAnswer(answers: [.dname("foo.contoso.net.", to: target)]), "NOERROR and no DNAME"),
      (ScriptedAnswer.empty, "NOERROR and no DNAME"), (.nameError, "NXDOMAIN and no DNAME"),
      (.serverFailure, "SERVFAIL and no DNAME"), (.refused, "REFUSED and no DNAME"),
      (.silence, "did not answer"),
    ])
  func dname(answer: ScriptedAnswer, words: String) async throws {
    let scene = try Scene(dname: answer)
    let chain = try await scene.look()
    expect(chain, .dname, broken: words)
    // Its target is another matter, and what lies behind the alias nobody can tell.
    #expect(chain.forwardZone == .holds || answer.isSilent)
    expect(chain, .address, unknown: "its DNAME does not hold")
    #expect(!scene.named.questions.contains { $0.name == "leader.\(Self.owner)" })
  }

  // MARK: The forward zone

  @Test(
    "the cluster itself answers, with a name or without → the forward zone holds",
    arguments: [
      absent, noData,
      ScriptedAnswer(rcode: 3, authority: [.soa("\(Site.ids[0]).dcos.directory.")]),
      ScriptedAnswer(rcode: 3, isAuthoritative: false, authority: [.soa(target.uppercased())]),
    ])
  func answered(fresh: ScriptedAnswer) async throws {
    #expect(try await Scene(fresh: fresh).look().holds)
  }

  @Test(
    "somebody else answers, or nobody → the forward zone is broken",
    arguments: [
      (
        ScriptedAnswer(rcode: 3, authority: [.soa("dcos.directory.")]),
        "with the SOA of dcos.directory."
      ),
      (
        ScriptedAnswer(rcode: 3, isAuthoritative: false, authority: [.soa(".")]),
        "with the SOA of ."
      ),
      (ScriptedAnswer(isAuthoritative: false), "without an SOA record"),
      (.nameError, "without an SOA"),
      (ScriptedAnswer(answers: [.address("x.", [10, 9, 9, 9])]), "NOERROR without an SOA record"),
      (.serverFailure, "SERVFAIL, and the masters answer this host"), (.silence, "did not answer"),
    ])
  func unanswered(fresh: ScriptedAnswer, words: String) async throws {
    let chain = try await Scene(fresh: fresh).look()
    if fresh.authority.first?.owner == "dcos.directory." {
      expect(chain, .forwardZone, broken: "named is itself authoritative for dcos.directory.")
    } else {
      expect(chain, .forwardZone, broken: words)
    }
    #expect(chain.dname == .holds)
    expect(chain, .address, unknown: "its forward zone does not answer")
  }

  @Test(
    "a wildcard in the cluster's zone: an answer for every name → it holds, if the master says the same"
  )
  func wildcard() async throws {
    let all = ScriptedAnswer(answers: [.address("x.", [10, 9, 9, 9])])
    #expect(try await Scene(fresh: all, masterFresh: all).look().holds)
  }

  @Test("no master answers, or all refuse the label → the reason and the remedy say so")
  func mastersAtFault() async throws {
    let silent = try await Scene(
      fresh: .serverFailure, masterA: .silence, masterAAAA: .silence
    ).look()
    expect(silent, .forwardZone, broken: "and no master answers this host: 127.0.0.1:")
    #expect(silent.forwardZone.why?.remedy.contains("dcos-net") == true)
    let refusing = try await Scene(
      fresh: .serverFailure, masterA: .refused, masterAAAA: .refused
    ).look()
    expect(refusing, .forwardZone, broken: "refuses names below")
    #expect(refusing.forwardZone.why?.remedy.contains("label") == true)
  }

  @Test(
    "the cluster has another ID → that, with what to type, and not that its masters are down; unless they answer still",
    arguments: [
      (ScriptedAnswer.serverFailure, ScriptedAnswer.refused), (.serverFailure, .silence),
      (
        .init(rcode: 3, isAuthoritative: false, authority: [.soa(".")]),
        .init(rcode: 3, isAuthoritative: false, authority: [.soa(".")])
      ),
    ])
  func otherID(named: ScriptedAnswer, master: ScriptedAnswer) async throws {
    let (old, new) = (try ClusterID(Site.ids[0]), try ClusterID(Site.ids[1]))
    let successor = SuccessorID(new, of: old, from: .masters, remedy: "type this")
    let scene = try Scene(fresh: named, masterA: master, masterAAAA: master)
    let chain = try await scene.look(at: scene.question(successor: successor))
    expect(
      chain, .forwardZone,
      broken:
        "the masters of cluster prod say that their ID is \(new), and none of them answers for \(old)"
    )
    expect(chain, .forwardZone, broken: "so that clients get no answer: asked for a name below")
    #expect(chain.forwardZone.why?.remedy == "type this")
    let answering = try Scene(fresh: .serverFailure)
    expect(
      try await answering.look(at: answering.question(successor: successor)), .forwardZone,
      broken: "and the masters answer this host")
    let well = try Scene()
    #expect(try await well.look(at: well.question(successor: successor)).holds)
  }

  @Test("named does not recurse for this host → not known; for nobody → broken")
  func recursion() async throws {
    var refused = ScriptedAnswer.refused
    refused.isRecursionAvailable = false
    let scene = try Scene(fresh: refused)
    expect(try await scene.look(), .forwardZone, unknown: "does not recurse for this host")
    expect(
      try await scene.look(at: scene.question(forbidsRecursion: true)), .forwardZone,
      broken: "configured not to recurse")
  }

  @Test("two looks → each asks for a name that nobody has asked for before") func fresh()
    async throws
  {
    let scene = try Scene()
    #expect(try await scene.look().holds)
    #expect(try await scene.look().holds)
    let names = scene.named.questions.map(\.name).filter { $0.hasSuffix(Self.target) }
    #expect(names.count == 2 && Set(names).count == 2, "\(names)")
  }

  // MARK: The end

  @Test(
    "named answers what a master answers, in all that matters → the address holds",
    arguments: [
      // The order, and a set of which another part is told each time.
      (addresses([10, 0, 0, 1], [10, 0, 0, 2]), addresses([10, 0, 0, 2], [10, 0, 0, 1])),
      (addresses([10, 0, 0, 1], [10, 0, 0, 2]), addresses([10, 0, 0, 2], [10, 0, 0, 3])),
      // An election: there is no leader, whichever way that is said.
      (absent, absent), (noData, absent), (absent, noData), (noData, noData),
      // A name that leads out of the cluster.
      (
        ScriptedAnswer(answers: [
          .cname("leader.\(target)", to: "www.example."), .address("www.example.", [192, 0, 2, 1]),
        ]), ScriptedAnswer(answers: [.cname("leader.\(target)", to: "www.example.")])
      ),
    ])
  func sameAddress(named: ScriptedAnswer, master: ScriptedAnswer) async throws {
    let chain = try await Scene(a: named, masterA: master).look()
    #expect(chain.holds, "\(chain)")
  }

  @Test(
    "named answers something else → the address is broken",
    arguments: [
      (ScriptedAnswer.serverFailure, "SERVFAIL"), (.refused, "REFUSED"), (absent, "no address"),
      (noData, "no address"), (addresses([10, 0, 0, 9]), "10.0.0.9"), (.silence, "did not answer"),
    ])
  func otherAddress(named: ScriptedAnswer, words: String) async throws {
    let scene = try Scene(a: named)
    let chain = try await scene.look()
    expect(chain, .address, broken: words)
    #expect(chain.dname == .holds && chain.forwardZone == .holds)
    if !named.isSilent {
      expect(chain, .address, broken: "and master 127.0.0.1:\(scene.master.port) has 10.0.0.1")
      #expect(chain.address.why?.remedy.contains("deny-answer-addresses") == true)
      // What is cached is the cluster's name: the alias's own comes out of the zone.
      let cure = "rndc flushtree \(Site.ids[0]).dcos.directory"
      #expect(chain.address.why?.remedy.hasSuffix(cure) == true)
    }
  }

  @Test("IPv6 addresses that named swallows, or makes of the IPv4 ones → broken, and right")
  func six() async throws {
    let six: [UInt8] = [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    let swallowed = try await Scene(aaaa: Self.noData, masterAAAA: Self.addresses(six)).look()
    expect(swallowed, .address, broken: "named answers no address for the AAAA record")
    let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1]
    #expect(try await Scene(aaaa: Self.addresses(translated)).look().holds)
    let invented = try await Scene(aaaa: Self.addresses(six)).look()
    expect(invented, .address, broken: "fd00::1")
  }

  @Test("what named still holds of a moment ago → another look, and the chain holds")
  func moved() async throws {
    let scene = try Scene()
    let asked = Mutex(0)
    scene.named.follow { question in
      if question.type == 39 {
        return ScriptedAnswer(answers: [.dname(question.name, to: Self.target)])
      }
      if question.name.hasPrefix("zonebridge-") { return Self.absent }
      if question.type == 28 { return Self.noData }
      let isFirst = asked.withLock { count in
        count += 1
        return count == 1
      }
      return isFirst ? Self.addresses([10, 0, 0, 7], ttl: 1) : Self.addresses([10, 0, 0, 1])
    }
    #expect(try await scene.look().holds)
    #expect(asked.withLock(\.self) == 2)
  }

  @Test("no master can be asked from here, and named answers → not known, and never held")
  func unreachableMasters() async throws {
    let scene = try Scene(aaaa: Self.noData, masterA: .silence, masterAAAA: .silence)
    let chain = try await scene.look()
    #expect(chain.dname == .holds && chain.forwardZone == .holds && !chain.isBroken)
    expect(chain, .address, unknown: "no master can be asked from here")
    let unnamed = try await scene.look(at: scene.question(forwarders: []))
    #expect(unnamed.forwardZone == .holds && !unnamed.isBroken)
    expect(unnamed, .address, unknown: "no master can be asked from here")
  }

  @Test("the first of the masters is dead → the next one is asked, and the chain holds")
  func deadMaster() async throws {
    let scene = try Scene()
    let own = Forwarder(try IPAddress("127.0.0.1"), port: scene.master.port)
    let silent = try ScriptedNameServer { _ in .silence }
    let forwarders = [
      Forwarder(try IPAddress("127.0.0.1"), port: try freePort()),
      Forwarder(try IPAddress("127.0.0.1"), port: silent.port), own,
    ]
    #expect(try await scene.look(at: scene.question(forwarders: forwarders)).holds)
  }

  // MARK: What is asked

  @Test("a view that does not answer this host → nothing is asked, nothing known")
  func otherView() async throws {
    let scene = try Scene()
    let chain = try await scene.look(at: scene.question(sight: .none))
    for link in Chain.Link.allCases { expect(chain, link, unknown: "another view than inside") }
    #expect(scene.named.questions.isEmpty && scene.master.questions.isEmpty)
  }

  @Test("a view that may answer this host → what holds there holds, and what does not is not known")
  func possibleView() async throws {
    let scene = try Scene()
    #expect(try await scene.look(at: scene.question(sight: .possible)).holds)
    let missing = try Scene(dname: .nameError)
    let chain = try await missing.look(at: missing.question(sight: .possible))
    for link in [Chain.Link.dname, .forwardZone] {
      expect(chain, link, unknown: "another view than inside")
    }
    #expect(!chain.isBroken)
    // Once the DNAME is seen it is that view which answers, with all that is wrong there.
    let broken = try Scene(fresh: .serverFailure)
    expect(
      try await broken.look(at: broken.question(sight: .possible)), .forwardZone, broken: "SERVFAIL"
    )
  }

  @Test("a wildcard alias → never asked for by its asterisk") func wildcardAlias() async throws {
    let scene = try Scene()
    #expect(try await scene.look(at: scene.question("*.contoso.com.")).holds)
    #expect(!scene.named.questions.contains { $0.name.contains("*") })
    #expect(scene.named.questions.contains { $0.type == 39 && $0.name.hasSuffix(".contoso.com.") })
  }

  @Test("many aliases of a target → its forward zone and its masters are asked once for all")
  func once() async throws {
    let scene = try Scene()
    let questions = try (1...20).map { try scene.question("a\($0).contoso.com.") }
    let chains = try await scene.probe.look(at: questions, now: 1)
    #expect(chains.map(\.question) == questions && chains.allSatisfy(\.holds))
    let fresh = scene.named.questions.filter { $0.name.hasSuffix(Self.target) }
    #expect(fresh.count == 1)
    #expect(scene.named.questions.count == 1 + 20 * 3)
    #expect(scene.master.questions.count == 2)
  }

  @Test("an alias so long that no name of the cluster fits below it → the address is broken")
  func tooLong() async throws {
    let label = String(repeating: "x", count: 60)
    let scene = try Scene()
    let question = try scene.question("\(label).\(label).\(label).\(label).contoso.")
    expect(try await scene.look(at: question), .address, broken: "longer than 255 octets")
  }

  @Test("the time for all is up → what was not asked is not known") func noTime() async throws {
    let scene = try Scene()
    var probe = try scene.probe
    probe.limit = .zero
    let chain = try #require(await probe.look(at: [scene.question()], now: 1).first)
    for link in [Chain.Link.dname, .forwardZone] { expect(chain, link, unknown: "not asked") }
    #expect(scene.named.questions.isEmpty && scene.master.questions.isEmpty)
  }

  @Test("nothing to probe → nothing asked") func nothing() async throws {
    let scene = try Scene()
    #expect(try await scene.probe.look(at: [], now: 1).isEmpty)
    #expect(scene.named.questions.isEmpty && scene.master.questions.isEmpty)
  }

  // MARK: What is told

  @Test("a cluster that answers nothing, and three aliases of it → one problem, of the cluster")
  func problems() async throws {
    let scene = try Scene(fresh: .serverFailure, masterA: .silence, masterAAAA: .silence)
    let questions = try ["a", "b", "c"].map { try scene.question("\($0).contoso.com.") }
    let chains = try await scene.probe.look(at: questions, now: 1)
    let problems = chains.problems
    #expect(problems.map(\.subject) == [.cluster("prod")], "\(chains)")
    #expect(problems.allSatisfy { $0.severity == .failed && !$0.remedy.isEmpty })
    #expect(!problems.contains { $0.reason.contains("zonebridge-") })
    #expect(scene.named.questions.count { $0.type == 39 } == 3)
  }
}
