/// The state of the simulated cluster at a moment; it determines everything that its masters answer.
struct ClusterState: Sendable {
  var id: String
  var secretKey: String
  /// The masters' addresses, as Exhibitor lists them.
  var masters: [String]
  /// Addresses by task name below `mesos`, for example `web.marathon`.
  var tasks: [String: [String]]
  /// The token required for all paths except Exhibitor's; nil if none is required.
  var requiredToken: String?
  /// Whether there are accounts: then tokens from a login are accepted wherever a token is required.
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
