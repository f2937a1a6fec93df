/// The state of the simulated cluster at a moment; it determines everything that its masters answer.
struct ClusterState: Sendable {
  var id: String
  var secretKey: String
  /// The masters' addresses, as Exhibitor lists them.
  var masters: [String]
  /// Addresses by task name below `mesos`, for example `web.marathon`.
  var tasks: [String: [String]]
  /// A fixed token for the paths that require one: all but Exhibitor's; nil if there is no fixed token.
  var requiredToken: String?
  /// Whether there are accounts: then these paths require a token, and accept one from a login.
  var hasLogin = false
  /// Whether Exhibitor's path requires a token too.
  var guardsExhibitor = false
  var failures: [String: Failure] = [:]
  /// The handling of questions for names outside the cluster.
  var upstream = SimulatedCluster.Upstream.absent
  /// The masters that do not know the cluster's key.
  var keyless: Set<String> = []

  /// The masters that mesos-dns lists: it drops those that are down.
  var mastersAlive: [String] {
    masters.filter { failures[$0] != .unreachable }
  }

  func isKeyless(_ master: String) -> Bool { keyless.contains(master) }

  var leader: String? { mastersAlive.first }
}
