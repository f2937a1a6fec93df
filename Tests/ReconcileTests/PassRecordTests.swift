import DNSNames
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// A record says of each cluster and alias what was seen of it, and not of another.
@Suite("The record of a pass", .timeLimit(.minutes(1)))
struct PassRecordTests {
  @Test("clusters and aliases in views, seen and unseen → each has its own in the record")
  func own() async throws {
    try await withPlanning(aliases: ["x.contoso.com", "y.contoso.com", "z.contoso.com"]) {
      planning in
      planning.desired.clusters.append(try Site.cluster("lab", id: Site.ids[1]))
      planning.desired.clusters.append(try Site.cluster("third", id: Site.ids[2]))
      planning.desired.aliases[2].cluster = "lab"
      let (zone, target) = (try DomainName("contoso.com"), try DomainName("a.test"))
      let owner = planning.desired.aliases[0].owner
      func alias(_ view: String?) -> ReconcileModel.Expectation {
        .alias(owner: owner, target: target, zone: zone, view: view)
      }
      func forwarded(_ label: String, _ cluster: String) throws -> ReconcileModel.Expectation {
        .forwarded(name: try DomainName("\(label).test"), cluster: cluster)
      }
      var plan = Plan()
      plan.alreadyServed = [
        alias("inside"), alias("outside"), try forwarded("a", "prod"), try forwarded("b", "prod"),
        try forwarded("a", "lab"), .serial(zone: zone, view: "inside", SerialNumber(8)),
      ]
      plan.hidden = [HiddenNames(by: owner, in: ZoneInView(name: zone, view: "outside"), count: 3)]
      let actual = try await planning.actual()
      var proposal = Proposal(plan: plan, actual: actual, memory: PassMemory(), now: 0)
      proposal.verdicts = [
        alias("inside"): .served, alias("outside"): .notServed("old"),
        try forwarded("a", "prod"): .served, try forwarded("b", "prod"): .notServed("SERVFAIL"),
        try forwarded("a", "lab"): .served,
      ]
      let problems = [
        Problem(severity: .held, subject: .cluster("prod"), reason: "its ID", remedy: ""),
        Problem(severity: .held, subject: .alias("y.contoso.com"), reason: "its names", remedy: ""),
        Problem(severity: .held, subject: .alias("z.contoso.com"), reason: "no zone", remedy: ""),
      ]
      var result = PassResult(
        attempts: [Outcome(plan: plan, problems: problems, isSeenServed: false)])
      result.proposal = proposal
      let record = PassRecord(
        result, of: planning.desired, time: 0, duration: .zero, steps: [:])
      #expect(record.clusters.map(\.isForwarded) == [false, true, nil])
      #expect(record.aliases.map(\.view) == ["inside", "outside", nil, nil])
      #expect(record.aliases.map(\.state) == [.served, .notServed, .absent, .absent])
      #expect(record.aliases.map(\.hiddenNames) == [0, 3, nil, nil])
      #expect(record.aliases.map(\.reason) == [nil, "old", "its ID", "no zone"])
      #expect(record.zones.map(\.view) == ["inside", "outside"])
      #expect(record.zones.map(\.serial) == [SerialNumber(8), nil])
    }
  }
}
