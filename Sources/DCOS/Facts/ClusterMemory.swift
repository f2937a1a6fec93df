/// What is remembered of a cluster from round to round.
package struct ClusterMemory: Hashable, Sendable {
  /// What the masters last agreed on and what was believed.
  package var view: ClusterView
  /// When they last did, in seconds since 1970.
  package var agreedAt: Int64
  /// What they agree on and what is not believed yet.
  package var pending: Pending?

  package struct Pending: Hashable, Sendable {
    package var view: ClusterView
    /// Since when, in seconds since 1970.
    package var since: Int64
    /// In how many rounds in a row they agreed on it.
    package var rounds: Int
    /// In how many rounds in a row all masters said so.
    package var unanimousRounds: Int

    package init(view: ClusterView, since: Int64, rounds: Int = 0, unanimousRounds: Int = 0) {
      self.view = view
      self.since = since
      self.rounds = rounds
      self.unanimousRounds = unanimousRounds
    }
  }

  package init(view: ClusterView, agreedAt: Int64, pending: Pending? = nil) {
    self.view = view
    self.agreedAt = agreedAt
    self.pending = pending
  }
}
