package import DCOS

/// What is remembered of the clusters, by name, in the state directory.
///
/// By it zonebridge finds a cluster whose configured masters have all been replaced, and judges an agreement. If it is
/// missing, the managed blocks have as much.
package struct ClusterMemories: Equatable, Sendable {
  package var byName: [String: ClusterMemory] = [:]

  package init(
    byName: [String: ClusterMemory] = [:]
  ) {
    self.byName = byName
  }
}
