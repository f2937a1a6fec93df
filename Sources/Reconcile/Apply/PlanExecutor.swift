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
    let servedBefore = await verification.served(plan.servedBefore)
    // The last moment to stop: files and named belong together from here on.
    try PassError.throwIfStopped()
    try memory.noteChange()
    let (applied, entry) = try swap.carryOut()
    if !plan.files.isEmpty { context.progress(.swap) }
    var problems = plan.problems + applied.keptEdits.map(\.problem)
    let sender = CommandSender(plan: plan, control: control, verification: verification)
    let telling = await withoutCancellation { await sender.tell() }
    if !plan.commands.isEmpty { context.progress(.tell) }
    problems += telling.problems
    var sent = Sent(commands: telling.sent)
    switch telling.end {
    case .told: break
    case .gone(let problem):
      return Outcome(
        plan: plan, problems: problems + [problem], isSeenServed: false, isNamedTold: false,
        change: entry?.number)
    case .refused(let error):
      return try await putBack(
        revert(from: applied, servedBefore), entry, problems,
        after: RevertCause(refusal: error, plan), sent)
    }

    let dynamic = Set(plan.updates.flatMap(\.parts).map(\.owner))
    let expectations = plan.alreadyServed + plan.servedAfterwards
    var verdicts = await verification.verify(
      expectations.filter { !($0.alias.map(dynamic.contains) ?? false) })
    let failures = plan.servedAfterwards.compactMap {
      verification.failure(of: $0, verdicts)?.explained(by: actual, plan)
    }
    if !plan.isEmpty {
      try? memory.noteNames(isServed: plan.updates.isEmpty && isServed(by: verdicts))
    }
    if Task.isCancelled, !plan.isEmpty {
      return cutShort(problems, entry, sent)
    }
    if !failures.isEmpty, !plan.files.isEmpty {
      return try await putBack(
        revert(from: applied, servedBefore), entry, problems, after: RevertCause(failures, plan),
        sent)
    }

    let (updated, notUpdated) = await updates.sendAll()
    sent.updates = updated
    problems += notUpdated.values.sorted { $0.subject < $1.subject }
    if let entry, !notUpdated.isEmpty { history?.correct(entry, without: Set(notUpdated.keys)) }
    // Remembering too much until the next pass is harmless: a record counts only if it is in the zone too.
    if notUpdated.isEmpty { try? memory.noteRecordsAfterwards() }
    verdicts.merge(
      await verification.verify(
        expectations.filter { expectation in
          expectation.alias.map { dynamic.contains($0) && notUpdated[$0] == nil } ?? false
        })
    ) { $1 }
    problems += expectations.compactMap { verification.failure(of: $0, verdicts)?.problem }
    if !plan.updates.isEmpty {
      try? memory.noteNames(isServed: notUpdated.isEmpty && isServed(by: verdicts))
    }
    var chains: [Chain]?
    if !plan.isEmpty, !Task.isCancelled {
      let (seen, cause) = await verification.settledChains(inspect, probeChains)
      if Task.isCancelled { return cutShort(problems, entry, sent) }
      chains = seen
      if let cause {
        return try await putBack(
          revert(from: applied, servedBefore), entry, problems, after: cause, sent,
          updated: updates.updated(besides: notUpdated))
      }
    }
    try memory.note(plan.revertedChangesAfterwards(areJudged: probe != nil))
    var carriedOut = plan
    // What named refuses now it would refuse again at once.
    let isTaken = expectations.allSatisfy { verification.failure(of: $0, verdicts) == nil }
    if !notUpdated.isEmpty || !isTaken { carriedOut.continues = false }
    var outcome = Outcome(
      plan: carriedOut, problems: problems,
      isSeenServed: probe != nil && expectations.allSatisfy { verdicts[$0] == .served },
      change: entry?.number, verdicts: verdicts)
    outcome.chainsAfterwards = chains
    outcome.note(sent)
    return outcome
  }

  /// The pass was told to stop before it had seen what named serves.
  private func cutShort(_ problems: [Problem], _ entry: HistoryEntry?, _ sent: Sent) -> Outcome {
    var outcome = Outcome(
      plan: plan, problems: problems, isSeenServed: false, change: entry?.number, isCutShort: true)
    outcome.note(sent)
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

  private func revert(from applied: AppliedChanges, _ servedBefore: [Expectation])
    -> AutomaticRevert
  {
    AutomaticRevert(
      plan: plan, actual: actual, applied: applied, journal: journal, control: control,
      probe: probe, servedBefore: servedBefore, patience: context.patience)
  }

  private func putBack(
    _ revert: AutomaticRevert, _ entry: HistoryEntry?, _ problems: [Problem],
    after cause: RevertCause, _ sent: Sent, updated: [ZoneUpdate] = []
  ) async throws(PassError) -> Outcome {
    var result = await withoutCancellation { await revert.goBack(from: cause) }
    for update in updated {
      // Whatever depends on the changes to blame is reverted with them.
      let parts = update.parts.filter { result.kept?.attempts[.alias($0.owner)] == nil }
      result.problems += await withoutCancellation { await updates.takeBack(parts, of: update) }
    }
    if !result.serials.isEmpty {
      try? memory.noteNames(isServed: false, reverted: result.serials)
    }
    if !updated.isEmpty { try? memory.noteRecordsOfBefore() }
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
    try memory.note(revertedChanges)
    var outcome = Outcome(
      plan: plan, problems: problems + cause.problems + result.problems, isSeenServed: false,
      putBack: result.files, blamed: cause.blamed, change: entry?.number)
    outcome.note(sent)
    return outcome
  }
}

/// What named was sent of a plan.
private struct Sent {
  var commands: [NamedCommand]
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
