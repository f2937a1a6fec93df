package import DCOS
package import DNSNames

/// The forwarders that a plan would give named, and the names that aliases are about to lead to there.
package struct ForwarderQuestion: Sendable {
  package var cluster: String
  /// `<label>.<id>.dcos.directory`, by the labels that aliases are about to lead to; the apex and foreign
  /// IDs go to the cluster's own resolvers, and so tell nothing.
  package var names: [String: DomainName]
  /// A name that every cluster answers: it tells an unknown label from masters that do not answer.
  package var knownName: DomainName?
  package var forwarders: [IPAddress]
  package var port: UInt16
  /// A name that has an address in the cluster, relative to where the aliases are about to lead; nil for not asking.
  package var probe: String?

  /// - Parameters:
  ///   - cluster: its name in the configuration.
  ///   - id: its ID.
  ///   - labels: those that aliases are about to lead to; none asks for `mesos`, which every cluster has.
  ///   - forwarders: whom named asks, or will.
  ///   - port: on which they answer DNS.
  ///   - probe: a name that has an address in the cluster.
  package init(
    cluster: String, id: ClusterID, labels: [String], forwarders: [IPAddress], port: UInt16,
    probe: String? = nil
  ) {
    self.cluster = cluster
    self.forwarders = forwarders
    self.port = port
    self.probe = probe
    let labels = labels.isEmpty ? [Self.knownLabel] : labels
    names = [:]
    for label in labels { names[label] = try? Recipe.target(label: label, id: id) }
    if !labels.contains(Self.knownLabel) {
      knownName = try? Recipe.target(label: Self.knownLabel, id: id)
    }
  }

  private static let knownLabel = "mesos"
}

/// What was seen of the forwarders of one cluster.
package struct ForwarderFinding: Hashable, Sendable {
  /// Those that do not answer correctly, each with the reason.
  package var silent: [String] = []
  /// Whether any answers correctly.
  package var isAnswered = false
  /// The labels that none of them knows, although they answer for the cluster, each with the reason.
  package var unknownLabels: [String: String] = [:]
  /// The labels whose zone they know, and for no name in which any of them has an answer, each with the reason.
  ///
  /// That a name does not exist is an answer: while a leader is elected, its name does not.
  package var deadLabels: [String: String] = [:]

  package init(
    silent: [String] = [], isAnswered: Bool = false, unknownLabels: [String: String] = [:],
    deadLabels: [String: String] = [:]
  ) {
    self.silent = silent
    self.isAnswered = isAnswered
    self.unknownLabels = unknownLabels
    self.deadLabels = deadLabels
  }
}
