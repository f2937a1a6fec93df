import BINDText
import DNSNames
import FileChange
import Named
import Planning
import ReconcileModel
import SystemPackage

/// The steps `apply` and `verify` of a pass: the files are swapped, named is told, and it is seen whether
/// named serves what it should; what it does not serve in time is put back.
struct PlanExecutor {
  let proposal: Proposal
  let context: PassContext
  let control: RemoteControl?
  let probe: (any ServedProbe)?
  /// Probes the chains as they stand once the plan is carried out; nil where named is not asked.
  var probeChains: (@Sendable () async -> [Chain])?

  private var plan: Plan { proposal.plan }
  private var actual: ActualState { proposal.actual }
  private var history: ChangeHistory? { stateDirectory.map(ChangeHistory.init) }
  private var stateDirectory: FilePath? { context.state?.path }
  private var journal: Journal? { context.state?.journal }

  func carryOut() async throws(PassError) -> Outcome {
    try noteClusters()
    if case .failure(let error) = actual.named { return try writeOnly(after: error) }
    do throws(PassError) {
      try await checkPreconditions()
    } catch {
      throw error.unlessStopped
    }
    let servedBefore = await served(plan.servedBefore)
    // The last moment to stop: files and named belong together from here on.
    try PassError.throwIfStopped()
    try noteState()
    let (applied, entry) = try recordedSwap()
    if !plan.files.isEmpty { context.progress(.swap) }
    var problems = plan.problems + applied.keptEdits.map(\.problem)
    let telling = await withoutCancellation { await tell() }
    if !plan.commands.isEmpty { context.progress(.tell) }
    switch telling {
    case .told(let failures): problems += failures
    case .gone(let problem):
      return Outcome(
        plan: plan, problems: problems + [problem], isSeenServed: false, isNamedTold: false,
        change: entry?.number)
    case .refused(let error):
      let revert = revert(from: applied, servedBefore)
      return try await putBack(revert, entry, problems, after: revert.refusal(error))
    }

    let dynamic = Set(plan.updates.flatMap(\.parts).map(\.owner))
    let expectations = plan.alreadyServed + plan.servedAfterwards
    var verdicts = await verify(
      expectations.filter { !($0.alias.map(dynamic.contains) ?? false) })
    if !plan.isEmpty { try? noteNames() }
    if Task.isCancelled, !plan.isEmpty {
      return Outcome(
        plan: plan, problems: problems, isSeenServed: false, change: entry?.number,
        isCutShort: true)
    }
    let failures = plan.servedAfterwards.compactMap {
      failure(of: $0, verdicts)?.explained(by: actual, plan)
    }
    if !failures.isEmpty, !plan.files.isEmpty {
      let revert = revert(from: applied, servedBefore)
      return try await putBack(revert, entry, problems, after: revert.failures(failures))
    }

    let notUpdated = await sendUpdates()
    problems += notUpdated.values.sorted { $0.subject < $1.subject }
    if let entry, !notUpdated.isEmpty { history?.correct(entry, without: Set(notUpdated.keys)) }
    // What is remembered too much until the next pass does no harm: it has to stand in the zone too.
    if notUpdated.isEmpty { try? remember(plan.owned.records, over: ownedMeanwhile) }
    verdicts.merge(
      await verify(
        expectations.filter { expectation in
          expectation.alias.map { dynamic.contains($0) && notUpdated[$0] == nil } ?? false
        })
    ) { $1 }
    problems += expectations.compactMap { failure(of: $0, verdicts)?.problem }
    if !plan.updates.isEmpty { try? noteNames() }
    var chains: [Chain]?
    if !plan.isEmpty, !Task.isCancelled, let probeChains {
      let revert = revert(from: applied, servedBefore)
      let (seen, cause) = await settledChains(probeChains, revert)
      if Task.isCancelled {
        return Outcome(
          plan: plan, problems: problems, isSeenServed: false, change: entry?.number,
          isCutShort: true)
      }
      chains = seen
      if let cause {
        return try await putBack(
          revert, entry, problems, after: cause, updated: updated(besides: notUpdated))
      }
    }
    try note(plan.revertedChangesAfterwards(areJudged: probe != nil))
    var carriedOut = plan
    // What named does not take now it does not take at once after it either.
    if !notUpdated.isEmpty { carriedOut.continues = false }
    var outcome = Outcome(
      plan: carriedOut, problems: problems,
      isSeenServed: probe != nil && expectations.allSatisfy { verdicts[$0] == .served },
      change: entry?.number, verdicts: verdicts)
    outcome.chainsAfterwards = chains
    return outcome
  }

  // MARK: Before the change

  /// A named that cannot be told is found out before a byte is changed.
  ///
  /// One that does not run reads the files when it is started, and has to find them right.
  private func writeOnly(after error: RemoteControlError) throws(PassError) -> Outcome {
    guard case .connectionRefused = error else {
      throw PassError("named cannot be told, so nothing was changed", error)
    }
    try noteState()
    let (applied, entry) = try recordedSwap()
    try note(plan.revertedChangesAfterwards(areJudged: false))
    return Outcome(
      plan: plan,
      problems: plan.problems + applied.keptEdits.map(\.problem) + [isDown(error)],
      isSeenServed: false,
      isNamedTold: false, change: entry?.number)
  }

  private func isDown(_ error: RemoteControlError) -> Problem {
    var problem = Problem(.failed, .named, error)
    if !plan.files.isEmpty {
      let note = "The files are changed, and it will read them when it is started"
      problem.remedy = [problem.remedy, note].filter { !$0.isEmpty }.joined(separator: ". ")
    }
    return problem
  }

  /// Makes sure that what is told and what is asked is the named whose files these are, and that it
  /// answers: else nobody could tell a change that is served from one that is not.
  private func checkPreconditions() async throws(PassError) {
    guard !plan.isEmpty, let probe else { return }
    if let objection = await probe.objection(to: plan, on: actual) {
      throw PassError("nothing was changed", objection)
    }
  }

  /// Those that named serves.
  private func served(_ expectations: [Expectation]) async -> [Expectation] {
    guard let probe, !expectations.isEmpty else { return [] }
    let verdicts = await probe.look(at: expectations)
    return expectations.filter { verdicts[$0] == .served }
  }

  /// Writes into the state directory what the next pass has to know: before the swap, since a pass may
  /// die there.
  private func noteState() throws(PassError) {
    let blockIndex = actual.blockIndex(with: plan)
    if let stateDirectory, blockIndex != proposal.memory.blockIndex {
      do throws(FileChangeError) {
        try blockIndex.write(in: stateDirectory)
      } catch {
        throw PassError("nothing was changed", error)
      }
    }
    try remember(ownedMeanwhile, over: proposal.memory.owned.records)
    do throws(FileChangeError) {
      try noteNames()
    } catch {
      throw PassError("nothing was changed", error)
    }
  }

  /// Writes down what is to be remembered of names.
  ///
  /// - Parameter reverted: the serials under which zones were given back what they had.
  /// - Throws: why the file cannot be written.
  private func noteNames(reverted: [ZoneInView: SerialNumber] = [:]) throws(FileChangeError) {
    guard let state = context.state else { return }
    let memory = proposal.memory
    var names = NameMemory()
    // Resolvers get the old DNAME until named serves the new one, and not until the plan was made.
    let elapsed = proposal.begun.map { $0.duration(to: .now).components.seconds } ?? 0
    names.retained = plan.retained.delayed(by: elapsed, after: memory.retained)
    names.foreign = memory.foreign
    names.blocks = actual.knownBlocks(proposal.desiredBlocks, memory)
    // Those of this change are in its history entry; a revert may leave none.
    names.serials = memory.serials.merging(reverted) { $1.isNewer(than: $0) ? $1 : $0 }
    guard names != NameMemory.read(in: state) else { return }
    try names.write(in: state)
  }

  /// Writes down what the clusters said, whatever becomes of it.
  private func noteClusters() throws(PassError) {
    guard let stateDirectory,
      !plan.memories.byName.isEmpty || !proposal.memory.clusters.byName.isEmpty
    else { return }
    do {
      try plan.memories.write(in: stateDirectory, over: proposal.memory.clusters)
    } catch {
      throw PassError("nothing was changed", error)
    }
  }

  /// The records that are ours before the change or after it.
  private var ownedMeanwhile: Set<OwnedRecords.Record> {
    plan.owned.records.union(proposal.memory.owned.records)
  }

  /// Writes down which records in dynamic zones are ours: before they are put in, so that a pass that
  /// dies there has not lost them.
  private func remember(
    _ records: Set<OwnedRecords.Record>, over earlier: Set<OwnedRecords.Record>
  ) throws(PassError) {
    guard let stateDirectory, records != earlier else { return }
    do {
      try OwnedRecords(records: records).write(in: stateDirectory)
    } catch {
      throw PassError("nothing was changed", error)
    }
  }

  private func note(_ revertedChanges: RevertedChanges) throws(PassError) {
    guard let stateDirectory, revertedChanges != proposal.memory.revertedChanges else { return }
    do {
      try revertedChanges.write(in: stateDirectory)
    } catch {
      throw PassError("what was put back cannot be remembered", error)
    }
  }

  // MARK: The change

  /// Takes the change down in the history, before it is made and when it is.
  private func recordedSwap() throws(PassError) -> (AppliedChanges, HistoryEntry?) {
    guard let history, !plan.files.isEmpty || !plan.updates.isEmpty else {
      return (try swap(), nil)
    }
    let entry: HistoryEntry
    do throws(FileChangeError) {
      entry = try history.begin(proposal)
    } catch {
      throw PassError("nothing was changed", error)
    }
    do throws(PassError) {
      return (try swap { () throws(FileChangeError) in try history.commit(entry) }, entry)
    } catch {
      history.abandon(entry)
      throw error
    }
  }

  private func swap(
    onceSwapped: () throws(FileChangeError) -> Void = {}
  ) throws(PassError) -> AppliedChanges {
    let configuration = actual.tree.files.first?.snapshot.metadata
    var replacements: [FileReplacement] = []
    for file in plan.files {
      switch (file.before, file.contents) {
      case (let before?, let contents?):
        replacements.append(FileReplacement(replacing: before, with: contents))
      case (let before?, nil):
        replacements.append(FileReplacement(removing: before))
      case (nil, let contents?):
        if let neighbour = actual.neighbours[file.path] {
          replacements.append(
            FileReplacement(creating: file.path, beside: neighbour, contents: contents))
        } else if let configuration {
          replacements.append(
            FileReplacement(creating: file.path, metadata: configuration, contents: contents))
        }
      case (nil, nil): continue
      }
    }
    do {
      return try ChangeSet(replacements).apply(journal: journal, onceSwapped: onceSwapped)
    } catch {
      var failure = PassError("nothing was changed", error)
      failure.isOutdated = error.isOutdated
      throw failure
    }
  }

  private enum Telling {
    /// What went wrong, if it may matter.
    case told([Problem])
    /// named stopped meanwhile, and was told nothing.
    case gone(Problem)
    /// named refuses the configuration, and runs on with the one before.
    case refused(RemoteControlError)
  }

  private func tell() async -> Telling {
    guard let control else { return .told([]) }
    var failures: [Problem] = []
    for (index, command) in plan.commands.enumerated() {
      // A configuration without a forward zone comes after the zones that no longer lead into it.
      if command == .reconfig, index > 0, await !isReloaded() { return .told(failures) }
      do throws(RemoteControlError) {
        try await control.send(command)
      } catch .connectionRefused(let words) where index == 0 {
        return .gone(isDown(.connectionRefused(words)))
      } catch {
        if command == .reconfig, case .failed = error { return .refused(error) }
        failures.append(Problem(.failed, .command(command), error))
      }
    }
    return .told(failures)
  }

  /// Whether named has loaded the zones that it was told to; what it has not is found out by the look that follows.
  private func isReloaded() async -> Bool {
    guard let probe else { return true }
    let serials = plan.servedAfterwards.filter { if case .serial = $0 { true } else { false } }
    let verdicts = await probe.wait(for: serials, within: context.patience + plan.loadingTime)
    return serials.allSatisfy { verdicts[$0] == .served }
  }

  /// Sends the changes of the dynamic zones.
  ///
  /// - Returns: the aliases that were not changed, with the reason.
  private func sendUpdates() async -> [DomainName: Problem] {
    var problems: [DomainName: Problem] = [:]
    for update in plan.updates {
      for (owner, error) in await send(update) {
        let zone = update.zone.withoutTrailingDot
        problems[owner] = Problem(
          .failed, .alias(owner), error, at: "it was not changed in the dynamic zone \(zone)")
      }
    }
    return problems
  }

  /// Sends the changes of a dynamic zone, all in one message.
  ///
  /// Where named refuses that, its policy may take some names and not others: then one at a time.
  private func send(_ update: ZoneUpdate) async -> [(DomainName, any OperatorError)] {
    let client: UpdateClient
    do throws(MissingToolError) {
      client = UpdateClient(tool: try context.tools.nsupdate.get(), server: update.server)
    } catch {
      return update.parts.map { ($0.owner, error) }
    }
    do throws(UpdateError) {
      try await client.send(update.message, key: update.key)
      return []
    } catch .refused where update.parts.count > 1 {
      var failures: [(DomainName, any OperatorError)] = []
      for part in update.parts {
        do throws(UpdateError) {
          try await client.send(part.message, key: update.key)
        } catch {
          failures.append((part.owner, error))
        }
      }
      return failures
    } catch {
      return update.parts.map { ($0.owner, error) }
    }
  }

  /// The updates that named has taken.
  private func updated(besides failures: [DomainName: Problem]) -> [ZoneUpdate] {
    plan.updates.map { update in
      var update = update
      update.parts.removeAll { failures[$0.owner] != nil }
      return update
    }
  }

  /// Changes aliases of a dynamic zone back.
  private func takeBack(_ parts: [AliasUpdate], of update: ZoneUpdate) async -> [Problem] {
    guard !parts.isEmpty else { return [] }
    var update = update
    update.parts = parts.map(\.inverse)
    return await send(update).map { owner, error in
      Problem(.failed, .alias(owner), error, at: "putting it back in \(update.zone) failed as well")
    }
  }

  // MARK: Whether it is served

  private func verify(_ expectations: [Expectation]) async -> [Expectation: Verdict] {
    guard let probe, !plan.isEmpty else {
      return proposal.verdicts.filter { expectations.contains($0.key) }
    }
    var verdicts = await probe.wait(
      for: expectations.filter { !plan.visibleInOtherViews.contains($0) },
      within: context.patience + plan.loadingTime)
    // Nobody can tell how long to wait for what may never be seen from here.
    verdicts.merge(
      await probe.look(at: expectations.filter(plan.visibleInOtherViews.contains))
    ) { $1 }
    return verdicts
  }

  private func failure(
    of expectation: Expectation, _ verdicts: [Expectation: Verdict]
  ) -> UnservedExpectation? {
    guard case .notServed(let reason) = verdicts[expectation],
      !plan.visibleInOtherViews.contains(expectation)
    else { return nil }
    return UnservedExpectation(expectation: expectation, reason: reason)
  }

  /// The chains, and what of the plan is to blame for those that do not hold: not before that has lasted for a while,
  /// since named may be busy with what it has just been told.
  private func settledChains(
    _ probeChains: @Sendable () async -> [Chain], _ revert: AutomaticRevert
  ) async -> ([Chain], AutomaticRevert.Cause?) {
    let clock = ContinuousClock()
    let deadline = clock.now + context.patience + plan.loadingTime
    while true {
      let chains = await probeChains()
      // A probe that was cut off says nothing of what holds.
      guard !Task.isCancelled, let cause = revert.broken(chains, before: proposal.chains) else {
        return (chains, nil)
      }
      if clock.now >= deadline { return (chains, cause) }
      try? await clock.sleep(for: .milliseconds(500))
    }
  }

  // MARK: The way back

  private func revert(from applied: AppliedChanges, _ servedBefore: [Expectation])
    -> AutomaticRevert
  {
    AutomaticRevert(
      plan: plan, actual: actual, applied: applied, journal: journal, control: control,
      probe: probe, servedBefore: servedBefore, patience: context.patience)
  }

  private func putBack(
    _ revert: AutomaticRevert, _ entry: HistoryEntry?, _ problems: [Problem],
    after cause: AutomaticRevert.Cause, updated: [ZoneUpdate] = []
  ) async throws(PassError) -> Outcome {
    var result = await withoutCancellation { await revert.goBack(from: cause) }
    for update in updated {
      let parts = update.parts.filter { cause.blamed.contains(.alias($0.owner)) }
      result.problems += await withoutCancellation { await takeBack(parts, of: update) }
    }
    if !result.serials.isEmpty { try? noteNames(reverted: result.serials) }
    if !updated.isEmpty { try? remember(ownedMeanwhile, over: plan.owned.records) }
    if let entry, let history {
      if let kept = result.kept {
        var reduced = proposal
        reduced.plan = kept
        history.replace(entry, by: reduced, hasUpdates: !updated.isEmpty)
      } else {
        history.forget(entry, except: { !result.files.contains($0) })
      }
    }
    var revertedChanges = plan.revertedChanges
    let fingerprint = RetryFingerprint.digest(of: actual)
    for subject in cause.blamed {
      revertedChanges.note(
        subject, digest: plan.attempts[subject], fingerprint: fingerprint,
        reason: cause.reason(of: subject), at: proposal.now)
    }
    try note(revertedChanges)
    return Outcome(
      plan: plan, problems: problems + cause.problems + result.problems, isSeenServed: false,
      putBack: result.files, blamed: cause.blamed, change: entry?.number)
  }
}

extension Plan {
  /// How much longer named may take for zones of some size: a second for each MiB is several times what
  /// it takes.
  fileprivate var loadingTime: Duration {
    .seconds(files.reduce(0) { $0 + ($1.contents?.count ?? 0) } >> 20)
  }
}

extension Plan {
  /// What is put back still, once the plan is carried out.
  fileprivate func revertedChangesAfterwards(areJudged isJudged: Bool) -> RevertedChanges {
    var rest = revertedChanges
    if isJudged { for subject in attempts.keys { rest[subject] = nil } }
    for revertedChange in holds { rest[revertedChange.subject] = revertedChange }
    return rest
  }
}

extension ActualState {
  /// The managed blocks that are ours from now on: those that the configuration has, and what stands of those that
  /// were ours before.
  fileprivate func knownBlocks(_ wanted: Set<String>, _ memory: PassMemory) -> Set<String> {
    var standing = Set(tree.files.flatMap(\.blocks).map(\.name))
    for zone in zones {
      guard case .success(let text)? = zone.text else { continue }
      standing.formUnion(text.files.flatMap(\.blocks).map(\.name))
    }
    return wanted.union(standing.filter { memory.blocks?.contains($0) ?? true })
  }
}
