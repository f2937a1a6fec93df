import DNSNames
package import ReconcileModel

/// An alias with several clusters, as a pass left it.
package struct FailoverRecord: Codable, Hashable, Sendable {
  /// One of its clusters.
  package struct Candidate: Codable, Hashable, Sendable {
    package enum Health: String, Codable, Sendable {
      case healthy, ill
      /// Neither is known: nothing is done on account of it.
      case unknown
    }

    package var name: String
    package var health: Health
    /// Since when it is healthy or ill without an exception, in seconds since 1970.
    package var since: Int64?
    /// Why it is not healthy.
    package var reason: String?
  }

  /// An operator's choice.
  package struct Choice: Codable, Hashable, Sendable {
    package var cluster: String
    /// When it ends by itself, in seconds since 1970.
    package var until: Int64?
  }

  package var alias: String
  /// Where it leads; nil where it is not seen to lead into any of them.
  package var cluster: String?
  /// Since when, in seconds since 1970.
  package var since: Int64
  /// Why; nil where it was never seen to move.
  package var reason: String?
  /// How often it was moved.
  package var moves: Int
  /// In the order in which they are preferred.
  package var clusters: [Candidate]
  package var choice: Choice?
  /// The cluster that it would move to and may not yet, since it has moved within the hour.
  package var held: String?

  /// Whether it leads to the cluster that is preferred.
  package var isOnFirstChoice: Bool { cluster == clusters.first?.name }
}

extension FailoverRecord {
  package init(_ course: FailoverCourse) {
    let memory = course.memory
    alias = course.alias.withoutTrailingDot
    cluster = memory.cluster
    since = memory.since
    reason = memory.reason.isEmpty ? nil : memory.reason
    moves = memory.moves
    clusters = course.rules.clusters.map { name in
      let health = course.sights[name]?.health
      return Candidate(
        name: name, health: Candidate.Health(health), since: memory.series[name]?.since,
        reason: health?.why?.cause)
    }
    choice = memory.choice.map { Choice(cluster: $0.cluster, until: $0.until) }
    if case .held(_, let cluster, _, _) = course.decision { held = cluster }
  }
}

extension FailoverRecord.Candidate.Health {
  fileprivate init(_ health: ClusterHealth?) {
    self =
      switch health {
      case .healthy?: .healthy
      case .ill?: .ill
      case .unknown?, nil: .unknown
      }
  }
}
