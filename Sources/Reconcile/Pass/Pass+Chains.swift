import BINDText
import DCOS
import DNSNames
import Named
import Planning
import ReconcileModel

// Whether clients get an answer: probed at the end of each pass, whatever it changed and whatever the masters said.
extension Pass {
  /// Probes the chains after a plan was carried out, and records the result.
  func probed(_ outcome: Outcome, of proposal: Proposal) async -> Outcome {
    guard !outcome.isCutShort, !Task.isCancelled else { return outcome }
    var outcome = outcome
    let chains: [Chain]
    if outcome.plan.isEmpty, let before = proposal.chains {
      chains = before
    } else if let seen = outcome.chainsAfterwards {
      chains = seen
    } else {
      chains = await self.chains(afterwards: proposal)
    }
    outcome.isNamedUp = await isNamedUp(proposal.actual, isTold: outcome.isNamedTold)
    outcome.note(chains, tellsBroken: outcome.isNamedUp != false)
    return outcome
  }

  /// Probes the chains once a plan is carried out: the files are read again, because their real state counts and not
  /// the intended one.
  func chains(afterwards proposal: Proposal) async -> [Chain] {
    await chains(on: await inspectedAgain() ?? proposal.actual, of: proposal)
  }

  /// Takes in the state after a plan was carried out.
  ///
  /// - Parameter before: The state before, where named got the commands and has answered since.
  /// - Returns: The state; nil if it cannot be read.
  func inspectedAgain(since before: ActualState? = nil) async -> ActualState? {
    try? await inspect(desired, PassMemory.read(in: context.state), since: before)
  }

  func chains(on actual: ActualState, of proposal: Proposal) async -> [Chain] {
    await chains(on: actual, proposal.plan.memories, now: proposal.now)
  }

  /// Probes the chains after a failed pass, if the files can be read.
  func probed(_ error: PassError, now: Int64) async -> PassError {
    let memory = PassMemory.read(in: context.state)
    guard !Task.isCancelled, let actual = try? await inspect(desired, memory) else { return error }
    var error = error
    error.chains = await chains(on: actual, memory.clusters, now: now)
    error.isNamedUp = await isNamedUp(actual, isTold: true)
    return error
  }

  /// Whether named answers: an unreachable control channel, for lack of a key, does not mean that it is down.
  private func isNamedUp(_ actual: ActualState, isTold: Bool) async -> Bool? {
    switch actual.named {
    case nil: return nil
    case .success? where isTold: return true
    case .success?, .failure?:
      let client = DNSClient(server: desired.bind.query, timeout: .seconds(1))
      return (try? await client.ask(.root, .soa)) != nil
    }
  }

  private func chains(
    on actual: ActualState, _ memories: ClusterMemories, now: Int64
  ) async -> [Chain] {
    let standing = standing(on: actual, memories)
    guard case .rndc = desired.bind.reload else { return standing.unseen }
    defer { context.progress(.verify) }
    return await chainProbe(of: actual).look(at: standing.questions, now: now)
  }

  /// Probes the chains before anything is changed, and all clusters that an alias may be led to.
  func look(
    at actual: ActualState, _ memories: ClusterMemories, now: Int64
  ) async -> (chains: [Chain], answers: [ClusterAnswers]) {
    let standing = standing(on: actual, memories)
    guard case .rndc = desired.bind.reload else { return (standing.unseen, []) }
    defer { context.progress(.plan) }
    // Without the control channel, named's answers must not move an alias.
    let isTold = if case .success = actual.named { true } else { false }
    return await chainProbe(of: actual).look(
      at: standing.questions, clusters: isTold ? standing.clusterQuestions : [], now: now)
  }

  private func standing(on actual: ActualState, _ memories: ClusterMemories) -> Chains {
    Chains(
      of: desired, on: actual, believed: memories.byName.mapValues(\.view),
      announced: memories.byName.compactMapValues(\.pending?.view),
      owned: PassMemory.read(in: context.state).owned)
  }

  private func chainProbe(of actual: ActualState) -> ChainProbe {
    ChainProbe(server: desired.bind.query, tree: actual.tree)
  }
}

extension Chains {
  fileprivate var unseen: [Chain] {
    questions.map { Chain($0, unseen: Chain.Why("named is not asked (reload: none)")) }
  }
}

extension Outcome {
  /// Records the chains: nothing counts as served unless all of them hold.
  ///
  /// - Parameters:
  ///   - chains: All that stand.
  ///   - tellsBroken: Whether those that are broken are problems of their own; if named is down, that is the problem.
  fileprivate mutating func note(_ chains: [Chain], tellsBroken: Bool) {
    self.chains = chains
    isSeenServed = isSeenServed && chains.allSatisfy(\.holds)
    // A chain reports cause and remedy, so the expectation that it covers need not report the same.
    let told = verdicts.compactMap { expectation, verdict -> Problem? in
      guard case .notServed(let reason) = verdict, chains.contains(where: expectation.isCovered)
      else { return nil }
      return UnservedExpectation(expectation: expectation, reason: reason).problem
    }
    problems.removeAll { told.contains($0) }
    if tellsBroken { problems += chains.problems.filter { !problems.contains($0) } }
  }
}

extension ReconcileModel.Expectation {
  /// Whether a chain checks the same.
  fileprivate func isCovered(by chain: Chain) -> Bool {
    switch self {
    case .serial: false
    case .alias(let owner, _, _, let view):
      chain.question.owner == owner && chain.question.view == view
    case .forwarded(let name, _): chain.question.target == name
    }
  }
}

extension Chain {
  /// The expectations that a chain proves if it holds.
  var proven: [ReconcileModel.Expectation] {
    guard holds else { return [] }
    return [
      .alias(
        owner: question.owner, target: question.target, zone: question.zone, view: question.view),
      .forwarded(name: question.target, cluster: question.cluster),
    ]
  }
}

extension [Chain] {
  /// The aliases that no client can resolve: nothing is lost by moving them.
  var brokenAliases: Set<DomainName> {
    let broken = Set(filter(\.isBroken).map(\.question.owner))
    return broken.subtracting(filter { !$0.isBroken }.map(\.question.owner))
  }
}
