/// A plan with what it was made from.
package struct Proposal: Sendable {
  package var plan: Plan
  package var actual: ActualState
  /// What the clusters said; empty where they were not asked.
  package var observations: [String: Observation] = [:]
  package var verdicts: [Expectation: Verdict]
  /// Nil where all zone files were looked through.
  package var blockIndex: BlockIndex?
  /// What was put back by passes before, as it is written down.
  package var revertedChanges = RevertedChanges()
  /// What is remembered of the clusters, as it is written down.
  package var memories = ClusterMemories()
  /// When it was made, in seconds since 1970.
  package var now: Int64

  package init(
    plan: Plan, actual: ActualState, observations: [String: Observation] = [:],
    verdicts: [Expectation: Verdict], blockIndex: BlockIndex? = nil,
    revertedChanges: RevertedChanges = RevertedChanges(),
    memories: ClusterMemories = ClusterMemories(), now: Int64
  ) {
    self.plan = plan
    self.actual = actual
    self.observations = observations
    self.verdicts = verdicts
    self.blockIndex = blockIndex
    self.revertedChanges = revertedChanges
    self.memories = memories
    self.now = now
  }
}
