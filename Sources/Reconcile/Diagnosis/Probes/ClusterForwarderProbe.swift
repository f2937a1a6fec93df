import DCOS
import DNSNames
import ReconcileModel

/// What the forwarders of one cluster answer to this host.
struct ClusterForwarderProbe: Sendable {
  /// Each forwarder, with what is wrong with it; nil if it answers over UDP and TCP.
  var replies: [(forwarder: IPAddress, objection: String?)]
  /// The ID that the masters agree on, if none answers for the one that the aliases lead to; nil for the same one.
  var newID: ClusterID?
  /// Those that answer for it.
  var answeringNewID: Set<IPAddress> = []

  /// Whether none of them answers correctly.
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
    await askForNewIDs(facts, &probes)
    return probes
  }

  /// Asks masters that do not answer for the aliases' ID for the ID that they have now.
  private static func askForNewIDs(
    _ facts: DiagnosisFacts, _ probes: inout [String: ClusterForwarderProbe]
  ) async {
    let questions = facts.desired.clusters.compactMap { cluster -> ForwarderQuestion? in
      guard let probe = probes[cluster.name], probe.isSilent,
        let id = facts.observedID(of: cluster), id != facts.id(of: cluster)
      else { return nil }
      probes[cluster.name]?.newID = id
      return ForwarderQuestion(
        cluster: cluster.name, id: id, labels: [], forwarders: probe.replies.map(\.forwarder),
        port: cluster.dnsPort)
    }
    let objections = await ForwarderProbe(timeout: DiagnosisFacts.patience)
      .objections(to: questions)
    for (question, objections) in zip(questions, objections) {
      let answering = zip(question.forwarders, objections).filter { $0.1 == nil }.map(\.0)
      probes[question.cluster]?.answeringNewID = Set(answering)
    }
  }
}
