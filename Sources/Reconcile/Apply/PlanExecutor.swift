import DNSNames
import FileChange
import Named
import Planning
import ReconcileModel
import SystemPackage

/// The steps `apply` and `verify` of a pass: swaps the files, tells named, and checks that named serves what it should;
/// what it does not serve in time is reverted.
struct PlanExecutor {
  let proposal: Proposal
  let context: PassContext
  let control: RemoteControl?
  let probe: (any ServedProbe)?
  /// Reads the state after the plan was carried out; nil if it cannot be read.
  let inspect: @Sendable () async -> ActualState?
  /// Probes the present chains.
  let probeChains: @Sendable (ActualState) async -> [Chain]

  private var plan: Plan { proposal.plan }
  private var actual: ActualState { proposal.actual }
  private var history: ChangeHistory? { context.state.map(ChangeHistory.init) }
  private var journal: Journal? { context.state?.journal }
  private var memory: MemoryWriter { MemoryWriter(proposal: proposal, state: context.state) }
  private var verification: Verification {
    Verification(proposal: proposal, probe: probe, patience: context.patience)
  }
  private var swap: RecordedSwap {
    RecordedSwap(proposal: proposal, history: history, journal: journal)
  }
  private var updates: UpdateSender { UpdateSender(updates: plan.updates, tools: context.tools) }

  func carryOut() async throws(PassError) -> Outcome {
    try memory.noteClusters()
    try memory.noteCourses()
    if case .failure(let error) = actual.named { return try writeOnly(after: error) }
    do throws(PassError) {
      try await verification.checkPreconditions()
    } catch {
      throw error.unlessStopped
    }
    var execution = try await swapped()
    // The files are read again while named reads them; dynamic zones change only afterwards.
    async let standing = plan.isEmpty || !plan.updates.isEmpty ? nil : inspect()
    switch await tell(&execution) {
    case .told: break
    case .gone(let problem):
      try? memory.noteNames(isServed: false, unflushed: [])
      return Outcome(
        plan: plan, problems: execution.problems + [problem], isSeenServed: false,
        isNamedTold: false, change: execution.entry?.number)
    case .refused(let error):
      return try await putBack(execution, after: RevertCause(refusal: error, plan))
    }
    if let end = try await verifyFiles(of: &execution) { return end }
    await update(&execution)
    if let end = try await verifyChains(of: &execution, on: await standing) { return end }
    return try completed(execution)
  }

  // MARK: The steps

  /// Replaces the files.
  private func swapped() async throws(PassError) -> Execution {
    let servedBefore = await verification.served(plan.servedBefore)
    // The last moment to stop: files and named belong together from here on.
    try PassError.throwIfStopped()
    try memory.noteChange()
    let (applied, entry) = try swap.carryOut()
    if !plan.files.isEmpty { context.progress(.swap) }
    return Execution(
      applied: applied, entry: entry, servedBefore: servedBefore,
      problems: plan.problems + applied.keptEdits.map(\.problem))
  }

  /// Tells named, even if the pass has to stop.
  private func tell(_ execution: inout Execution) async -> CommandSender.End {
    let sender = CommandSender(plan: plan, control: control, verification: verification)
    let telling = await withoutCancellation { await sender.tell() }
    if !plan.commands.isEmpty { context.progress(.tell) }
    execution.problems += telling.problems
    execution.sent.commands = telling.sent
    execution.unflushed = unflushed(after: telling)
    return telling.end
  }

  /// The domains that named may still answer for out of its cache.
  private func unflushed(after telling: CommandSender.Result) -> Set<DomainName> {
    let earlier = proposal.memory.unflushed
    switch telling.end {
    // It keeps its configuration, and what it has cached belongs to that.
    case .refused: return earlier
    case .gone: return []
    case .told:
      guard plan.flushes else { return earlier }
      return telling.flushesLeft > 0
        ? earlier.union(plan.forgotten) : earlier.subtracting(plan.forgotten)
    }
  }

  /// Waits until named serves what the files say.
  ///
  /// - Returns: the end of the pass, where it is told to stop or the files were reverted.
  private func verifyFiles(of execution: inout Execution) async throws(PassError) -> Outcome? {
    let dynamic = dynamicOwners
    execution.verdicts = await verification.verify(
      expectations.filter { !($0.alias.map(dynamic.contains) ?? false) })
    let failures = plan.servedAfterwards.compactMap {
      verification.failure(of: $0, execution.verdicts)?.explained(by: actual, plan)
    }
    if !plan.isEmpty {
      try? memory.noteNames(
        isServed: plan.updates.isEmpty && isServed(by: execution.verdicts),
        unflushed: execution.unflushed)
    }
    if Task.isCancelled, !plan.isEmpty { return cutShort(execution) }
    guard !failures.isEmpty, !plan.files.isEmpty else { return nil }
    return try await putBack(execution, after: RevertCause(failures, plan))
  }

  /// Changes the dynamic zones, once named serves what their aliases lead into.
  private func update(_ execution: inout Execution) async {
    let (updated, notUpdated) = await updates.sendAll()
    execution.sent.updates = updated
    execution.notUpdated = notUpdated
    execution.problems += notUpdated.values.sorted { $0.subject < $1.subject }
    if let entry = execution.entry, !notUpdated.isEmpty {
      history?.correct(entry, without: Set(notUpdated.keys))
    }
    // Remembering too much until the next pass is harmless: a record counts only if it is in the zone too.
    if notUpdated.isEmpty { try? memory.noteRecordsAfterwards() }
    let updatedOwners = dynamicOwners.subtracting(notUpdated.keys)
    execution.verdicts.merge(
      await verification.verify(
        expectations.filter { $0.alias.map(updatedOwners.contains) ?? false })
    ) { $1 }
    execution.problems += expectations.compactMap {
      verification.failure(of: $0, execution.verdicts)?.problem
    }
    if !plan.updates.isEmpty {
      try? memory.noteNames(
        isServed: notUpdated.isEmpty && isServed(by: execution.verdicts),
        unflushed: execution.unflushed)
    }
  }

  /// Makes sure that every chain holds that held before.
  ///
  /// - Parameters:
  ///   - execution: how far the plan has been carried out.
  ///   - standing: what stands on this host; nil to find out.
  /// - Returns: the end of the pass, where it is told to stop or something was reverted.
  /// - Throws: why what was reverted cannot be recorded.
  private func verifyChains(
    of execution: inout Execution, on standing: ActualState?
  ) async throws(PassError) -> Outcome? {
    guard !plan.isEmpty, !Task.isCancelled else { return nil }
    let (seen, cause) = await verification.settledChains(
      on: standing, orElse: inspect, probeChains)
    if Task.isCancelled { return cutShort(execution) }
    execution.chains = seen
    guard let cause else { return nil }
    return try await putBack(
      execution, after: cause, updated: updates.updated(besides: execution.notUpdated))
  }

  private func completed(_ execution: Execution) throws(PassError) -> Outcome {
    try memory.note(plan.revertedChangesAfterwards(areJudged: probe != nil))
    var carriedOut = plan
    // What named refuses now it would refuse again at once.
    let isTaken = expectations.allSatisfy {
      verification.failure(of: $0, execution.verdicts) == nil
    }
    if !execution.notUpdated.isEmpty || !isTaken { carriedOut.continues = false }
    var outcome = Outcome(
      plan: carriedOut, problems: execution.problems,
      isSeenServed: probe != nil
        && expectations.allSatisfy { execution.verdicts[$0] == .served },
      change: execution.entry?.number, verdicts: execution.verdicts)
    outcome.chainsAfterwards = execution.chains
    outcome.note(execution.sent)
    return outcome
  }

  private var expectations: [Expectation] { plan.alreadyServed + plan.servedAfterwards }

  /// The aliases in dynamic zones, which are changed last.
  private var dynamicOwners: Set<DomainName> {
    Set(plan.updates.flatMap(\.parts).map(\.owner))
  }

  /// The pass was told to stop before it had seen what named serves.
  private func cutShort(_ execution: Execution) -> Outcome {
    var outcome = Outcome(
      plan: plan, problems: execution.problems, isSeenServed: false,
      change: execution.entry?.number, isCutShort: true)
    outcome.note(execution.sent)
    return outcome
  }

  /// Whether named serves the zones and the DNAMEs that it should, so that nobody gets an old one any more.
  private func isServed(by verdicts: [Expectation: Verdict]) -> Bool {
    !Task.isCancelled
      && (plan.alreadyServed + plan.servedAfterwards).allSatisfy { expectation in
        if case .forwarded = expectation { return true }
        return verification.failure(of: expectation, verdicts) == nil
      }
  }

  // MARK: Without named

  /// Whether named can be told is checked before a byte changes.
  ///
  /// A named that is not running reads the files when it starts, and needs them right.
  private func writeOnly(after error: RemoteControlError) throws(PassError) -> Outcome {
    guard case .connectionRefused = error else {
      throw PassError("cannot reach named's control channel; nothing was changed", error)
    }
    try memory.noteChange()
    let (applied, entry) = try swap.carryOut()
    try memory.note(plan.revertedChangesAfterwards(areJudged: false))
    // What waits for named waits on.
    var written = plan
    written.continues = false
    return Outcome(
      plan: written,
      problems: plan.problems + applied.keptEdits.map(\.problem) + [
        Problem(namedIsDown: error, plan)
      ],
      isSeenServed: false,
      isNamedTold: false, change: entry?.number)
  }

  // MARK: The way back

  private func putBack(
    _ execution: Execution, after cause: RevertCause, updated: [ZoneUpdate] = []
  ) async throws(PassError) -> Outcome {
    let revert = AutomaticRevert(
      plan: plan, actual: actual, applied: execution.applied, journal: journal, control: control,
      probe: probe, servedBefore: execution.servedBefore, patience: context.patience)
    var result = await withoutCancellation { await revert.goBack(from: cause) }
    let attempts = plan.attempts
    let kept = result.kept?.attempts ?? [:]
    for update in updated {
      // Whatever depends on the changes to blame is reverted with them.
      let parts = update.parts.filter { kept[.alias($0.owner)] == nil }
      result.problems += await withoutCancellation { await updates.takeBack(parts, of: update) }
    }
    if !result.serials.isEmpty || cause.isRefusal {
      try? memory.noteNames(
        isServed: false, unflushed: execution.unflushed, reverted: result.serials)
    }
    if !updated.isEmpty { try? memory.noteRecordsOfBefore() }
    if let entry = execution.entry, let history {
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
        subject, digest: attempts[subject], fingerprint: fingerprint,
        reason: cause.reason(of: subject), at: proposal.now)
    }
    try memory.note(revertedChanges)
    var outcome = Outcome(
      plan: plan, problems: execution.problems + cause.problems + result.problems,
      isSeenServed: false, putBack: result.files, blamed: cause.blamed,
      change: execution.entry?.number)
    outcome.note(execution.sent)
    return outcome
  }
}

/// How far a plan has been carried out.
private struct Execution {
  let applied: AppliedChanges
  let entry: HistoryEntry?
  /// What named served before, of what it has to serve again after a revert.
  let servedBefore: [Expectation]
  var problems: [Problem]
  var sent = Sent()
  /// The domains that named may still answer for out of its cache.
  var unflushed: Set<DomainName> = []
  var verdicts: [Expectation: Verdict] = [:]
  /// The aliases whose dynamic zones were not changed, with the reason.
  var notUpdated: [DomainName: Problem] = [:]
  var chains: [Chain]?
}

/// What named was sent of a plan.
private struct Sent {
  var commands: [NamedCommand] = []
  var updates: [ZoneUpdate] = []
}

extension Outcome {
  fileprivate mutating func note(_ sent: Sent) {
    sentCommands = sent.commands
    sentUpdates = sent.updates
  }
}

extension Plan {
  /// The changes that are still reverted once the plan is carried out.
  fileprivate func revertedChangesAfterwards(areJudged isJudged: Bool) -> RevertedChanges {
    var rest = revertedChanges
    if isJudged { for subject in attempts.keys { rest[subject] = nil } }
    for revertedChange in holds { rest[revertedChange.subject] = revertedChange }
    return rest
  }
}
