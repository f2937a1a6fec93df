package import DCOS

/// What is believed about the clusters: decided once in a pass, before anything is planned.
package struct Beliefs: Sendable {
  /// The views to act on, by cluster; a cluster without one keeps what is written.
  package var views: [String: ClusterView] = [:]
  /// Why nothing new is believed about a cluster.
  package var problems: [String: Problem] = [:]
  /// What to remember about the clusters.
  package var memories: ClusterMemories
  /// Where the aliases that follow the health of their clusters should lead; nil if that is not decided.
  package var courses: [FailoverCourse]?

  package init(memories: ClusterMemories) {
    self.memories = memories
  }
}
