package import DCOS

/// What is remembered of the clusters, by name, in the state directory.
///
/// It is how a cluster is found whose configured masters have all been replaced, and what an agreement is
/// measured against. Where it is missing, the managed blocks tell as much.
package struct ClusterMemories: Equatable, Sendable {
  package var byName: [String: ClusterMemory] = [:]

  package init(
    byName: [String: ClusterMemory] = [:]
  ) {
    self.byName = byName
  }
}
