/// A plan with what it was made from.
package struct Proposal: Sendable {
  package var plan: Plan
  package var actual: ActualState
  /// What the clusters said; empty where they were not asked.
  package var observations: [String: Observation] = [:]
  package var verdicts: [Expectation: Verdict] = [:]
  /// The chains as they were before anything is changed; nil where they were not probed.
  package var chains: [Chain]?
  /// The names of the managed blocks that the configuration has.
  package var desiredBlocks: Set<String> = []
  /// The plan that `--accept CLUSTER` would carry out, by cluster, so that an operator can decide.
  package var ifAccepted: [String: Plan] = [:]
  /// What is remembered, as it is written down.
  package var memory: PassMemory
  /// When it was made, in seconds since 1970.
  package var now: Int64
  /// How many seconds have passed since the pass began to make it.
  package var elapsed: @Sendable () -> Int64 = { 0 }

  package init(plan: Plan, actual: ActualState, memory: PassMemory, now: Int64) {
    self.plan = plan
    self.actual = actual
    self.memory = memory
    self.now = now
  }
}
