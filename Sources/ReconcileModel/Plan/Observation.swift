package import DCOS

/// What a pass saw of a cluster: the step `observe`.
package enum Observation: Sendable {
  /// What the configuration says itself.
  case fixed(ClusterView)
  /// What its masters said.
  case observed(ObservationRound)
}
