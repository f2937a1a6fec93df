package import DCOS

/// What is believed of the clusters: judged once in a pass, before anything is planned.
package struct Beliefs: Sendable {
  /// The views to act on, by cluster; where there is none, what is written stays.
  package var views: [String: ClusterView] = [:]
  /// Why nothing new is believed of a cluster.
  package var problems: [String: Problem] = [:]
  /// What to remember of the clusters.
  package var memories: ClusterMemories
  /// Where the aliases are to lead that follow the health of their clusters; nil where that is not decided.
  package var courses: [FailoverCourse]?

  package init(memories: ClusterMemories) {
    self.memories = memories
  }
}
