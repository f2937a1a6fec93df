import DCOS
import DNSNames
import Named
import SystemPackage
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite("check: what masters say", .timeLimit(.minutes(1)))
struct CheckMasterTests {
  private let id = Site.ids[0]

  private func report(
    _ host: String, id: String? = nil, failing reason: ObservationError.Reason? = nil,
    masters: [String] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
  ) throws -> MasterReport {
    let master = try MasterEndpoint("https://\(host)")
    let list = try masters.map { try IPAddress($0) }
    func result<Value>(_ value: Value, of resource: Resource) -> Result<Value, ObservationError> {
      reason.map {
        .failure(ObservationError(master: master, resource: resource, reason: $0))
      } ?? .success(value)
    }
    return MasterReport(
      master: master, id: result(try ClusterID(id ?? self.id), of: .key),
      members: result(MemberList(source: .exhibitor, addresses: list), of: .exhibitorStatus))
  }

  private func links(
    _ reports: [MasterReport], endsInDays days: Int64 = 100, credentials: Credentials = .none
  ) throws -> [Finding] {
    let ends = Dictionary(
      uniqueKeysWithValues: reports.map { ($0.master, 1000 + days * 86_400) })
    var facts = try facts(reports, credentials)
    facts.certificateEnds = ends
    facts.now = 1000
    return MasterCheck(facts: facts).findings
  }

  private func facts(
    _ reports: [MasterReport], _ credentials: Credentials = .none
  ) throws -> DiagnosisFacts {
    let masters = reports.map(\.master)
    let cluster = Cluster(
      name: "prod", source: .polled(masters: masters, trust: .system), credentials: credentials)
    var facts = DiagnosisFacts(
      desired: DesiredState(
        bind: BINDSettings(
          namedConf: "/named.conf", zonesIn: "/named.conf", query: try Endpoint("127.0.0.1:53"),
          reload: .none), clusters: [cluster], aliases: []),
      tools: .success(try NamedTools.locate()))
    facts.observations["prod"] = .observed(ObservationRound(reports: reports, configured: masters))
    return facts
  }

  @Test("certificates that last, that end soon, and that have ended") func certificates() throws {
    let reports = try ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map { try report($0) }
    // Of each master its certificate, ID and list; then the cluster.
    #expect(try links(reports).map(\.state) == Array(repeating: .ok, count: 10))
    #expect(
      try links(reports, endsInDays: 14).map(\.state) == Array(repeating: .ok, count: 10))
    let soon = try links(reports, endsInDays: 13)
    #expect(soon[0].state == .warning && soon[0].finding.contains("expires in 13 days"))
    #expect(try links(reports, endsInDays: -1)[0].finding.contains("expired at"))
  }

  @Test("one that says something else, and one that does not answer") func odd() throws {
    let stray = try links([
      report("10.0.0.1"), report("10.0.0.2"), report("10.0.0.3", id: Site.ids[1]),
    ])
    let link = try #require(stray.first { $0.subject.contains("10.0.0.3 ID") })
    #expect(link.state == .warning && link.finding.contains("another ID"))

    let down = ObservationError.Reason.unreachable(.refused)
    let dead = try links([
      report("10.0.0.1"), report("10.0.0.2"), report("10.0.0.3", failing: down),
    ])
    let complaints = dead.filter { $0.state != .ok }
    #expect(complaints.map(\.state) == [.warning, .skipped])
    #expect(complaints[0].finding == "connection refused")
    let all = try links(["10.0.0.1", "10.0.0.2"].map { try report($0, failing: down) })
    #expect(all.map(\.state) == [.broken, .skipped, .broken, .skipped, .broken])
  }

  private static let loopback =
    (try? IPAddress("127.0.0.1")).map { ObservationError.Reason.unreachableMember($0) }
    ?? .emptyList

  /// Why a master's answers count for nothing, and how that is told of it: on the way to it, once for both
  /// questions; else at each of them.
  @Test(
    "each way in which a master fails → told where it belongs, with cause and cure",
    arguments: [
      (.unreachable(.refused), true, true), (.unreachable(.timedOut), true, true),
      (.unreachable(.nameNotFound("m")), true, true), (.unreachable(.noRoute("x")), true, true),
      (.tls(.unknownAuthority), true, true), (.tls(.wrongHost), true, true),
      (.tls(.expired(since: "2020-01-01T00:00:00Z")), true, true),
      (.tls(.notYetValid(until: "2099-01-01T00:00:00Z")), true, true),
      (.tls(.unverifiable), true, true), (.tls(.notTLS), true, true),
      (.tls(.foreignCertificate(CertificateFingerprint(der: []))), true, true),
      (.timedOut(after: .seconds(3)), true, true), (.cutShort, true, true), (.notHTTP, true, true),
      (.calledOff, true, false), (.notYet, true, true), (.longList(count: 65), false, true),
      (.unreachable(.nameUnresolved("m")), true, true), (.forbidden(.key), false, true),
      (.keyNotYetThere, false, true),
      (.noSuchPath, false, true), (.backEndDown(status: 502), false, true),
      (.redirected(status: 307, location: "https://x: y/"), false, true),
      (.unexpectedStatus(500), false, true), (.tooLarge(limit: 1 << 20), false, true),
      (.htmlPage, false, true), (.truncatedJSON, false, true), (.notJSON, false, true),
      (.unexpectedJSON(expected: "a list"), false, true), (.notAnID(.length(3)), false, false),
      (.emptyList, false, true), (.emptyHost, false, true), (.notAnAddress(.empty), false, true),
      (loopback, false, true),
    ] as [(ObservationError.Reason, Bool, Bool)])
  func reasons(reason: ObservationError.Reason, isOnTheWay: Bool, hasCure: Bool) throws {
    let links = try links([
      report("10.0.0.1"), report("10.0.0.2"), report("10.0.0.3", failing: reason),
    ])
    let odd = links.filter { $0.subject.contains("10.0.0.3") }
    let subject = "prod: https://10.0.0.3"
    #expect(
      odd.map(\.subject)
        == (isOnTheWay
          ? [subject, "\(subject) ID, list"] : [subject, "\(subject) ID", "\(subject) list"]))
    #expect(odd.map(\.state) == (isOnTheWay ? [.warning, .skipped] : [.ok, .warning, .warning]))
    for link in odd where link.state == .warning {
      #expect(!link.finding.isEmpty && "\(reason)".hasPrefix(link.finding))
      #expect(link.remedy.isEmpty != hasCure, "\(link)")
    }
    #expect(links.last?.subject == "cluster prod" && links.last?.state == .ok)
    #expect(!links.contains { $0.subject == "prod: login" })
    // Alone it leaves the cluster without an agreement.
    let alone = try self.links([report("10.0.0.3", failing: reason)])
    #expect(alone.filter { $0.state == .broken }.count >= 2 && alone.last?.state == .broken)
  }

  @Test("one that lists other masters → a warning at its list alone") func otherList() throws {
    let links = try links([
      report("10.0.0.1"), report("10.0.0.2"), report("10.0.0.3", masters: ["10.0.0.3"]),
    ])
    let odd = links.filter { $0.state != .ok }
    #expect(odd.map(\.subject) == ["prod: https://10.0.0.3 list"])
    #expect(odd.map(\.state) == [.warning] && odd[0].finding.contains("10.0.0.3 (Exhibitor)"))
  }

  @Test("with an account: let in → said so; nobody answers → not checked; none → no word of it")
  func accounts() throws {
    let secret = SecretSource(name: "/secret") { () throws(SecretError.Problem) in Secret("x") }
    func login(
      _ reports: [MasterReport], _ credentials: Credentials
    ) throws -> [Finding] {
      try links(reports, credentials: credentials).filter { $0.subject == "prod: login" }
    }
    let all = try ["10.0.0.1", "10.0.0.2"].map { try report($0) }
    let none = try ["10.0.0.1", "10.0.0.2"].map { try report($0, failing: .cutShort) }
    #expect(try login(all, .none).isEmpty)
    #expect(
      try login(all, .password(uid: "alice", secret)).map(\.finding) == ["the masters accept alice"]
    )
    #expect(try login(none, .password(uid: "alice", secret)).map(\.state) == [.skipped])
    for credentials in [
      Credentials.token(secret), .serviceAccount(secret), .serviceKey(uid: "a", secret),
    ] {
      #expect(try login(all, credentials).map(\.state) == [.ok])
      let refused = try ["10.0.0.1", "10.0.0.2"].map {
        try report($0, failing: .login(.refused(uid: "a")))
      }
      #expect(try login(refused, credentials).map(\.state) == [.broken])
    }
  }

  @Test("masters given in the configuration, not asked, or not to be trusted") func sources() throws
  {
    var facts = try self.facts([])
    #expect(MasterCheck(facts: facts).findings.last?.state == .broken)
    facts.observations = [:]
    #expect(
      MasterCheck(facts: facts).findings.map(\.state) == [.skipped])
    let view = ClusterView(id: try ClusterID(id), masters: [try IPAddress("10.0.0.1")])
    facts.observations["prod"] = .fixed(view)
    #expect(MasterCheck(facts: facts).findings.map(\.state) == [.ok])
    facts.plan = Plan()
    facts.plan?.problems = [
      Problem(severity: .held, subject: "cluster prod", reason: "doubted", remedy: "wait")
    ]
    let held = MasterCheck(facts: facts).findings
    #expect(held.map(\.state) == [.warning] && held[0].finding == "held: doubted")
    let error = #expect(throws: TrustError.self) {
      try Trust.certificates(file: "/missing.crt").validate()
    }
    facts.untrusted["prod"] = error
    let untrusted = MasterCheck(facts: facts).findings
    #expect(untrusted.map(\.state) == [.broken, .skipped])
  }

  @Test("a login that is refused is reported once") func login() throws {
    let links = try links(
      ["10.0.0.1", "10.0.0.2"].map {
        try report($0, failing: .loginRequired(scheme: "acsjwt"))
      })
    let logins = links.filter { $0.subject == "prod: login" }
    #expect(logins.count == 1 && logins[0].state == .broken)
    #expect(logins[0].remedy.contains("service-account"))
    #expect(links.filter { $0.subject.hasSuffix("ID") }.map(\.state) == [.skipped, .skipped])
  }
}
