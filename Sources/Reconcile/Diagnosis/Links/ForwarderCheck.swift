import DCOS
import DNSNames
import ReconcileModel

/// Whether the masters answer DNS for their cluster, each over UDP and TCP.
struct ForwarderCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    facts.desired.clusters.flatMap { findings(of: $0).about(.cluster($0.name)) }
  }

  private func findings(of cluster: Cluster) -> [Finding] {
    guard let probe = facts.forwarderProbes[cluster.name] else {
      return [
        Finding(
          .forwarding, "\(cluster.name): forwarders", .skipped,
          "skipped: the cluster's \(facts.id(of: cluster) == nil ? "ID is" : "masters are") not known"
        )
      ]
    }
    return probe.replies.map { forwarder, objection in
      let subject = "\(cluster.name): \(forwarder) DNS"
      guard let objection else {
        return Finding(.forwarding, subject, .ok, "answers over UDP and TCP")
      }
      if let id = probe.newID, probe.answeringNewID.contains(forwarder) {
        let former =
          facts.id(of: cluster).map { ", and not for \($0), where the aliases lead" } ?? ""
        return Finding(
          .forwarding, subject, .broken, "answers for \(id)\(former): \(objection)",
          remedy: facts.problems(of: .cluster(cluster.name), in: .clusters).first?.remedy
            ?? "See zonebridge diff for what keeps the aliases from being led there")
      }
      return Finding(
        .forwarding, subject, probe.isSilent ? .broken : .warning, objection,
        remedy: """
          Check dcos-net on this master, and the network from here to its port \(cluster.dnsPort) (UDP and TCP). \
          Behind NAT, set forwarders
          """)
    }
  }
}
