import Foundation
import Reconcile
import ReconcileModel
import Testing

@testable import zonebridge

/// The document that scripts read (docs/status.md).
@Suite(.timeLimit(.minutes(2))) struct StatusReportTests {
  private func document(_ report: StatusReport) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: Data(report.json.utf8))
    return try #require(json as? [String: Any])
  }

  @Test(
    "each state → one JSON document that says it, and from whom it is",
    arguments: [
      (AgentStatus.inSync, "in-sync"), (.starting, "unknown"), (.troubled, "failed"),
    ])
  func states(_ status: AgentStatus, _ state: String) throws {
    for source in [StatusReport.Source.agent, .state] {
      let document = try document(StatusReport(status: status, source: source))
      #expect(document["state"] as? String == state)
      #expect(document["source"] as? String == source.rawValue)
      #expect(document["version"] as? String == "1.2.3")
      #expect(document["time"] as? Int64 == now)
      // What has nothing to say is left out.
      #expect(document["trouble"] == nil)
      #expect((document["agent"] == nil) == (status.agent == nil))
      #expect((document["record"] == nil) == (status.record == nil))
    }
  }

  @Test("no agent and an old record → stale beyond its age, and not before")
  func stale() throws {
    var status = AgentStatus.inSync
    status.agent = nil
    status.record?.pass.time = now - 60
    var report = StatusReport(status: status, source: .state, maxAge: 60)
    #expect(try document(report)["state"] as? String == "in-sync")
    report.maxAge = 59
    #expect(try document(report)["state"] as? String == "stale")
    #expect(report.state.exitStatus == .failed)
  }

  @Test("an agent that does not answer → hung, whatever the last pass left; another trouble is not")
  func trouble() throws {
    var report = StatusReport(
      status: .inSync, source: .state,
      trouble: .init(
        reason: "it is silent", remedy: "Restart it", isHung: true))
    var document = try document(report)
    #expect(document["state"] as? String == "hung")
    let trouble = try #require(document["trouble"] as? [String: Any])
    #expect(trouble["reason"] as? String == "it is silent")
    #expect(trouble["cure"] as? String == "Restart it")
    #expect(trouble["isHung"] as? Bool == true)
    report.trouble?.isHung = false
    document = try self.document(report)
    #expect(document["state"] as? String == "in-sync")
  }

  @Test("what is in the document → what the record has, by the keys that are documented")
  func record() throws {
    let document = try document(StatusReport(status: .troubled, source: .state))
    let record = try #require(document["record"] as? [String: Any])
    let pass = try #require(record["pass"] as? [String: Any])
    #expect(pass["result"] as? String == "failed")
    let problems = try #require(pass["problems"] as? [[String: Any]])
    #expect(problems.map { $0["severity"] as? String } == ["held", "failed"])
    #expect(problems.map { $0["subject"] as? String } == ["cluster prod", "zone contoso.com"])
    let clusters = try #require(pass["clusters"] as? [[String: Any]])
    #expect(clusters.map { $0["state"] as? String } == ["doubted", "static"])
    let aliases = try #require(pass["aliases"] as? [[String: Any]])
    #expect(aliases.map { $0["state"] as? String } == ["not-served", "absent"])
    let counters = try #require(record["counters"] as? [String: Any])
    #expect(counters["passes"] as? [String: Int] == ["in-sync": 1_000, "applied": 7, "failed": 2])
  }
}
