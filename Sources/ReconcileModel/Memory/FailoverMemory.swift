package import DNSNames

/// What is remembered of one alias with several clusters, from pass to pass.
///
/// Without it the alias stays where its DNAME leads, and all counts start from the beginning.
package struct FailoverMemory: Hashable, Sendable {
  /// What was seen of a cluster in passes one after the other, without an exception.
  package struct Series: Hashable, Sendable {
    package var isHealthy: Bool
    /// When it began, in seconds since 1970.
    package var since: Int64
    /// For how many seconds it counts: a gap between two passes counts for so much and no more.
    package var lasted: Int64
    /// In how many passes.
    package var passes: Int

    package init(isHealthy: Bool, since: Int64, lasted: Int64 = 0, passes: Int = 1) {
      self.isHealthy = isHealthy
      self.since = since
      self.lasted = lasted
      self.passes = passes
    }
  }

  /// Where an operator wants it to lead, whatever the health of its clusters.
  package struct Choice: Hashable, Sendable {
    package var cluster: String
    /// When it ends by itself, in seconds since 1970; nil if only an operator ends it.
    package var until: Int64?

    package init(_ cluster: String, until: Int64? = nil) {
      self.cluster = cluster
      self.until = until
    }
  }

  /// A move that was decided on: it has happened once the alias leads there.
  package struct Move: Hashable, Sendable {
    package var cluster: String
    /// In seconds since 1970.
    package var time: Int64
    /// Whether nobody asked for it.
    package var isAutomatic: Bool
    package var reason: String

    package init(to cluster: String, at time: Int64, isAutomatic: Bool, reason: String) {
      self.cluster = cluster
      self.time = time
      self.isAutomatic = isAutomatic
      self.reason = reason
    }
  }

  /// Where it led when it was last observed; nil if it led into none of its clusters.
  package var cluster: String?
  /// Since when, in seconds since 1970.
  package var since: Int64
  /// How often it was moved.
  package var moves = 0
  /// When it last moved without being asked, in seconds since 1970.
  package var lastMove: Int64?
  /// Why it leads where it does; empty where it was never seen to move.
  package var reason = ""
  /// When its clusters were last observed, in seconds since 1970.
  package var seenAt: Int64
  /// A cluster that was neither healthy nor ill when it was last observed has none.
  package var series: [String: Series] = [:]
  package var choice: Choice?
  /// Whether a choice has ended, and the alias should lead to its first healthy cluster again.
  package var isReturning = false
  /// The move that was last decided on, while it is not seen to have happened.
  package var move: Move?

  package init(cluster: String? = nil, since: Int64, seenAt: Int64) {
    self.cluster = cluster
    self.since = since
    self.seenAt = seenAt
  }
}

extension FailoverMemory {
  /// Records where the alias is seen to lead.
  package mutating func note(standing present: String, at now: Int64) {
    guard cluster != present else { return }
    let made = move.flatMap { $0.cluster == present ? $0 : nil }
    if cluster != nil { moves += 1 }
    if let made, made.isAutomatic { lastMove = made.time }
    reason = made?.reason ?? ""
    since = made?.time ?? now
    cluster = present
    move = nil
  }

  /// The same with an operator's choice, which holds until its end or until the operator ends it; nil ends it.
  package func chosen(_ choice: Choice?) -> FailoverMemory {
    var memory = self
    if let choice {
      memory.choice = choice
      memory.isReturning = false
    } else {
      memory.release()
    }
    return memory
  }

  /// The choice is ended: the alias leads to the first of its clusters that is healthy.
  package mutating func release() {
    guard choice != nil else { return }
    choice = nil
    isReturning = true
  }
}

/// What is remembered of all aliases with several clusters.
package struct FailoverMemories: Hashable, Sendable {
  package var byAlias: [DomainName: FailoverMemory] = [:]

  package init(byAlias: [DomainName: FailoverMemory] = [:]) {
    self.byAlias = byAlias
  }
}
