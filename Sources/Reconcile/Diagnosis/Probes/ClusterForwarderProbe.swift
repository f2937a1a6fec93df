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
    let probe = ForwarderProbe(timeout: DiagnosisFacts.patience)
    var probes: [String: ClusterForwarderProbe] = [:]
    for cluster in facts.desired.clusters {
      let forwarders = facts.forwarders(of: cluster)
      let label = facts.labels(of: cluster).first ?? "mesos"
      guard let id = facts.id(of: cluster), !forwarders.isEmpty,
        let name = try? Recipe.target(label: label, id: id)
      else { continue }
      let objections = await concurrentMap(forwarders, atMost: 32) { forwarder in
        await probe.objection(to: forwarder, port: cluster.dnsPort, name)
      }
      probes[cluster.name] = ClusterForwarderProbe(
        replies: Array(zip(forwarders, objections)).map { ($0, $1) })
    }
    return probes
  }
}
