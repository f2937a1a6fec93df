package import DCOS
package import DNSNames

/// What a plan would have named forward to, and the names that aliases are about to lead to there.
package struct ForwarderQuestion: Sendable {
  package var cluster: String
  /// `<label>.<id>.dcos.directory`; the apex and foreign IDs go to the cluster's own resolvers, and so
  /// tell nothing.
  package var name: String
  /// The same with the other labels that aliases are about to lead to, by label.
  package var otherNames: [String: String] = [:]
  /// A name that every cluster answers: by it an unknown label is told from masters that do not answer.
  package var knownName: String?
  package var forwarders: [IPAddress]
  package var port: UInt16

  package init(
    cluster: String, name: String, forwarders: [IPAddress], port: UInt16
  ) {
    self.cluster = cluster
    self.name = name
    self.forwarders = forwarders
    self.port = port
  }

  /// - Parameters:
  ///   - cluster: its name in the configuration.
  ///   - id: its ID.
  ///   - labels: those that aliases are about to lead to; none asks for `mesos`, which every cluster has.
  ///   - forwarders: whom named asks, or will.
  ///   - port: on which they answer DNS.
  package init(
    cluster: String, id: ClusterID, labels: [String], forwarders: [IPAddress], port: UInt16
  ) {
    func name(_ label: String) -> String { "\(label).\(id.domain)." }
    let first = labels.first ?? Self.knownLabel
    self.init(cluster: cluster, name: name(first), forwarders: forwarders, port: port)
    for label in labels.dropFirst() { otherNames[label] = name(label) }
    if !labels.isEmpty, !labels.contains(Self.knownLabel) { knownName = name(Self.knownLabel) }
  }

  private static let knownLabel = "mesos"

  /// The label that a name begins with.
  package static func label(of name: String) -> String {
    String(name.prefix { $0 != "." })
  }
}

/// What was seen of the forwarders of one cluster.
package struct ForwarderFinding: Hashable, Sendable {
  /// Those that do not answer rightly, each with the reason.
  package var silent: [String] = []
  /// Whether any answers rightly.
  package var isAnswered = false
  /// The labels that none of them knows, although they answer for the cluster, each with the reason.
  package var unknownLabels: [String: String] = [:]

  package init(
    silent: [String] = [], isAnswered: Bool = false, unknownLabels: [String: String] = [:]
  ) {
    self.silent = silent
    self.isAnswered = isAnswered
    self.unknownLabels = unknownLabels
  }
}
