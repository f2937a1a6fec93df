import DCOS
import DNSNames
import ReconcileModel

// The look before the leap.
extension PlanContext {
  /// Whether the masters that are to become forwarders are known not to answer; then the cluster's change
  /// is held.
  func isUnanswered(_ cluster: Cluster, _ draft: inout PlanDraft) -> Bool {
    guard let finding = evidence.findings?[cluster.name] else { return false }
    let list = finding.silent.joined(separator: "; ")
    if finding.isAnswered {
      if !finding.silent.isEmpty {
        draft.hints.append(
          Hint(.cluster(cluster.name), "of its masters some do not answer DNS: \(list)"))
      }
      return false
    }
    if request.accepted.contains(cluster.name) { return false }
    draft.hold(
      .cluster(cluster.name),
      "none of its masters answers DNS for it from here: \(list)",
      remedy: """
        Look at dcos-net on the masters, at what is between here and port \(cluster.dnsPort) of theirs \
        (UDP and TCP), and at dns-port and forwarders in the configuration
        """)
    return true
  }

  /// What a plan would have named forward to that it does not yet.
  func newForwarders(_ clusters: ClusterPlan) -> [ForwarderQuestion] {
    desired.clusters.compactMap { cluster in
      guard clusters.changed.contains(cluster.name), let id = clusters.targets[cluster.name],
        let forwarders = clusters.forwarders[cluster.name]
      else { return nil }
      let label = desired.aliases.first { $0.cluster == cluster.name }?.label ?? "mesos"
      return ForwarderQuestion(
        cluster: cluster.name, name: "\(label).\(id.domain).", forwarders: forwarders,
        port: cluster.dnsPort)
    }
  }
}
