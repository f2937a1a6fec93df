package import DNSNames

/// What a plan would have named forward to.
package struct ForwarderQuestion: Sendable {
  package var cluster: String
  /// `<label>.<id>.dcos.directory`; the apex and foreign IDs go to the cluster's own resolvers, and so
  /// tell nothing.
  package var name: String
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
}

/// What was seen of the forwarders of one cluster.
package struct ForwarderFinding: Hashable, Sendable {
  /// Those that do not answer rightly, each with the reason.
  package var silent: [String] = []
  /// Whether any answers rightly.
  package var isAnswered = false

  package init(
    silent: [String] = [], isAnswered: Bool = false
  ) {
    self.silent = silent
    self.isAnswered = isAnswered
  }
}
