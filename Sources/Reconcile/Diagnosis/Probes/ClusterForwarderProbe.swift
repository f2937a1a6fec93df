import DCOS
import DNSNames
import ReconcileModel

/// What the forwarders of one cluster answer to this host.
struct ClusterForwarderProbe: Sendable {
  /// Each forwarder, with why it is of no use; nil if it answers over UDP and TCP.
  var replies: [(forwarder: IPAddress, objection: String?)]

  /// Whether none of them answers rightly.
  var isSilent: Bool { replies.allSatisfy { $0.objection != nil } }

  /// Asks the forwarders of all clusters whose ID and masters are known, by the cluster's name.
  static func look(at facts: DiagnosisFacts) async -> [String: ClusterForwarderProbe] {
    let questions = facts.desired.clusters.compactMap { cluster -> ForwarderQuestion? in
      let forwarders = facts.forwarders(of: cluster)
      guard let id = facts.id(of: cluster), !forwarders.isEmpty else { return nil }
      let label = facts.labels(of: cluster).first ?? "mesos"
      return ForwarderQuestion(
        cluster: cluster.name, id: id, labels: [label], forwarders: forwarders,
        port: cluster.dnsPort)
    }
    let objections = await ForwarderProbe(timeout: DiagnosisFacts.patience)
      .objections(to: questions)
    var probes: [String: ClusterForwarderProbe] = [:]
    for (question, objections) in zip(questions, objections) {
      probes[question.cluster] = ClusterForwarderProbe(
        replies: Array(zip(question.forwarders, objections)).map { ($0, $1) })
    }
    return probes
  }
}
