package import DNSNames

/// What a pass decided about one alias with several clusters: what it saw of them, where the alias should lead, and
/// why.
package struct FailoverCourse: Sendable {
  package var alias: DomainName
  package var rules: Failover
  package var sights: [String: ClusterSight]
  package var decision: FailoverDecision
  /// What to remember; once the pass has ended, with where the alias was seen to lead.
  package var memory: FailoverMemory
  /// Where it led in the passes before, if it leads elsewhere now.
  package var movedFrom: String?
  /// What was remembered before the pass; nil for an alias that is new.
  private let before: String?

  package init(
    _ alias: DomainName, rules: Failover, sights: [String: ClusterSight],
    decision: FailoverDecision, memory: FailoverMemory, before: FailoverMemory?
  ) {
    self.alias = alias
    self.rules = rules
    self.sights = sights
    self.decision = decision
    self.memory = memory
    self.before = before?.cluster
    noteMove()
  }

  /// Records where the alias is seen to lead once the pass has ended.
  package mutating func note(standing present: String, at now: Int64) {
    memory.note(standing: present, at: now)
    noteMove()
  }

  private mutating func noteMove() {
    movedFrom = before.flatMap { $0 == memory.cluster ? nil : $0 }
  }
}

extension DesiredState {
  /// The same with each alias that follows health leading where that was decided.
  package func led(by courses: [FailoverCourse]) -> DesiredState {
    var desired = self
    for course in courses {
      for index in desired.aliases.indices where desired.aliases[index].owner == course.alias {
        desired.aliases[index].cluster = course.decision.cluster
      }
    }
    return desired
  }

  /// The same with each alias that follows health leading where a pass left it.
  package func led(asLeft courses: [FailoverCourse]) -> DesiredState {
    var desired = self
    for course in courses {
      for index in desired.aliases.indices where desired.aliases[index].owner == course.alias {
        desired.aliases[index].cluster = course.memory.cluster ?? course.decision.cluster
      }
    }
    return desired
  }

  /// The same with each alias that follows health leading where it leads now, for operations that must not move it.
  package func led(asStanding chains: [Chain]) -> DesiredState {
    var desired = self
    for index in desired.aliases.indices {
      let alias = desired.aliases[index]
      if let present = chains.cluster(of: alias) { desired.aliases[index].cluster = present }
    }
    return desired
  }
}

extension [Chain] {
  /// The one of an alias's clusters that its DNAME leads into; nil where it stands nowhere, or leads elsewhere.
  package func cluster(of alias: Alias) -> String? {
    guard let failover = alias.failover else { return nil }
    return first {
      $0.question.owner == alias.owner && failover.clusters.contains($0.question.cluster)
    }?.question.cluster
  }
}

extension FailoverCourse {
  /// Whether the memory has to be written.
  ///
  /// While all clusters are healthy, a later time is a reason only now and then.
  package func isNews(over earlier: FailoverMemory?) -> Bool {
    guard let earlier, isQuiet(memory), isQuiet(earlier) else { return true }
    var timeless = memory
    timeless.seenAt = earlier.seenAt
    timeless.series = earlier.series
    return timeless != earlier || memory.seenAt - earlier.seenAt >= FailoverDecision.longestGap / 2
  }

  /// Whether all clusters are healthy and have been for as long as anybody asks.
  private func isQuiet(_ memory: FailoverMemory) -> Bool {
    memory.move == nil
      && rules.clusters.allSatisfy { cluster in
        guard let series = memory.series[cluster], series.isHealthy else { return false }
        return series.passes >= FailoverDecision.fall
          && series.lasted >= max(rules.after, rules.back ?? 0)
      }
  }

  /// In how many seconds the alias may move, if the clusters stay as they are; nil if nothing is waited for, or if
  /// something else keeps the alias.
  package var wait: Int64? {
    guard let cluster = memory.cluster, memory.choice == nil, let series = memory.series[cluster],
      !series.isHealthy, series.passes >= FailoverDecision.fall - 1, series.lasted < rules.after
    else { return nil }
    return max(rules.after - series.lasted, 1)
  }
}
