/// What was answered for names of a cluster itself, by its masters and through named, whether or not an alias leads
/// there.
package struct ClusterAnswers: Hashable, Sendable {
  /// What was asked: its owner is its target.
  package var question: ChainQuestion
  package var forwarders: Chain.State
  package var forwardZone: Chain.State
  package var probe: Chain.State

  package init(
    _ question: ChainQuestion, forwarders: Chain.State, forwardZone: Chain.State,
    probe: Chain.State
  ) {
    self.question = question
    self.forwarders = forwarders
    self.forwardZone = forwardZone
    self.probe = probe
  }
}
