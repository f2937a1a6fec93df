import DCOS
import DNSNames
package import ReconcileModel

// The aliases that follow the health of their clusters.
extension Beliefs {
  /// Decides where they lead.
  ///
  /// Pure, and called once in a pass, after the beliefs are decided.
  ///
  /// - Parameters:
  ///   - desired: The aliases and the clusters.
  ///   - observations: What the clusters' masters said.
  ///   - answers: What was answered for names of the clusters; empty where named is not asked.
  ///   - standing: Where the aliases lead now.
  ///   - remembered: What is remembered of them.
  ///   - request: What an operator accepted, and whether earlier counts continue.
  ///   - now: In seconds since 1970.
  package mutating func decideCourses(
    of desired: DesiredState, _ observations: [String: Observation], _ answers: [ClusterAnswers],
    standing: [Chain], remembered: FailoverMemories, _ request: PassRequest, now: Int64
  ) {
    guard request.operation == .reconcile else { return }
    courses = desired.aliases.compactMap { alias in
      guard let rules = alias.failover else { return nil }
      var sights: [String: ClusterSight] = [:]
      for name in rules.clusters {
        let own = answers.filter {
          $0.question.cluster == name && $0.question.label == alias.label
        }
        sights[name] = own.sight(masters: mastersState(of: name, observations[name]))
      }
      let memory = remembered.byAlias[alias.owner]
      var input = FailoverDecision.Input(
        seen: sights.mapValues(\.health), standing: standing.cluster(of: alias),
        memory: request.choices[alias.owner].map { choice in
          (memory ?? FailoverMemory(since: now, seenAt: now)).chosen(choice)
        } ?? memory, now: now)
      input.startsAfresh = request.startsAfresh
      input.accepted = request.accepted
      let (decision, after) = FailoverDecision.of(input, rules: rules)
      return FailoverCourse(
        alias.owner, rules: rules, sights: sights, decision: decision, memory: after,
        before: memory)
    }
  }

  /// Whether most of a cluster's masters agree, and are believed.
  ///
  /// Contradiction or doubt is no sign of illness; silence is.
  private func mastersState(of cluster: String, _ observation: Observation?) -> Chain.State {
    if views[cluster] != nil { return .holds }
    guard let problem = problems[cluster], let observation else {
      return .unknown(Chain.Why("its masters were not asked"))
    }
    let why = Chain.Why(problem.reason, remedy: problem.remedy)
    guard problem.severity == .failed, case .observed(let round) = observation else {
      return .unknown(why)
    }
    let answering = round.reports.count { report in
      if case .success = report.id { return true }
      if case .success = report.members { return true }
      return false
    }
    return answering * 2 > round.reports.count ? .unknown(why) : .broken(why)
  }
}

extension [ClusterAnswers] {
  /// What was seen of a cluster in all views in which named was asked for it.
  fileprivate func sight(masters: Chain.State) -> ClusterSight {
    guard !isEmpty else {
      return ClusterSight(
        masters: masters, unseen: Chain.Why("named has no forward zone of it yet, or is not asked"))
    }
    return ClusterSight(
      masters: masters, forwarders: state(\.forwarders), forwardZone: state(\.forwardZone),
      probe: state(\.probe))
  }

  /// Broken if it is broken in one of the views; a view that shows nothing leaves it to the others.
  private func state(_ link: KeyPath<ClusterAnswers, Chain.State>) -> Chain.State {
    let states = map { $0[keyPath: link] }
    return states.first(where: \.isBroken) ?? states.first { $0 == .holds } ?? states[0]
  }
}

extension Chains {
  /// The questions to probe for all clusters that an alias may move to, whether or not one leads there.
  package var clusterQuestions: [ChainQuestion] {
    var questions: [ChainQuestion] = []
    for alias in desired.aliases {
      for name in alias.failover?.clusters ?? [] {
        guard let id = actual.installedID(of: name) ?? believed[name]?.id,
          let target = try? Recipe.target(label: alias.label, id: id)
        else { continue }
        for view in forwardingViews where actual.forwardsNames(of: id, in: view) {
          let question = question(target, to: target, zone: target, in: view)
          if !questions.contains(question) { questions.append(question) }
        }
      }
    }
    return questions
  }
}

extension Chains {
  /// The views that get the clusters' forward zones.
  private var forwardingViews: [String?] {
    let chosen = actual.bind.views ?? []
    return views.filter { view in chosen.isEmpty || view.map(chosen.contains) ?? true }
  }
}

extension FailoverCourse {
  /// What keeps the alias from moving, if something does.
  package var problem: Problem? {
    guard case .held(let present, let cluster, let reason, let until) = decision else { return nil }
    return Problem(
      severity: .held, subject: .alias(alias), kind: "failover",
      reason: """
        it would move from \(present) to \(cluster), because \(reason); it has moved within the hour, and may move by \
        itself again from \(CivilTime(secondsSince1970: until)) on
        """,
      remedy: "To move it now: zonebridge switch \(alias.withoutTrailingDot) \(cluster)")
  }
}

extension FailoverCourse {
  /// The move that is due, for `diff`.
  var standingHint: Hint? {
    guard case .moves(let present, let cluster, let reason) = decision else { return nil }
    return Hint(.alias(alias), "it moves from \(present) to \(cluster): \(reason)")
  }
}

extension Plan {
  /// Adds the reason of a move to the changes of aliases that move.
  mutating func explain(by courses: [FailoverCourse]) {
    for course in courses {
      guard case .moves(_, _, let reason) = course.decision else { continue }
      for index in changes.indices where changes[index].subject == .alias(course.alias) {
        changes[index].reason += ": \(reason)"
      }
    }
  }
}
