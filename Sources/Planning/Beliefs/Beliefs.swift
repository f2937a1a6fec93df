import DCOS
import DNSNames
package import ReconcileModel

extension Beliefs {
  /// Decides what to believe.
  ///
  /// Pure, and called once in a pass.
  ///
  /// - Parameters:
  ///   - desired: the clusters, and what the operator has decided about each.
  ///   - observations: what was seen of them.
  ///   - actual: the state of named.conf, with the pin of each cluster.
  ///   - remembered: what is remembered of them.
  ///   - request: what an operator accepted, and which clusters the pass is for.
  ///   - now: seconds since 1970.
  package init(
    of desired: DesiredState, _ observations: [String: Observation], on actual: ActualState,
    remembered: ClusterMemories, _ request: PassRequest = PassRequest(), now: Int64
  ) {
    var judge = BeliefJudge(
      actual: actual, remembered: remembered, accepted: request.accepted, now: now,
      beliefs: Beliefs(memories: remembered))
    if request.operation.isWhole {
      let names = Set(desired.clusters.map(\.name))
      judge.beliefs.memories.byName = remembered.byName.filter { names.contains($0.key) }
    }
    for cluster in desired.clusters
    where request.operation.isWhole || request.operation.adopts(cluster.name) {
      judge.judge(cluster, observations[cluster.name])
    }
    self = judge.beliefs
  }
}

/// Judges the clusters' answers.
private struct BeliefJudge {
  let actual: ActualState
  let remembered: ClusterMemories
  let accepted: Set<String>
  let now: Int64
  var beliefs: Beliefs

  mutating func judge(_ cluster: Cluster, _ observation: Observation?) {
    let installed = actual.installedID(of: cluster.name)
    switch observation {
    case nil: break
    case .fixed(let view):
      if isSameCluster(view, as: cluster, installed: installed) {
        beliefs.views[cluster.name] = view
      }
    case .observed(let round):
      let rules = BeliefDecision.Rules(
        pinnedID: cluster.pinnedID, followsID: cluster.followsID,
        settleTime: cluster.settleTime, isAccepted: accepted.contains(cluster.name))
      let known = memory(of: cluster, installed: installed)
      let (decision, memory) = BeliefDecision.of(round, memory: known, rules: rules, now: now)
      beliefs.memories.byName[cluster.name] = memory
      note(decision, of: cluster, agreedAt: memory?.agreedAt)
    }
  }

  private mutating func note(
    _ decision: BeliefDecision, of cluster: Cluster, agreedAt: Int64?
  ) {
    switch decision {
    case .believed(let view):
      guard let pinned = cluster.pinnedID, pinned != view.id else {
        beliefs.views[cluster.name] = view
        return
      }
      beliefs.memories.byName[cluster.name] = nil
      hold(
        cluster,
        "its masters say that their ID is \(view.id), and the configuration pins \(pinned)",
        remedy: "If the cluster was reinstalled, write its new ID into cluster-id")
    case .doubted(let doubt):
      hold(cluster, words(of: doubt), remedy: remedy(of: doubt, cluster))
    case .unknown(let disagreement):
      let stands = agreedAt.flatMap { $0 > 0 ? CivilTime(secondsSince1970: $0) : nil }
        .map { "\nwhat they agreed on at \($0) stays in force" }
      beliefs.problems[cluster.name] = Problem(
        severity: .failed, subject: .cluster(cluster.name),
        reason: "\(disagreement)\(stands ?? "")", remedy: "")
    }
  }

  private mutating func hold(_ cluster: Cluster, _ reason: String, remedy: String) {
    beliefs.problems[cluster.name] = Problem(
      severity: .held, subject: .cluster(cluster.name), reason: reason, remedy: remedy)
  }

  /// The memory of a cluster if it has the ID of the managed block in named.conf, else what that block says.
  ///
  /// The block's ID is the pin, so that a restored backup of named.conf brings the pin back.
  private func memory(of cluster: Cluster, installed: ClusterID?) -> ClusterMemory? {
    let remembered = remembered.byName[cluster.name]
    guard let installed, remembered?.view.id != installed else { return remembered }
    // Forwarders that the configuration gives are not the masters' addresses.
    let masters = cluster.forwarders == nil ? actual.installedForwarders(of: cluster.name) : []
    return ClusterMemory(
      view: ClusterView(id: installed, masters: masters), agreedAt: 0,
      pending: remembered?.pending)
  }

  private func words(of doubt: BeliefDecision.Doubt) -> String {
    switch doubt.reason {
    case .otherID:
      "its masters say that their ID is \(doubt.view.id); it was \(doubt.known.id). That is another cluster"
    case .mostMastersGone:
      """
      its masters say that they are \(list(doubt.view)); they were \(list(doubt.known)): more than half of the known \
      masters would be dropped at once
      """
    case .fewerMasters:
      """
      its masters say that they are \(list(doubt.view)) only; they were \(list(doubt.known)). While a master is being \
      replaced, the list is short
      """
    }
  }

  private func remedy(of doubt: BeliefDecision.Doubt, _ cluster: Cluster) -> String {
    let command = "zonebridge run --once --accept \(cluster.name)"
    guard let until = doubt.until else {
      return cluster.remedy(forNewID: doubt.view.id)
    }
    return """
      If they keep saying so, zonebridge believes it from \(CivilTime(secondsSince1970: until)) on. To accept it now: \
      \(command)
      """
  }

  private func list(_ view: ClusterView) -> String {
    view.masters.map(\.description).joined(separator: ", ")
  }

  /// Another ID in the configuration also means another cluster, which an operator has to accept.
  private mutating func isSameCluster(
    _ view: ClusterView, as cluster: Cluster, installed: ClusterID?
  ) -> Bool {
    guard let installed, installed != view.id, !accepted.contains(cluster.name) else { return true }
    hold(
      cluster,
      "the configuration says that its ID is \(view.id); it was \(installed). That is another cluster",
      remedy: "Accept it with: zonebridge run --once --accept \(cluster.name)")
    return false
  }
}

extension Cluster {
  /// What to do if its masters report another ID than the believed one.
  func remedy(forNewID id: ClusterID) -> String {
    if let pinnedID, pinnedID != id {
      return "If it was reinstalled, write its new ID into cluster-id"
    }
    return "If it was reinstalled, accept it with: zonebridge run --once --accept \(name)"
  }
}
