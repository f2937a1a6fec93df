import DCOS
import ReconcileModel

/// Whether the masters answer DNS for their cluster, each over UDP and TCP.
struct ForwarderCheck {
  var links: [Finding] = []
  /// The clusters none of whose forwarders answers rightly.
  var silentClusters: Set<String> = []

  static func look(at facts: DiagnosisFacts) async -> ForwarderCheck {
    var check = ForwarderCheck()
    let probe = ForwarderProbe(timeout: DiagnosisFacts.patience)
    for cluster in facts.desired.clusters {
      let forwarders = facts.forwarders(of: cluster)
      guard let id = facts.id(of: cluster), !forwarders.isEmpty else {
        check.links.append(
          Finding(
            .forwarding, "\(cluster.name): forwarders", .skipped,
            "not looked at, since the cluster's \(facts.id(of: cluster) == nil ? "ID is" : "masters are") not known"
          ))
        continue
      }
      let label = facts.labels(of: cluster).first ?? "mesos"
      let subject = ForwarderQuestion(
        cluster: cluster.name, name: "\(label).\(id.domain).", forwarders: forwarders,
        port: cluster.dnsPort)
      let objections = await concurrentMap(forwarders, atMost: 32) { forwarder in
        await probe.objection(to: forwarder, of: subject)
      }
      check.append(zip(forwarders, objections), of: cluster)
    }
    return check
  }

  private mutating func append(
    _ seen: some Sequence<(IPAddress, String?)>, of cluster: Cluster
  ) {
    let isSilent = seen.allSatisfy { $0.1 != nil }
    if isSilent { silentClusters.insert(cluster.name) }
    for (forwarder, objection) in seen {
      let subject = "\(cluster.name): \(forwarder) DNS"
      guard let objection else {
        links.append(Finding(.forwarding, subject, .ok, "answers over UDP and TCP"))
        continue
      }
      links.append(
        Finding(
          .forwarding, subject, isSilent ? .broken : .warning, objection,
          remedy: """
            Look at dcos-net on this master, and at what is between here and its port \
            \(cluster.dnsPort), UDP and TCP; behind NAT, set forwarders
            """))
    }
  }
}
