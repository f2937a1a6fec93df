/// What the simulated cluster is at a moment; everything that its masters say follows from it.
struct ClusterState: Sendable {
  var id: String
  var secretKey: String
  /// The masters' addresses, as Exhibitor lists them.
  var masters: [String]
  /// Addresses by task name below `mesos`, such as `web.marathon`.
  var tasks: [String: [String]]
  /// The token without which all but Exhibitor's path is barred; nil: nothing is.
  var requiredToken: String?
  /// Whether there are accounts: then what is barred without a token is open to those that a login
  /// gives.
  var hasLogin = false
  /// Whether Exhibitor's path is barred too.
  var guardsExhibitor = false
  var failures: [String: Failure] = [:]
  /// What becomes of questions for names that are not the cluster's own.
  var upstream = SimulatedCluster.Upstream.absent
  /// The masters that do not know the cluster's key.
  var keyless: Set<String> = []

  /// The masters that mesos-dns knows: it drops one that is down.
  var mastersAlive: [String] {
    masters.filter { failures[$0] != .unreachable }
  }

  func isKeyless(_ master: String) -> Bool { keyless.contains(master) }

  var leader: String? { mastersAlive.first }
}
