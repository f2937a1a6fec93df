import DCOS
import Named
import SystemPackage
import Testing

@testable import Reconcile
@testable import ReconcileModel

@Suite("check: what masters say")
struct CheckMasterTests {
  private let id = Site.ids[0]

  private func report(
    _ host: String, id: String? = nil, failing reason: ObservationError.Reason? = nil
  ) throws -> MasterReport {
    let master = try MasterEndpoint("https://\(host)")
    let list = try ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map { try IPAddress($0) }
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
    _ reports: [MasterReport], endsInDays days: Int64 = 100
  ) throws -> [Finding] {
    let masters = reports.map(\.master)
    let cluster = Cluster(name: "prod", source: .polled(masters: masters, trust: .system))
    var facts = DiagnosisFacts(
      desired: DesiredState(
        bind: BINDSettings(
          namedConf: "/named.conf", zonesIn: "/named.conf", query: try Endpoint("127.0.0.1:53"),
          reload: .none), clusters: [cluster], aliases: []),
      tools: .success(try NamedTools.locate()))
    facts.observations["prod"] = .observed(ObservationRound(reports: reports, configured: masters))
    let ends = Dictionary(uniqueKeysWithValues: masters.map { ($0, 1000 + days * 86_400) })
    return MasterCheck(facts: facts, certificateEnds: ends, now: 1000).links
  }

  @Test("certificates that last, that end soon, and that have ended") func certificates() throws {
    let reports = try ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map { try report($0) }
    #expect(try links(reports).allSatisfy { $0.state == .ok })
    #expect(try links(reports, endsInDays: 14).allSatisfy { $0.state == .ok })
    let soon = try links(reports, endsInDays: 13)
    #expect(soon[0].state == .warning && soon[0].finding.contains("ends in 13 days"))
    #expect(try links(reports, endsInDays: -1)[0].finding.contains("ended at"))
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

  @Test("a login that is refused is told once") func login() throws {
    let links = try links(
      ["10.0.0.1", "10.0.0.2"].map {
        try report($0, failing: .loginRequired(scheme: "acsjwt"))
      })
    let logins = links.filter { $0.subject == "prod: login" }
    #expect(logins.count == 1 && logins[0].state == .broken)
    #expect(logins[0].remedy.contains("service-account"))
    #expect(links.filter { $0.subject.hasSuffix("ID") }.allSatisfy { $0.state == .skipped })
  }
}
