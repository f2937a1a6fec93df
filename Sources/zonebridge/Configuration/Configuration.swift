import ReconcileModel
import SystemPackage

/// What the configuration file says.
struct Configuration: Sendable {
  /// The time between two passes, before it is spread.
  var interval: Duration
  /// Where zonebridge keeps what it has to remember.
  var stateDirectory: FilePath
  var desired: DesiredState
  /// Where the agent's state is published.
  var metrics = MetricsConfiguration()
  /// The operator's commands.
  var hooks = HooksConfiguration()
  /// What in it was probably not meant so.
  var warnings: [ConfigurationNote] = []
  /// The file it was read from, as an absolute path.
  var path: FilePath

  /// What there is to do, in short.
  var summary: String {
    let (clusters, aliases) = (desired.clusters.count, desired.aliases.count)
    return "\(clusters) \(clusters == 1 ? "cluster" : "clusters"), "
      + "\(aliases) \(aliases == 1 ? "alias" : "aliases"), a pass every \(Age(interval))"
  }

  /// What the operator should read at each start.
  var notes: [ConfigurationNote] {
    desired.clusters.compactMap(TrustConfiguration.note) + [metrics.note].compactMap(\.self)
      + warnings
  }
}
