import DCOS
import ReconcileModel

extension Planner {
  /// Whether the masters that are to become forwarders are known not to answer; then the cluster's change
  /// is held.
  mutating func isUnanswered(_ cluster: Cluster, _ forwarders: [IPAddress]) -> Bool {
    guard let finding = evidence.findings?[cluster.name] else { return false }
    let list = finding.silent.joined(separator: "; ")
    if finding.isAnswered {
      if !finding.silent.isEmpty {
        result.hints.append(
          Hint(.cluster(cluster.name), "of its masters some do not answer DNS: \(list)"))
      }
      return false
    }
    if request.accepted.contains(cluster.name) { return false }
    hold(
      .cluster(cluster.name),
      "none of its masters answers DNS for it from here: \(list)",
      remedy: """
        Look at dcos-net on the masters, at what is between here and port \(cluster.dnsPort) of theirs \
        (UDP and TCP), and at dns-port and forwarders in the configuration
        """)
    return true
  }

  /// What the plan would have named forward to that it does not yet.
  var newForwarders: [ForwarderQuestion] {
    desired.clusters.compactMap { cluster in
      guard changedClusters.contains(cluster.name),
        result.attempts[.cluster(cluster.name)] != nil, let id = targets[cluster.name],
        let forwarders = forwarders[cluster.name]
      else { return nil }
      let label = desired.aliases.first { $0.cluster == cluster.name }?.label ?? "mesos"
      return ForwarderQuestion(
        cluster: cluster.name, name: "\(label).\(id.domain).", forwarders: forwarders,
        port: cluster.dnsPort)
    }
  }
}
