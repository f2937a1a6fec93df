import DCOS
import DNSNames
import Named
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// What counts as served, and what does not: named's control channel is a real one, the DNS answers are
/// the test's.
@Suite("Whether named serves what it should", .serialized, .timeLimit(.minutes(3)))
struct NamedProbeTests {
  private static let owner = "foo.contoso.com."
  private static let name = LiveSite.target

  private func look(
    _ site: LiveSite, at server: ScriptedNameServer, timeout: Duration = .seconds(30),
    progress: @escaping @Sendable () -> Void = {}
  ) throws -> NamedProbe {
    NamedProbe(
      client: DNSClient(
        server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: timeout),
      control: RemoteControl(
        tool: site.tools.rndc, settings: RemoteControlSettings(config: site.named.rndcConf)),
      progress: progress)
  }

  private func reason(_ verdict: Verdict?) -> String? {
    if case .notServed(let reason)? = verdict { reason } else { nil }
  }

  private static func soa(
    _ serial: UInt32, isAuthoritative: Bool = true, owner: String = "contoso.com."
  ) -> ScriptedAnswer {
    ScriptedAnswer(
      isAuthoritative: isAuthoritative, answers: [.soa(owner, serial: serial)])
  }

  @Test("a serial: named has 41 loaded → only an authoritative answer with 41 is served")
  func serial() async throws {
    let cases: [(ScriptedAnswer, String?)] = [
      (Self.soa(41), nil),
      (Self.soa(41, isAuthoritative: false), "asked for the SOA of contoso.com, named answers"),
      (Self.soa(42), "answers serial 42 for zone contoso.com, named's control channel says 41"),
      (Self.soa(40), "answers serial 40 for zone contoso.com, named's control channel says 41"),
      (Self.soa(.max), "are they the same named?"),
      (Self.soa(41, owner: "contoso.net."), "named answers NOERROR"),
      (.empty, "named answers NOERROR"), (.serverFailure, "named answers SERVFAIL"),
      (.refused, "named answers REFUSED"), (.nameError, "named answers NXDOMAIN"),
    ]
    try await withLiveSite { site in
      let server = try ScriptedNameServer { _ in .silence }
      let probe = try look(site, at: server)
      let expectation = ReconcileModel.Expectation.serial(
        zone: try DomainName("contoso.com"), view: nil, SerialNumber(41))
      for (answer, words) in cases {
        server.follow { _ in answer }
        let verdict = await probe.look(at: [expectation])[expectation]
        if let words {
          #expect(reason(verdict)?.contains(words) == true, "\(answer): \(verdict as Any)")
        } else {
          #expect(verdict == .served)
        }
      }
    }
  }

  @Test("a serial other than the file's, newer or older → not served, nor is the DNS asked")
  func anotherSerial() async throws {
    try await withLiveSite { site in
      let server = try ScriptedNameServer { _ in Self.soa(41) }
      let probe = try look(site, at: server)
      // 4294967295 is before 41 (RFC 1982), and a larger number.
      for expected: UInt32 in [40, 42, 0, .max] {
        let expectation = ReconcileModel.Expectation.serial(
          zone: try DomainName("contoso.com"), view: nil, SerialNumber(expected))
        let verdict = await probe.look(at: [expectation])[expectation]
        #expect(
          reason(verdict)?.contains(
            "named has serial 41 of zone contoso.com loaded, and the file has \(expected)") == true,
          "\(expected): \(verdict as Any)")
      }
      #expect(server.questions.isEmpty)
    }
  }

  @Test(
    "a zone that named does not sign, with the serial in an authoritative answer → rndc is not started"
  )
  func unsigned() async throws {
    try await withLiveSite { site in
      let server = try ScriptedNameServer { _ in Self.soa(42) }
      let zone = try DomainName("contoso.com")
      func verdict(_ expected: UInt32, unsigned: Set<DomainName>) async throws -> Verdict? {
        let probe = NamedProbe(
          client: DNSClient(server: try Endpoint(host: "127.0.0.1", port: server.port)),
          control: RemoteControl(
            tool: site.tools.rndc, settings: RemoteControlSettings(config: site.named.rndcConf)),
          unsigned: unsigned)
        let expectation = ReconcileModel.Expectation.serial(
          zone: zone, view: nil, SerialNumber(expected))
        return await probe.wait(for: [expectation], within: .zero)[expectation]
      }
      #expect(try await verdict(42, unsigned: [zone]) == .served)
      #expect(site.told.isEmpty)
      // The same answer for a zone that named signs may be about another serial of the file: 41, as rndc says.
      #expect(reason(try await verdict(42, unsigned: []))?.contains("named has serial 41") == true)
      #expect(site.told == ["zonestatus contoso.com IN"])
      server.follow { _ in Self.soa(42, isAuthoritative: false) }
      #expect(
        reason(try await verdict(42, unsigned: [zone]))?.contains("named has serial 41") == true)
      server.follow { _ in Self.soa(41) }
      #expect(
        reason(try await verdict(42, unsigned: [zone]))?.contains("named has serial 41") == true)
    }
  }

  @Test(
    "a zone that named does not have, or rndc that fails → not served, and the DNS is not asked")
  func noControl() async throws {
    try await withLiveSite { site in
      let server = try ScriptedNameServer { _ in Self.soa(41) }
      let probe = try look(site, at: server)
      let foreign = ReconcileModel.Expectation.serial(
        zone: try DomainName("contoso.net"), view: nil, SerialNumber(41))
      #expect(
        reason(await probe.look(at: [foreign])[foreign])?.contains("named has no zone contoso.net")
          == true)
      site.refuse("zonestatus", words: "rndc: connect failed: 127.0.0.1#953: connection refused")
      let own = ReconcileModel.Expectation.serial(
        zone: try DomainName("contoso.com"), view: nil, SerialNumber(41))
      #expect(reason(await probe.look(at: [own])[own])?.contains("connection refused") == true)
      #expect(server.questions.isEmpty)
    }
  }

  @Test("the server is silent → not served, within the time for one question")
  func silence() async throws {
    try await withLiveSite { site in
      let server = try ScriptedNameServer { _ in .silence }
      let probe = try look(site, at: server, timeout: .milliseconds(200))
      let expectations: [ReconcileModel.Expectation] = [
        .serial(zone: try DomainName("contoso.com"), view: nil, SerialNumber(41)),
        .alias(
          owner: try DomainName(Self.owner), target: try DomainName(Self.name),
          zone: try DomainName("contoso.com"), view: nil),
        .forwarded(name: try DomainName(Self.name), cluster: "prod"),
      ]
      let verdicts = await probe.look(at: expectations)
      for expectation in expectations {
        #expect(
          reason(verdicts[expectation])?.contains("did not answer over UDP within 0.2 seconds")
            == true, "\(verdicts)")
      }
    }
  }

  @Test("an alias: served only with its own DNAME to its own target", arguments: [true, false])
  func alias(isAuthoritative: Bool) async throws {
    let target = LiveSite.target
    let other = "mesos.\(Site.ids[1]).dcos.directory."
    func dname(_ owner: String, _ target: String) -> ScriptedAnswer {
      ScriptedAnswer(
        isAuthoritative: isAuthoritative, answers: [.dname(owner, to: target)])
    }
    let cases: [(ScriptedAnswer, String?)] = [
      (dname(Self.owner, target), nil),
      (dname(Self.owner, target.uppercased()), nil),
      // Still the one of before the change, as from a cache or an older zone.
      (dname(Self.owner, other), "named answers the target \(other)"),
      // A DNAME above is in the answer too, and leads elsewhere: <foo>.<target>.
      (dname("contoso.com.", target), "named answers NOERROR and no DNAME"),
      (.empty, "named answers NOERROR and no DNAME"),
      (ScriptedAnswer(answers: [.soa(Self.owner)]), "named answers NOERROR and no DNAME"),
      (.nameError, "named answers NXDOMAIN and no DNAME"),
      (.serverFailure, "named answers SERVFAIL and no DNAME"),
      (.refused, "named answers REFUSED and no DNAME"),
    ]
    try await withTemporaryFolder { folder in
      let server = try ScriptedNameServer { _ in .silence }
      let probe = NamedProbe(
        client: DNSClient(
          server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(30)),
        control: RemoteControl(tool: folder.path.appending("none")))
      let expectation = ReconcileModel.Expectation.alias(
        owner: try DomainName(Self.owner), target: try DomainName(target),
        zone: try DomainName("contoso.com"), view: nil)
      for (answer, words) in cases {
        server.follow { _ in answer }
        let verdict = await probe.look(at: [expectation])[expectation]
        if let words {
          #expect(reason(verdict)?.contains(words) == true, "\(answer): \(verdict as Any)")
        } else {
          #expect(verdict == .served, "\(answer)")
        }
      }
      #expect(server.questions.allSatisfy { $0.name == Self.owner && $0.type == 39 })
    }
  }

  @Test("through the forwarders: served only with an SOA of the label's zone")
  func forwarded() async throws {
    let soa = ScriptedRecord.soa(Self.name)
    let cases: [(ScriptedAnswer, String?)] = [
      (ScriptedAnswer(answers: [soa]), nil),
      // From the cache, or from masters that are not authoritative: an answer all the same.
      (ScriptedAnswer(isAuthoritative: false, answers: [soa]), nil),
      // NODATA: the zone is not theirs.
      (ScriptedAnswer(authority: [.soa("dcos.directory.")]), "named answers NOERROR"),
      (.empty, "named answers NOERROR"),
      (ScriptedAnswer(answers: [.soa("dcos.directory.")]), "named answers NOERROR"),
      (ScriptedAnswer(answers: [.dname(Self.name, to: "x.")]), "named answers NOERROR"),
      (.serverFailure, "named answers SERVFAIL"), (.refused, "named answers REFUSED"),
      (.nameError, "named answers NXDOMAIN"),
      // The code counts, whatever comes with it.
      (ScriptedAnswer(rcode: 3, answers: [soa]), "named answers NXDOMAIN"),
    ]
    try await withTemporaryFolder { folder in
      let server = try ScriptedNameServer { _ in .silence }
      let probe = NamedProbe(
        client: DNSClient(
          server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(30)),
        control: RemoteControl(tool: folder.path.appending("none")))
      let expectation = ReconcileModel.Expectation.forwarded(
        name: try DomainName(Self.name), cluster: "prod")
      for (answer, words) in cases {
        server.follow { _ in answer }
        let verdict = await probe.look(at: [expectation])[expectation]
        if let words {
          #expect(
            reason(verdict)?.contains("through the forwarders, \(words)") == true,
            "\(answer): \(verdict as Any)")
        } else {
          #expect(verdict == .served, "\(answer)")
        }
      }
    }
  }

  @Test("an answer that does not fit into a datagram → it is had over TCP, and not before")
  func truncated() async throws {
    try await withTemporaryFolder { folder in
      let server = try ScriptedNameServer { question in
        ScriptedAnswer(
          isTruncated: question.transport == .udp,
          answers: question.transport == .udp ? [] : [.soa(question.name)])
      }
      let probe = NamedProbe(
        client: DNSClient(
          server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(30)),
        control: RemoteControl(tool: folder.path.appending("none")))
      let expectation = ReconcileModel.Expectation.forwarded(
        name: try DomainName(Self.name), cluster: "prod")
      #expect(await probe.look(at: [expectation]) == [expectation: .served])
      #expect(server.questions.map(\.transport) == [.udp, .tcp])
    }
  }

  // MARK: Waiting

  /// A look at a scripted server alone.
  private func withLook(
    _ script: @escaping ScriptedNameServer.Script,
    _ body: (NamedProbe, ScriptedNameServer, @Sendable () -> Int) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let server = try ScriptedNameServer(script)
      let steps = Counter()
      let probe = NamedProbe(
        client: DNSClient(
          server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(30)),
        control: RemoteControl(tool: folder.path.appending("none")),
        progress: { steps.count.withLock { $0 += 1 } })
      try await body(probe, server) { steps.count.withLock(\.self) }
    }
  }

  private static func expectation(_ number: Int) throws -> ReconcileModel.Expectation {
    .forwarded(name: try DomainName("\(number).dcos.directory"), cluster: "\(number)")
  }

  @Test("what comes a moment late → is waited for, and what is served is not asked for again")
  func late() async throws {
    let asked = Counter()
    try await withLook { question in
      if question.name == "1.dcos.directory." {
        return ScriptedAnswer(answers: [.soa(question.name)])
      }
      let number = asked.count.withLock {
        $0 += 1
        return $0
      }
      return number < 4 ? .serverFailure : ScriptedAnswer(answers: [.soa(question.name)])
    } _: { probe, server, steps in
      let expectations = [try Self.expectation(1), try Self.expectation(2)]
      let verdicts = await probe.wait(for: expectations, within: .seconds(30))
      #expect(verdicts.values.allSatisfy { $0 == .served } && verdicts.count == 2)
      #expect(server.questions.count { $0.name == "1.dcos.directory." } == 1)
      #expect(server.questions.count { $0.name == "2.dcos.directory." } == 4)
      #expect(steps() == 4, "a step is told after each look")
    }
  }

  @Test("a zone that is served as it was → the DNS is asked, and rndc only now and then")
  func servedAsBefore() async throws {
    try await withLiveSite { site in
      let asked = Counter()
      let server = try ScriptedNameServer { _ in
        let number = asked.count.withLock {
          $0 += 1
          return $0
        }
        return Self.soa(number < 8 ? 40 : 41)
      }
      let probe = try look(site, at: server)
      let expectation = ReconcileModel.Expectation.serial(
        zone: try DomainName("contoso.com"), view: nil, SerialNumber(41))
      let verdicts = await probe.wait(for: [expectation], within: .seconds(60))
      #expect(verdicts == [expectation: .served])
      #expect(server.questions.count >= 8)
      // One more for each half second that a busy machine takes.
      #expect(site.told.count <= 3, "\(site.told)")
    }
  }

  @Test("what never comes → the wait ends when its time is up, with the last reason")
  func never() async throws {
    try await withLook { _ in
      .serverFailure
    } _: { probe, server, steps in
      let expectation = try Self.expectation(1)
      let begun = ContinuousClock.now
      let verdicts = await probe.wait(for: [expectation], within: .milliseconds(300))
      #expect(ContinuousClock.now - begun >= .milliseconds(300))
      #expect(reason(verdicts[expectation])?.contains("SERVFAIL") == true)
      #expect(steps() == server.questions.count && steps() >= 3)
    }
  }

  @Test("no time at all → one look all the same") func noTime() async throws {
    try await withLook { _ in
      .serverFailure
    } _: { probe, server, steps in
      let expectation = try Self.expectation(1)
      let verdicts = await probe.wait(for: [expectation], within: .zero)
      #expect(reason(verdicts[expectation]) != nil)
      #expect(server.questions.count == 1 && steps() == 1)
    }
  }

  @Test("nothing to look for → nothing asked, no step told, no wait") func nothing() async throws {
    try await withLook { _ in
      .serverFailure
    } _: { probe, server, steps in
      #expect(await probe.wait(for: [], within: .seconds(600)).isEmpty)
      #expect(await probe.look(at: []).isEmpty)
      #expect(server.questions.isEmpty && steps() == 0)
    }
  }

  @Test("a pass that is told to stop → the wait ends at once") func stopped() async throws {
    try await withLook { _ in
      .serverFailure
    } _: { probe, server, _ in
      let expectation = try Self.expectation(1)
      let task = Task { await probe.wait(for: [expectation], within: .seconds(600)) }
      try await eventually("it has begun to ask") { !server.questions.isEmpty }
      task.cancel()
      #expect(reason(await task.value[expectation]) != nil)
    }
  }
}

/// Counts, from whichever thread.
private final class Counter: Sendable {
  let count = Mutex(0)
}

/// The look at named before a change: whether it is the one whose files these are.
@Suite("Whether it is the right named", .serialized, .timeLimit(.minutes(3)))
struct PreconditionTests {
  @Test("another answer where named is asked → an objection, and only then") func objections()
    async throws
  {
    @Sendable func soa(_ serial: UInt32, isAuthoritative: Bool = true) -> ScriptedAnswer {
      ScriptedAnswer(
        isAuthoritative: isAuthoritative, answers: [.soa("contoso.com.", serial: serial)])
    }
    let cases: [(ScriptedAnswer, String?)] = [
      (soa(41), nil),
      (soa(42), "answers serial 42 for zone contoso.com, and named's control channel says 41"),
      (soa(40), "they are not the same named"),
      (soa(41, isAuthoritative: false), "asked for the SOA of contoso.com"),
      (.empty, "answers NOERROR, and named has it loaded"),
      (.refused, "answers REFUSED, and named has it loaded"),
      (.silence, "named cannot be asked at bind.query"),
    ]
    try await withLiveSite { site in
      let actual = try await site.pass().propose(
        observers: try ClusterObservers(site.desired.clusters), now: 1000
      ).actual
      let zones = actual.zones.filter { $0.name.withoutTrailingDot == "contoso.com" }
      #expect(zones.map(\.status?.serial) == [41])
      let server = try ScriptedNameServer { _ in .silence }
      let probe = NamedProbe(
        client: DNSClient(
          server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(1)),
        control: RemoteControl(
          tool: site.tools.rndc, settings: RemoteControlSettings(config: site.named.rndcConf)))
      for (answer, words) in cases {
        server.follow { _ in answer }
        let objection = await probe.objection(to: zones)?.description
        if let words {
          #expect(objection?.contains(words) == true, "\(answer): \(objection ?? "none")")
        } else {
          #expect(objection == nil)
        }
      }

      // Where there is no zone to ask for, that it answers at all is enough.
      for (answer, isFine) in [(ScriptedAnswer.refused, true), (.silence, false)] {
        server.follow { _ in answer }
        #expect((await probe.objection(to: []) == nil) == isFine, "\(answer)")
      }
      #expect(server.questions.last?.name == ".")

      // Loaded by somebody else since the control channel was asked: it is the same named.
      try site.named.write("db", LiveSite.zone.replacing(" 41 ", with: " 50 "))
      try await site.named.rndc("reload", "contoso.com")
      try await eventually("named has loaded it") { try await site.serial() == 50 }
      server.follow { _ in soa(50) }
      #expect(await probe.objection(to: zones) == nil)
      server.follow { _ in soa(49) }
      #expect(
        await probe.objection(to: zones)?.description.contains("control channel says 50") == true)
    }
  }

  @Test("a dynamic zone's serial moves by itself → no objection")
  func dynamic() async throws {
    try await withLiveSite(LiveSite.local("update-policy local;")) { site in
      let actual = try await site.pass().propose(
        observers: try ClusterObservers(site.desired.clusters), now: 1000
      ).actual
      let zones = actual.zones.filter { $0.name.withoutTrailingDot == "contoso.com" }
      let server = try ScriptedNameServer { _ in
        ScriptedAnswer(answers: [.soa("contoso.com.", serial: 99)])
      }
      let probe = NamedProbe(
        client: DNSClient(
          server: try Endpoint(host: "127.0.0.1", port: server.port), timeout: .seconds(30)),
        control: RemoteControl(
          tool: site.tools.rndc, settings: RemoteControlSettings(config: site.named.rndcConf)))
      #expect(await probe.objection(to: zones) == nil)
    }
  }

  @Test(
    "a path that named reads and this host does not have → no other named")
  func foreignConfiguration() async throws {
    let files = [
      "named.conf": "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n",
      "db": LiveSite.zone, "other.conf": "options { };\n",
      "chroot/etc/named.conf": "options { };\n",
    ]
    try await withSite(files, aliases: ["foo.contoso.com"]) { site in
      let actual = try await site.propose().actual
      let folder = site.folder.path
      try makeLink(folder.appending("link.conf"), to: folder.appending("named.conf"))
      func foreign(_ line: String) -> String? {
        let status = NamedStatus(parsing: "configuration file: \(line)\nserver is up and running\n")
        return actual.foreignConfiguration(of: status)?.string
      }
      #expect(foreign("\(folder)/named.conf") == nil)
      #expect(foreign("\(folder)/link.conf") == nil)
      #expect(foreign("/nowhere/named.conf") == nil)
      #expect(foreign("named.conf") == nil)
      #expect(foreign("\(folder)/other.conf") == folder.appending("other.conf").string)
      #expect(foreign("/nowhere/named.conf (\(folder)/named.conf)") == nil)
      #expect(
        foreign("/nowhere/named.conf (\(folder)/other.conf)")
          == folder.appending("other.conf").string)
      #expect(actual.foreignConfiguration(of: NamedStatus(parsing: "")) == nil)
    }
  }

  @Test("another named on the control channel → nothing changed, nothing told, no history")
  func anotherNamed() async throws {
    try await withLiveSite { site in
      try await withNamed { other in
        var wrong = site
        wrong.desired.bind.reload = .rndc(RemoteControlSettings(config: other.rndcConf))
        let before = try site.files()
        let error = await #expect(throws: PassError.self) { try await wrong.run() }
        #expect(error?.description.contains("reads \(other.namedConf)") == true)
        #expect(try site.files() == before)
        #expect(site.commands == [] && site.history.entries.isEmpty)
        #expect(try !site.named.folder.names(in: "state").contains("history"))
      }
    }
  }
}
