/// Where an alias with several clusters should lead: pure, from what was seen of them and what is remembered.
///
/// A move takes a DNAME from under everybody who uses it, and a wrong one is an outage of its own. So an alias is slow
/// to leave a cluster and slower to return, and what is not known moves nothing: an alias that would follow one failed
/// check, go to and fro while everything is ill, or take the first good answer for a recovery is worse than one that
/// stays.
package enum FailoverDecision: Hashable, Sendable {
  /// It still leads there.
  case stays(at: String)
  /// It is not seen to lead into any of its clusters yet, and should lead there.
  case begins(at: String)
  case moves(from: String, to: String, FailoverReason)
  /// It would move once more within the hour, and nobody asked for it.
  case held(at: String, to: String, FailoverReason, until: Int64)

  /// How many passes one after the other have to see a cluster ill before it is left (HAProxy's `fall`).
  package static let fall = 3
  /// How many passes one after the other have to see a cluster healthy before an alias moves there (HAProxy's `rise`).
  package static let rise = 2
  /// How many seconds lie between two moves that nobody asked for, at least.
  package static let pause: Int64 = 3600
  /// How many seconds may lie between two passes that count as one after the other: beyond it the host slept, the agent
  /// did not run, or the clock jumped.
  package static let longestGap: Int64 = 600

  /// What one pass knows.
  package struct Input: Sendable {
    /// What was seen of each cluster; one that is missing was not seen.
    package var seen: [String: ClusterHealth]
    /// Where the alias's DNAME leads; nil where it stands nowhere, or leads into none of its clusters.
    package var standing: String?
    package var memory: FailoverMemory?
    /// Whether earlier counts are discarded, because an agent has just been started.
    package var startsAfresh = false
    /// The clusters for which an operator accepts what is held.
    package var accepted: Set<String> = []
    /// In seconds since 1970.
    package var now: Int64

    package init(
      seen: [String: ClusterHealth], standing: String?, memory: FailoverMemory?, now: Int64
    ) {
      self.seen = seen
      self.standing = standing
      self.memory = memory
      self.now = now
    }
  }

  /// Where the alias should lead.
  package var cluster: String {
    switch self {
    case .stays(let cluster), .begins(let cluster), .moves(_, let cluster, _),
      .held(let cluster, _, _, _):
      cluster
    }
  }
}

/// Why an alias moves.
package enum FailoverReason: Hashable, Sendable {
  /// The cluster that it leads to has been ill for so many seconds.
  case illness(of: String, seconds: Int64, Chain.Why)
  /// A cluster that is preferred has been healthy for so many seconds.
  case recovery(of: String, seconds: Int64)
  /// An operator wants it.
  case choice(of: String)
  /// An operator no longer wants it.
  case choiceEnded

  /// Whether nobody asked for it.
  package var isAutomatic: Bool {
    switch self {
    case .illness, .recovery: true
    case .choice, .choiceEnded: false
    }
  }
}

extension FailoverReason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .illness(let cluster, let seconds, let why):
      "\(cluster) has been ill for \(seconds) s: \(why.cause)"
    case .recovery(let cluster, let seconds):
      "\(cluster), which is preferred, has been healthy for \(seconds) s"
    case .choice(let cluster): "an operator switched it to \(cluster)"
    case .choiceEnded: "the operator's choice has ended"
    }
  }
}
