import DNSNames
package import ReconcileModel

/// Why named does not answer for a cluster's names, according to its configuration.
package struct ForwardingExplanation: Hashable, Sendable {
  /// Each obstacle with its place.
  package var cause: String
  package var remedy: String
}

extension [ForwardingObstacle] {
  /// The obstacles in words.
  ///
  /// - Parameter isProven: whether an answer proves them; else they may as well have nothing to do with it.
  /// - Returns: nil for no obstacles.
  package func explanation(isProven: Bool) -> ForwardingExplanation? {
    guard !isEmpty else { return nil }
    let causes = map { obstacle in
      let isCertain = isProven || obstacle.weight == .certain
      return "\(obstacle.location): \(isCertain ? obstacle.cause : obstacle.suspicion)"
    }
    let remedies = count == 1 ? map(\.remedy) : map { "\($0.location): \($0.remedy)" }
    return ForwardingExplanation(
      cause: causes.joined(separator: "; "), remedy: remedies.joined(separator: ". "))
  }

  /// Without an answer to go by: the obstacles that alone prevent one, or else those that may.
  package var mostLikely: [ForwardingObstacle] {
    let likely = filter { [.certain, .likely].contains($0.weight) }
    return likely.isEmpty ? self : likely
  }
}

extension ForwardingObstacles {
  /// The obstacles in some views, each once.
  package func obstacles(
    on path: ForwardingPath, in views: [String?]
  ) -> [ForwardingObstacle] {
    var seen: Set<ForwardingObstacle> = []
    return views.flatMap { obstacles(on: path, in: $0) }.filter { seen.insert($0).inserted }
  }
}

extension UnservedExpectation {
  /// The same, with what keeps named from forwarding a cluster's names, if it is about those.
  ///
  /// - Parameters:
  ///   - actual: the state before the plan, with everything that the operator wrote.
  ///   - plan: what was carried out.
  /// - Returns: the same where it is about something else.
  package func explained(by actual: ActualState, _ plan: Plan) -> UnservedExpectation {
    guard case .forwarded(let name, let cluster) = expectation, let domain = name.clusterDomain
    else { return self }
    let views = (try? actual.chosenViews(actual.bind.views, key: "bind.views")) ?? [nil]
    let forwarders = plan.newForwarders.first { $0.cluster == cluster }?.forwarders ?? []
    let path = ForwardingPath(
      cluster: cluster, domain: domain, targets: [name], forwarders: forwarders, hosts: forwarders,
      client: actual.bind.query.questionAddresses(from: []).client)
    let obstacles = ForwardingObstacles(in: actual.tree).obstacles(on: path, in: views).filter {
      // The plan handles validation unless it is told not to, and that question was not for an address.
      $0.concerns(.authority) && ($0.kind != .validation || !actual.bind.exemptsFromValidation)
    }
    var explained = self
    guard let explanation = obstacles.mostLikely.explanation(isProven: false) else {
      explained.remedy =
        "Check that the masters answer DNS from this host, and see named's log for what it says of them"
      return explained
    }
    explained.reason += ". \(explanation.cause)"
    explained.remedy = explanation.remedy
    return explained
  }
}
