package import DCOS

/// What a pass saw of a cluster: the step `observe`.
package enum Sighting: Sendable {
  /// The masters agree; `isUnanimous` where every one of them was asked and said the same.
  case agreed(ClusterView, isUnanimous: Bool)
  /// They do not, or too few of them answered.
  case unknown(Disagreement)
}
