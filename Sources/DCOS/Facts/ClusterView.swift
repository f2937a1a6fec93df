package import DNSNames

/// What a cluster is: its ID and its masters, as its masters agree on them.
package struct ClusterView: Hashable, Sendable {
  package let id: ClusterID
  /// In ascending order, each once.
  package let masters: [IPAddress]

  package init(id: ClusterID, masters: some Sequence<IPAddress>) {
    self.id = id
    self.masters = Set(masters).sorted()
  }
}
