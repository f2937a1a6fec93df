package import ReconcileModel

extension FailoverDecision {
  /// Decides where an alias should lead.
  ///
  /// - Parameters:
  ///   - input: What was seen and what is remembered.
  ///   - rules: What the configuration says.
  /// - Returns: Where it should lead, and what to remember.
  package static func of(
    _ input: Input, rules: Failover
  ) -> (decision: FailoverDecision, memory: FailoverMemory) {
    var judge = FailoverJudge(input, rules)
    let decision = judge.decide()
    judge.memory.move = judge.move(by: decision)
    return (decision, judge.memory)
  }
}

private struct FailoverJudge {
  let input: FailoverDecision.Input
  let rules: Failover
  /// The cluster that the alias leads to; nil if that is unknown.
  let present: String?
  var memory: FailoverMemory

  init(_ input: FailoverDecision.Input, _ rules: Failover) {
    self.input = input
    self.rules = rules
    let now = input.now
    memory = input.memory ?? FailoverMemory(since: now, seenAt: now)
    // If the clock was set back, nothing is later than now.
    memory.lastMove = memory.lastMove.map { min($0, now) }
    memory.since = min(memory.since, now)
    let known = [input.standing, memory.cluster].compactMap(\.self)
    present = known.first(where: rules.clusters.contains)
    if let standing = input.standing, standing == present {
      memory.note(standing: standing, at: now)
    }
    count()
  }

  // MARK: What is counted

  private mutating func count() {
    let gap = input.now - memory.seenAt
    let isUnbroken =
      !input.startsAfresh && input.memory != nil && (0...FailoverDecision.longestGap).contains(gap)
    let before = isUnbroken ? memory.series : [:]
    memory.series = [:]
    for cluster in rules.clusters {
      guard let isHealthy = state(of: cluster) else { continue }
      guard var series = before[cluster], series.isHealthy == isHealthy else {
        memory.series[cluster] = .init(isHealthy: isHealthy, since: input.now)
        continue
      }
      // A clock that jumps ahead by less than a gap does not replace passes: a gap counts for half of the wait at most.
      let wanted = isHealthy ? rules.back ?? rules.after : rules.after
      series.lasted += min(gap, max(wanted / 2, 1))
      series.passes += 1
      memory.series[cluster] = series
    }
    memory.seenAt = input.now
  }

  /// Whether a cluster is healthy; nil where that is not known.
  ///
  /// It counts as ill only while another cluster of the alias is healthy: otherwise our own network, or named, may be
  /// the cause.
  private func state(of cluster: String) -> Bool? {
    switch input.seen[cluster] {
    case nil, .unknown?: nil
    case .healthy?: true
    case .ill?:
      rules.clusters.contains { $0 != cluster && input.seen[$0] == .healthy } ? false : nil
    }
  }

  private func isRisen(_ cluster: String) -> Bool {
    memory.series[cluster].map { $0.isHealthy && $0.passes >= FailoverDecision.rise } ?? false
  }

  // MARK: The decision

  mutating func decide() -> FailoverDecision {
    endChoice()
    guard let present else {
      return .begins(
        at: memory.choice?.cluster ?? rules.clusters.first(where: isRisen) ?? rules.clusters[0])
    }
    if let choice = memory.choice {
      return choice.cluster == present
        ? .stays(at: present)
        : .moves(from: present, to: choice.cluster, .choice(of: choice.cluster))
    }
    let preferred = rules.clusters.prefix { $0 != present }
    if memory.isReturning {
      if let cluster = preferred.first(where: isRisen) {
        return .moves(from: present, to: cluster, .choiceEnded)
      }
      // A cluster that is ill now is not returned to at its first good answer: from then on the usual rules apply.
      memory.isReturning = preferred.contains { !(input.seen[$0]?.isIll ?? false) }
    }
    guard let (cluster, reason) = automaticMove(from: present, preferred) else {
      return .stays(at: present)
    }
    if let last = memory.lastMove, input.now < last + FailoverDecision.pause,
      !input.accepted.contains(cluster)
    {
      return .held(at: present, to: cluster, reason, until: last + FailoverDecision.pause)
    }
    return .moves(from: present, to: cluster, reason)
  }

  private mutating func endChoice() {
    guard let choice = memory.choice else { return }
    if !rules.clusters.contains(choice.cluster) {
      memory.choice = nil
    } else if let until = choice.until, until <= input.now {
      memory.release()
    }
  }

  private func automaticMove(
    from present: String, _ preferred: ArraySlice<String>
  ) -> (to: String, FailoverReason)? {
    if let series = memory.series[present], !series.isHealthy,
      series.passes >= FailoverDecision.fall, series.lasted >= rules.after,
      case .ill(let why)? = input.seen[present],
      let other = rules.clusters.first(where: { $0 != present && isRisen($0) })
    {
      return (other, .illness(of: present, seconds: series.lasted, why))
    }
    guard let back = rules.back else { return nil }
    for cluster in preferred where isRisen(cluster) {
      guard let lasted = memory.series[cluster]?.lasted, lasted >= back else { continue }
      return (cluster, .recovery(of: cluster, seconds: lasted))
    }
    return nil
  }

  /// What is remembered of a decision until it is seen to be carried out.
  func move(by decision: FailoverDecision) -> FailoverMemory.Move? {
    guard case .moves(_, let cluster, let reason) = decision else { return nil }
    return .init(
      to: cluster, at: input.now, isAutomatic: reason.isAutomatic, reason: reason.description)
  }
}
