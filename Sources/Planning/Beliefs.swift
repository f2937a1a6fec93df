import DCOS
import ReconcileModel

// What is believed of the clusters.
extension Planner {
  /// The view to act on; nil where what is written stays, with the reason among the problems.
  mutating func believedView(of cluster: Cluster, installed: ClusterID?) -> ClusterView? {
    switch observations[cluster.name] {
    case nil: return nil
    case .fixed(let view):
      return isSameCluster(view, as: cluster, installed: installed) ? view : nil
    case .observed(let round):
      let rules = BeliefDecision.Rules(
        pinnedID: cluster.pinnedID, followsID: cluster.followsID,
        settleTime: cluster.settleTime, isAccepted: accepted.contains(cluster.name))
      let known = memory(of: cluster, installed: installed)
      let (decision, memory) = BeliefDecision.of(round, memory: known, rules: rules, now: now)
      result.memories.byName[cluster.name] = memory
      return view(decision, of: cluster, agreedAt: memory?.agreedAt)
    }
  }

  private mutating func view(
    _ decision: BeliefDecision, of cluster: Cluster, agreedAt: Int64?
  ) -> ClusterView? {
    let subject = Subject.cluster(cluster.name)
    switch decision {
    case .believed(let view):
      guard let pinned = cluster.pinnedID, pinned != view.id else { return view }
      result.memories.byName[cluster.name] = nil
      hold(
        subject,
        "its masters say that their ID is \(view.id), and the configuration pins \(pinned)",
        remedy: "If the cluster was reinstalled, write its new ID into cluster-id")
      return nil
    case .doubted(let doubt):
      hold(subject, words(of: doubt), remedy: remedy(of: doubt, cluster))
      return nil
    case .unknown(let disagreement):
      let stands = agreedAt.flatMap { $0 > 0 ? CivilTime(secondsSince1970: $0) : nil }
        .map { "\nwhat they agreed on at \($0) stands" }
      result.problems.append(
        Problem(
          severity: .failed, subject: subject, reason: "\(disagreement)\(stands ?? "")", remedy: "")
      )
      return nil
    }
  }

  /// What is known from before: what is remembered, if it is of the cluster that stands in named.conf;
  /// else what stands there.
  ///
  /// What is pinned is the ID that the managed block has: so a restored backup brings the pin back.
  private func memory(of cluster: Cluster, installed: ClusterID?) -> ClusterMemory? {
    let remembered = memories.byName[cluster.name]
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
      its masters say that they are \(list(doubt.view)); they were \(list(doubt.known)), of which most \
      would go at once
      """
    case .fewerMasters:
      """
      its masters say that they are \(list(doubt.view)) only; they were \(list(doubt.known)), and while \
      one is replaced the list is short
      """
    }
  }

  private func remedy(of doubt: BeliefDecision.Doubt, _ cluster: Cluster) -> String {
    let command = "zonebridge run --once --accept \(cluster.name)"
    guard let until = doubt.until else {
      return "If it was reinstalled, let it through with: \(command)"
    }
    return """
      If they go on saying so it is believed from \(CivilTime(secondsSince1970: until)) on, and at once \
      with: \(command)
      """
  }

  private func list(_ view: ClusterView) -> String {
    view.masters.map(\.description).joined(separator: ", ")
  }

  /// Another ID in the configuration is another cluster too, which an operator has to let in.
  private mutating func isSameCluster(
    _ view: ClusterView, as cluster: Cluster, installed: ClusterID?
  ) -> Bool {
    guard let installed, installed != view.id, !accepted.contains(cluster.name) else { return true }
    hold(
      .cluster(cluster.name),
      "the configuration says that its ID is \(view.id); it was \(installed). That is another cluster",
      remedy: "Let it through with: zonebridge run --once --accept \(cluster.name)")
    return false
  }
}
