package import DCOS
package import DNSNames

/// Where a foreign DNAME was found to lead into a cluster: the next pass looks there first.
package struct ForeignDependent: Hashable, Sendable {
  package var id: ClusterID
  /// The zone in which it stands, in the view that is the zone's home.
  package var zone: ZoneInView
  /// Nil where only the text is known that names the cluster.
  package var owner: DomainName?

  package init(id: ClusterID, zone: ZoneInView, owner: DomainName? = nil) {
    self.id = id
    self.zone = zone
    self.owner = owner
  }
}
