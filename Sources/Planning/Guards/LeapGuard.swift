import BINDText
import DCOS
import DNSNames
import ReconcileModel

/// The look before the leap: whatever a DNAME is about to lead to has to answer.
struct LeapGuard {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// Whether the masters that are to become forwarders are known not to answer; then the cluster's change
  /// is held.
  func isUnanswered(_ cluster: Cluster, _ draft: inout PlanDraft) -> Bool {
    guard let finding = context.evidence.findings?[cluster.name] else { return false }
    if finding.isAnswered {
      if !finding.silent.isEmpty {
        let list = finding.silent.joined(separator: "; ")
        draft.hints.append(
          Hint(.cluster(cluster.name), "some of its masters do not answer DNS: \(list)"))
      }
      return false
    }
    if context.request.accepted.contains(cluster.name) { return false }
    hold(.cluster(cluster.name), "its", cluster, finding, &draft)
    return true
  }

  private func hold(
    _ subject: Subject, _ whose: String, _ cluster: Cluster, _ finding: ForwarderFinding,
    _ draft: inout PlanDraft
  ) {
    draft.hold(
      subject,
      "none of \(whose) masters answers DNS for it from here: \(finding.silent.joined(separator: "; "))",
      remedy: """
        Check dcos-net on the masters, the network from here to their port \(cluster.dnsPort) (UDP and TCP), and \
        dns-port and forwarders in the configuration
        """)
  }

  /// Whether an alias's DNAME may lead to a target; if not, the alias is held before a byte is written.
  ///
  /// - Parameters:
  ///   - alias: the alias.
  ///   - target: where its DNAME should lead.
  ///   - before: where it leads now.
  ///   - needs: the forward zones that it needs there.
  ///   - clusters: the plan for them.
  ///   - draft: gets the problem.
  /// - Returns: whether it may.
  func canLead(
    _ alias: Alias, to target: DomainName, from before: [DomainName],
    _ needs: Set<Requirement>, _ clusters: ClusterPlan, _ draft: inout PlanDraft
  ) -> Bool {
    guard context.operation.isWhole, !before.contains(target) else { return true }
    let subject = Subject.alias(alias.owner)
    // Set.subtracting takes as long as all that stands.
    for case .forwardZone(let id, let view) in needs.filter({ !clusters.standing.contains($0) })
    where !context.actual.forwardsNames(of: id, in: view) {
      let place = view.map { "view \($0)" } ?? "named.conf"
      draft.hold(
        subject,
        "\(place) has no forward zone \(id.domain.withoutTrailingDot), which its DNAME would lead into",
        remedy: view == nil
          ? "It is written once cluster \(alias.cluster)'s forward zone can be"
          : "Choose the view in bind.views as well, or another one for the alias in zones: … views")
      return false
    }
    guard let cluster = context.clusters[alias.cluster],
      let finding = context.evidence.findings?[alias.cluster]
    else { return true }
    // An operator may lead an alias where nothing answers yet, but not take it away from where it works.
    let isLost = before.isEmpty || context.evidence.brokenAliases.contains(alias.owner)
    guard finding.isAnswered || isLost && context.request.accepted.contains(alias.cluster) else {
      hold(subject, "cluster \(cluster.name)'s", cluster, finding, &draft)
      return false
    }
    if finding.unknownLabels[alias.label] == nil, let words = finding.deadLabels[alias.label],
      !(isLost && context.request.accepted.contains(alias.cluster))
    {
      draft.hold(
        subject,
        """
        cluster \(cluster.name)'s masters know \(target.withoutTrailingDot), where it would lead, and have an answer for \
        none of its names: \(words)
        """,
        remedy: "See whether mesos-dns runs in the cluster; until then it stays where it is")
      return false
    }
    guard let words = finding.unknownLabels[alias.label] else { return true }
    draft.hold(
      subject,
      """
      cluster \(cluster.name)'s masters answer DNS, but none of them for \(target.withoutTrailingDot), where it would \
      lead: \(words)
      """,
      remedy: "Correct the alias's label, or see why the cluster does not serve '\(alias.label)'")
    return false
  }

  /// The forwarders that named would ask and aliases would lead to, and that were not seen to answer yet.
  func newForwarders(_ clusters: ClusterPlan, _ changes: [Change]) -> [ForwarderQuestion] {
    let moved = Set(
      changes.compactMap { change -> DomainName? in
        guard change.leadsAnew, case .alias(let owner) = change.subject else { return nil }
        return owner
      })
    let aliasesByCluster = Dictionary(grouping: context.desired.aliases, by: \.cluster)
    return context.desired.clusters.compactMap { cluster in
      let aliases = aliasesByCluster[cluster.name, default: []]
      let isChanged = clusters.changed.contains(cluster.name)
      let labels = Set(aliases.filter { isChanged || moved.contains($0.owner) }.map(\.label))
      guard isChanged || !labels.isEmpty, let id = clusters.targets[cluster.name] else {
        return nil
      }
      if let forwarders = clusters.forwarders[cluster.name], isChanged {
        return ForwarderQuestion(
          cluster: cluster.name, id: id, labels: labels.sorted(), forwarders: forwarders,
          port: cluster.dnsPort, probe: cluster.probe)
      }
      let forwarders = context.actual.standingForwarders(of: id)
      guard !forwarders.isEmpty else { return nil }
      return ForwarderQuestion(
        cluster: cluster.name, id: id, labels: labels.sorted(),
        forwarders: forwarders.map(\.address), port: forwarders.first?.port ?? cluster.dnsPort,
        probe: cluster.probe)
    }
  }
}
