package import DCOS
package import DNSNames

/// A DNAME that a rollback restores to a target where it does not lead now.
package struct RollbackLeap: Hashable, Sendable {
  package var owner: DomainName
  package var target: DomainName
  package var zone: ZoneInView
  /// The cluster that it leads into.
  package var id: ClusterID
  /// The name of the cluster's forward zone, for messages.
  package var cluster: String

  package init(
    owner: DomainName, target: DomainName, zone: ZoneInView, id: ClusterID, cluster: String
  ) {
    self.owner = owner
    self.target = target
    self.zone = zone
    self.id = id
    self.cluster = cluster
  }
}
