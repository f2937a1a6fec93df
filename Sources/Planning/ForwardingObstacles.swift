package import BINDText
package import DCOS
package import ReconcileModel

/// What questions for a cluster's names lead through: a forward zone and its masters.
package struct ForwardingPath: Hashable, Sendable {
  /// The cluster, for messages.
  package var cluster: String
  /// `<id>.dcos.directory`
  package var domain: DomainName
  /// The names that aliases lead to: `<label>.<id>.dcos.directory`.
  package var targets: [DomainName]
  package var forwarders: [IPAddress]
  /// The addresses of the cluster's hosts, as far as they are known: those of its masters.
  package var hosts: [IPAddress]
  /// The address that questions come from; nil where nobody has said.
  package var client: IPAddress?

  package init(
    cluster: String, domain: DomainName, targets: [DomainName], forwarders: [IPAddress],
    hosts: [IPAddress], client: IPAddress? = nil
  ) {
    self.cluster = cluster
    self.domain = domain
    self.targets = targets
    self.forwarders = forwarders
    self.hosts = hosts
    self.client = client
  }
}

extension ConfigurationTree {
  /// What in a view keeps named from forwarding a cluster's names, or clients from the answers.
  ///
  /// It is as far as the configuration tells. What it does not tell is in the zones: whether one above the
  /// cluster's delegates it, and what a response policy says.
  ///
  /// - Parameters:
  ///   - path: the forward zone, there already or about to be written.
  ///   - view: nil in a configuration without views.
  ///   - ownAddresses: the addresses of the host that named runs on, as far as they are known.
  /// - Returns: the obstacles, in the order in which a question comes to them.
  package func forwardingObstacles(
    on path: ForwardingPath, in view: String?, ownAddresses: Set<IPAddress> = []
  ) -> [ForwardingObstacle] {
    let matcher = AddressMatcher(self, ownAddresses: ownAddresses)
    return clientObstacles(path, view, matcher)
      + zoneObstacles(path, view)
      + serverObstacles(path, view, matcher)
      + answerObstacles(path, view, matcher)
  }
}

extension Sequence<IPAddress> {
  var list: String { map(\.description).joined(separator: ", ") }
}
