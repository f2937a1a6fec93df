/// A plan with what it was made from.
package struct Proposal: Sendable {
  package var plan: Plan
  package var install: Install
  /// What the clusters said; empty where they were not asked.
  package var sightings: [String: Sighting] = [:]
  package var verdicts: [Expectation: Verdict]
  /// Nil where all zone files were looked through.
  package var footprint: Footprint?
  /// What was put back by passes before, as it is written down.
  package var setbacks = Setbacks()
  /// What is remembered of the clusters, as it is written down.
  package var memories = ClusterMemories()
  /// When it was made, in seconds since 1970.
  package var now: Int64

  package init(
    plan: Plan, install: Install, sightings: [String: Sighting] = [:],
    verdicts: [Expectation: Verdict], footprint: Footprint? = nil, setbacks: Setbacks = Setbacks(),
    memories: ClusterMemories = ClusterMemories(), now: Int64
  ) {
    self.plan = plan
    self.install = install
    self.sightings = sightings
    self.verdicts = verdicts
    self.footprint = footprint
    self.setbacks = setbacks
    self.memories = memories
    self.now = now
  }
}
