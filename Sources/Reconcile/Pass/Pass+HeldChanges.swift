import Planning
import ReconcileModel

extension Pass {
  /// For how many clusters held changes are shown: each takes a plan.
  private static let mostShown = 4

  /// What accepting each held change would do now, by the cluster that an operator would name.
  ///
  /// It asks nothing that the pass has not asked; accepting the change asks the rest.
  func plansIfAccepted(_ proposal: Proposal, _ accepted: Set<String>) -> [String: Plan] {
    var plans: [String: Plan] = [:]
    for cluster in heldClusters(of: proposal).prefix(Self.mostShown) {
      let request = PassRequest(accepted: accepted.union([cluster]), isPreview: true)
      let beliefs = Beliefs(
        of: desired, proposal.observations, on: proposal.actual,
        remembered: proposal.memory.clusters, request, now: proposal.now)
      guard
        let plan = try? Planner.plan(
          desired: desired, beliefs: beliefs, actual: proposal.actual, memory: proposal.memory,
          request: request, now: proposal.now),
        !plan.changes.isEmpty, plan.attempts != proposal.plan.attempts
      else { continue }
      plans[cluster] = plan
    }
    return plans
  }

  /// The clusters that `--accept` may have to name, in the order of the problems.
  private func heldClusters(of proposal: Proposal) -> [String] {
    let written = Set(proposal.actual.zones.compactMap(\.block))
    var clusters: [String] = []
    for problem in proposal.plan.problems where problem.severity == .held {
      let candidates =
        switch problem.subject {
        case .cluster(let name): [name]
        case .alias(let owner):
          desired.aliases.first { $0.owner == owner }.map { [$0.cluster] } ?? written.sorted()
        default: [String]()
        }
      for name in candidates where !clusters.contains(name) { clusters.append(name) }
    }
    return clusters
  }
}
