package import DNSNames
import FileChange
package import Named
import Planning
package import ReconcileModel
package import SystemPackage

/// One pass: observe, inspect, plan with its guards, apply, verify.
///
/// The daemon is a loop round it, a dry run is the same pipeline stopped before `apply`; there is
/// no second way through.
package struct Pass: Sendable {
  package let desired: DesiredState
  let context: PassContext
  /// What earlier passes have read.
  let files: FileCache
  /// What named has said of zones in the passes before.
  let statuses: ZoneStatusCache

  package init(
    _ desired: DesiredState, _ context: PassContext, files: FileCache = FileCache(),
    statuses: ZoneStatusCache = ZoneStatusCache()
  ) {
    self.desired = desired
    self.context = context
    self.files = files
    self.statuses = statuses
  }

  package init(
    desired: DesiredState, tools: NamedTools, stateDirectory: FilePath? = nil,
    patience: Duration = .seconds(10), holdsLock: Bool = false,
    files: FileCache = FileCache(), statuses: ZoneStatusCache = ZoneStatusCache(),
    progress: @escaping @Sendable (PassStep) -> Void = { _ in }
  ) {
    self.init(
      desired,
      PassContext(
        tools: tools, state: stateDirectory.map(StateDirectory.init), holdsLock: holdsLock,
        patience: patience, progress: progress), files: files, statuses: statuses)
  }

  /// A pass of the holder of a state directory's lock, and so of the directory.
  package init(
    desired: DesiredState, tools: NamedTools, holding state: StateDirectory,
    files: FileCache = FileCache(), statuses: ZoneStatusCache = ZoneStatusCache(),
    progress: @escaping @Sendable (PassStep) -> Void = { _ in }
  ) {
    self.init(
      desired, PassContext(tools: tools, state: state, holdsLock: true, progress: progress),
      files: files, statuses: statuses)
  }

  /// Completes or reverts what an interrupted pass left: the first step of a pass, whose caller must hold the lock.
  ///
  /// - Returns: what was done, in words; nil if there was nothing to do.
  /// - Throws: what keeps the files from being put in order.
  package func recover() throws(PassError) -> String? {
    guard let state = context.state else { return nil }
    // The journal first: where the state is kept beside BIND's files, the copies there may be its.
    let recovery = try endChange(state.journal)
    try ChangeHistory(in: state).recover()
    // What cannot be tidied up is in nobody's way.
    try? state.tidyUp()
    return recovery
  }

  private func endChange(_ journal: Journal) throws(PassError) -> String? {
    do throws(FileChangeError) {
      switch try journal.recover() {
      case .nothing: return nil
      case .forward(let paths, let kept):
        return "a change that was cut off was completed: \(list(paths))\(edits(kept))"
      case .back(let paths, let kept):
        return "a change that was cut off was reverted: \(list(paths))\(edits(kept))"
      }
    } catch {
      throw PassError("a change that was cut off cannot be completed", error)
    }
  }

  /// What somebody wrote after the change was cut off.
  private func edits(_ kept: [FilePath]) -> String {
    kept.isEmpty ? "" : "; somebody else's version is in \(list(kept))"
  }

  private func list(_ paths: [FilePath]) -> String {
    paths.map(\.string).joined(separator: ", ")
  }

  /// Adjusts the memory to a clock that was set, so that a retained forward zone stays as long as it would have.
  ///
  /// The caller must hold the lock.
  /// - Parameter seconds: By how much the clock was set since the last pass.
  /// - Throws: Why that cannot be written down.
  package func follow(clockSetBy seconds: Int64) throws(PassError) {
    guard let state = context.state, var names = NameMemory.read(in: state),
      !names.retained.until.isEmpty
    else { return }
    names.retained = names.retained.shifted(by: seconds)
    do throws(FileChangeError) {
      try names.write(in: state)
    } catch {
      throw PassError("nothing was changed", error)
    }
  }

  /// A whole pass: the caller must hold the lock.
  ///
  /// If somebody saves a file after it was read and before the change, the pass starts over. If something was reverted,
  /// the rest is applied again without it. A cancelled task ends the pass before the files are replaced; afterwards
  /// named is still told, but the pass does not wait to see what it serves.
  /// - Parameters:
  ///   - observers: Ask the clusters; nil as for ``propose(observers:operation:accepted:now:)``.
  ///   - operation: What the plan sees to.
  ///   - accepted: The clusters whose held changes an operator lets through.
  ///   - startsAfresh: Whether earlier counts about clusters are discarded.
  ///   - now: Tells the seconds since 1970.
  ///   - prepared: Called with each plan before it is carried out.
  /// - Returns: The result.
  /// - Throws: Why it ended before that; what stood before stands.
  package func run(
    observers: ClusterObservers?, operation: Operation = .reconcile, accepted: Set<String> = [],
    startsAfresh: Bool = false, now: () -> Int64, prepared: (Plan) -> Void
  ) async throws(PassError) -> PassResult {
    var attemptsLeft = 3
    var result = PassResult(attempts: [])
    // What was accepted and failed is not accepted again.
    var blamed: Set<String> = []
    var replaced: Set<DomainName> = []
    while true {
      do throws(PassError) {
        let proposal: Proposal
        do throws(PassError) {
          proposal = try await propose(
            observers: observers, operation: operation, accepted: accepted.subtracting(blamed),
            startsAfresh: startsAfresh, decided: result.proposal?.plan.courses,
            replaced: replaced, now: now())
        } catch {
          throw error.unlessStopped
        }
        try PassError.throwIfStopped()
        prepared(proposal.plan)
        result.proposal = proposal
        let outcome = try await carryOut(proposal)
        replaced.formUnion(outcome.plan.replaced)
        blamed.formUnion(outcome.blamed.compactMap { cluster(of: $0, in: proposal.plan) })
        // One bad alias does not stop the others; each attempt leaves out at least one more.
        let goesOn = outcome.plan.continues && !outcome.plan.isEmpty && !outcome.isCutShort
        let isDone = outcome.putBack.isEmpty && !goesOn
        let isLast =
          isDone || result.attempts.count + 1 >= Self.mostAttempts
          || Task.isCancelled
        result.attempts.append(isLast ? await probed(outcome, of: proposal) : outcome)
        if isLast { return settled(result, now: now()) }
      } catch  where error.isOutdated && attemptsLeft > 1 {
        attemptsLeft -= 1
      } catch  where !error.isStop {
        // Clients depend on what is there now, whatever stopped the pass.
        throw await probed(error, now: now())
      }
    }
  }

  private static let mostAttempts = 5

  private func cluster(of subject: Subject, in plan: Plan) -> String? {
    switch subject {
    case .cluster(let name): name
    case .alias(let owner):
      desired.led(by: plan.courses ?? []).aliases.first { $0.owner == owner }?.cluster
    default: nil
    }
  }

  /// Makes the plan, and has named's checkers judge the candidates.
  ///
  /// It changes nothing.
  /// - Parameters:
  ///   - observers: Ask the clusters. Nil where it does not matter what is known of them; the pass then
  ///     searches all zone files for blocks to remove.
  ///   - operation: What the plan sees to.
  ///   - accepted: The clusters whose held changes an operator lets through.
  ///   - isPreview: Whether the plan is only shown.
  ///   - startsAfresh: Whether earlier counts about clusters are discarded.
  ///   - choices: What an operator wants of aliases with several clusters, for a preview.
  ///   - decided: Where they lead, if the same pass has decided it already.
  ///   - replaced: The aliases that the same pass has let go, once what may replace them is seen served.
  ///   - now: Seconds since 1970.
  /// - Returns: The plan, with what it was made from.
  /// - Throws: Why no plan can be made, or a checker refuses the candidates.
  package func propose(
    observers: ClusterObservers?, operation: Operation = .reconcile, accepted: Set<String> = [],
    isPreview: Bool = false, startsAfresh: Bool = false,
    choices: [DomainName: FailoverMemory.Choice?] = [:], decided: [FailoverCourse]? = nil,
    replaced: Set<DomainName> = [], now: Int64
  ) async throws(PassError) -> Proposal {
    let begun = ContinuousClock.now
    var request = PassRequest(operation, accepted: accepted, isPreview: isPreview)
    request.startsAfresh = startsAfresh
    request.choices = choices
    request.replaced = replaced
    var memory = PassMemory.read(in: context.state)
    if observers == nil { memory.blockIndex = nil }
    var (observations, actual) = try await observe(observers, inspecting: desired, memory)
    if let state = context.state, actual.isAheadOfNamed {
      memory.left = ChangeHistory(in: state).left
    }
    if !memory.revertedChanges.all.isEmpty {
      actual.fingerprint = RetryFingerprint.digest(of: actual)
    }
    var beliefs = Beliefs(
      of: desired, observations, on: actual, remembered: memory.clusters, request, now: now)

    memory.foreign = memory.foreign.filter { found in
      actual.zones.contains { $0.clusterID == found.id }
    }
    let (chains, answers) = await look(at: actual, beliefs.memories, now: now)
    if let decided {
      beliefs.courses = decided
    } else {
      beliefs.decideCourses(
        of: desired, observations, answers, standing: chains, remembered: memory.failovers,
        request, now: now)
    }
    // An operation that must not move an alias plans with its present cluster.
    let desired = operation == .reconcile ? desired : desired.led(asStanding: chains)
    var inquiry = PlanInquiry(
      self, desired, on: actual, beliefs, memory, request, chains: chains, now: now)
    let plan = try await inquiry.plan()
    var proposal = Proposal(plan: plan, actual: actual, memory: inquiry.memory, now: now)
    proposal.elapsed = { begun.duration(to: .now).components.seconds }
    proposal.observations = observations
    proposal.verdicts = inquiry.evidence.verdicts ?? [:]
    proposal.chains = chains
    proposal.desiredBlocks = desired.blockNames
    if !plan.isEmpty, case .success(let status)? = actual.named,
      let untested = status.version.flatMap(BINDVersion.init)?.untested
    {
      proposal.plan.warnings.append(untested)
    }
    if !isPreview, operation == .reconcile {
      proposal.ifAccepted = plansIfAccepted(proposal, accepted)
    }
    if let obstacle = obstacle(to: plan) {
      // A preview shows what is due all the same.
      guard isPreview else { throw PassError("nothing was changed", obstacle) }
      proposal.plan.problems.append(Problem(.failed, .files, obstacle))
    }
    return proposal
  }

  /// For how long what was inspected is new enough to plan by, while masters are waited for.
  private static let freshness = Duration.seconds(2)

  /// Asks the clusters, and meanwhile takes in what stands on this host.
  private func observe(
    _ observers: ClusterObservers?, inspecting desired: DesiredState, _ memory: PassMemory
  ) async throws(PassError) -> ([String: Observation], ActualState) {
    let begun = ContinuousClock.now
    async let observing = observers?.observe(memory.clusters.byName) ?? [:]
    async let inspecting = inspection(desired, memory)
    let observations = await observing
    try PassError.throwIfStopped()
    context.progress(.observe)
    let isOld = begun.duration(to: .now) > Self.freshness
    let inspected = await inspecting
    let actual = isOld ? try await inspect(desired, memory) : try inspected.get()
    try PassError.throwIfStopped()
    context.progress(.inspect)
    return (observations, actual)
  }

  private func inspection(
    _ desired: DesiredState, _ memory: PassMemory
  ) async -> Result<ActualState, PassError> {
    do throws(PassError) {
      return .success(try await inspect(desired, memory))
    } catch {
      return .failure(error)
    }
  }

  /// Takes in what stands on this host.
  ///
  /// - Parameters:
  ///   - desired: What is wanted.
  ///   - memory: What is remembered.
  ///   - before: What stood before a change of which named was told: ``Inspector/before``.
  /// - Returns: What stands.
  /// - Throws: Why it cannot be read.
  func inspect(
    _ desired: DesiredState, _ memory: PassMemory, since before: ActualState? = nil
  ) async throws(PassError) -> ActualState {
    do throws(InspectionError) {
      return try await Inspector(
        desired: desired, control: control, context: context, memory: memory, files: files,
        statuses: statuses, before: before
      ).inspect()
    } catch {
      throw PassError(error)
    }
  }

  func validate(_ plan: Plan, _ actual: ActualState) async throws(PassError) {
    try await CandidateValidator(tools: context.tools, scratch: context.scratch)
      .validate(plan, actual)
  }

  /// Carries a plan out, and probes the chains; what named does not serve is reverted.
  package func apply(_ proposal: Proposal) async throws(PassError) -> Outcome {
    await probed(try await carryOut(proposal), of: proposal)
  }

  private func carryOut(_ proposal: Proposal) async throws(PassError) -> Outcome {
    try await PlanExecutor(
      proposal: proposal, context: context, control: control,
      probe: probe(unsigned: proposal.actual.unsignedZones),
      inspect: { await inspectedAgain(since: proposal.actual) },
      probeChains: { await chains(on: $0, of: proposal) }
    ).carryOut()
  }

  var control: RemoteControl? {
    guard case .rndc(let settings) = desired.bind.reload else { return nil }
    return RemoteControl(tool: context.tools.rndc, settings: settings)
  }

  var probe: NamedProbe? { probe(unsigned: []) }

  private func probe(unsigned: Set<DomainName>) -> NamedProbe? {
    control.map {
      NamedProbe(
        client: DNSClient(server: desired.bind.query), control: $0, unsigned: unsigned,
        progress: { context.progress(.verify) })
    }
  }
}
