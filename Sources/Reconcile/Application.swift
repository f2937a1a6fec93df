import BINDText
import FileChange
import Named
import SystemPackage

/// The steps `apply` and `verify` of a pass: the files are swapped, named is told, and it is seen whether
/// named serves what it should; what it does not serve in time is put back.
struct Application {
  let proposal: Proposal
  let tools: NamedTools
  let control: RemoteControl?
  let look: ServedLook?
  let stateDirectory: FilePath?
  /// For how long named is watched until it serves a change.
  let patience: Duration
  let progress: @Sendable (PassStep) -> Void

  private var plan: Plan { proposal.plan }
  private var install: Install { proposal.install }
  private var history: History? { stateDirectory.map(History.init) }
  private var journal: Journal? { stateDirectory.map(Journal.init) }

  func carryOut() async throws(PassError) -> Outcome {
    try noteClusters()
    if case .failure(let error) = install.named { return try writeOnly(after: error) }
    do throws(PassError) {
      try await checkPreconditions()
    } catch {
      throw error.unlessStopped
    }
    let standing = await served(plan.standing)
    // The last moment to stop: files and named belong together from here on.
    try PassError.throwIfStopped()
    try noteState()
    let (applied, entry) = try recordedSwap()
    if !plan.files.isEmpty { progress(.swap) }
    var problems = plan.problems
    let telling = await uncancelled { await tell() }
    if !plan.commands.isEmpty { progress(.tell) }
    switch telling {
    case .told(let failures): problems += failures
    case .gone(let problem):
      return Outcome(
        plan: plan, problems: problems + [problem], isSeenServed: false, isNamedTold: false,
        change: entry?.number)
    case .refused(let error):
      let retreat = retreat(from: applied, standing)
      return try await putBack(retreat, entry, problems, after: retreat.refusal(error))
    }

    let dynamic = Set(plan.updates.flatMap(\.parts).map(\.owner))
    let expectations = plan.settled + plan.pending
    var verdicts = await verify(
      expectations.filter { !($0.alias.map(dynamic.contains) ?? false) })
    if Task.isCancelled, !plan.isEmpty {
      return Outcome(
        plan: plan, problems: problems, isSeenServed: false, change: entry?.number,
        isCutShort: true)
    }
    let failures = plan.pending.compactMap { failure(of: $0, verdicts) }
    if !failures.isEmpty, !plan.files.isEmpty {
      let retreat = retreat(from: applied, standing)
      return try await putBack(retreat, entry, problems, after: retreat.failures(failures))
    }

    let notUpdated = await sendUpdates()
    problems += notUpdated.values.sorted { $0.subject < $1.subject }
    if let entry, !notUpdated.isEmpty { history?.correct(entry, without: Set(notUpdated.keys)) }
    // What is remembered too much until the next pass does no harm: it has to stand in the zone too.
    if notUpdated.isEmpty { try? remember(plan.owned.records) }
    verdicts.merge(
      await verify(
        expectations.filter { expectation in
          expectation.alias.map { dynamic.contains($0) && notUpdated[$0] == nil } ?? false
        })
    ) { $1 }
    problems += expectations.compactMap { failure(of: $0, verdicts)?.problem }
    try note(plan.setbacksAfterwards(areJudged: look != nil))
    return Outcome(
      plan: plan, problems: problems,
      isSeenServed: look != nil && expectations.allSatisfy { verdicts[$0] == .served },
      change: entry?.number, verdicts: verdicts)
  }

  // MARK: Before the change

  /// A named that cannot be told is found out before a byte is changed.
  ///
  /// One that does not run reads the files when it is started, and has to find them right.
  private func writeOnly(after error: RemoteControlError) throws(PassError) -> Outcome {
    guard case .connectionRefused = error else {
      throw PassError("named cannot be told, so nothing was changed: \(error)")
    }
    try noteState()
    let (_, entry) = try recordedSwap()
    try note(plan.setbacksAfterwards(areJudged: false))
    return Outcome(
      plan: plan, problems: plan.problems + [isDown(error)], isSeenServed: false,
      isNamedTold: false, change: entry?.number)
  }

  private func isDown(_ error: RemoteControlError) -> Problem {
    Problem(
      severity: .failed, subject: "named", reason: "\(error)",
      cure: plan.files.isEmpty
        ? "" : "The files are changed, and it will read them when it is started")
  }

  /// Makes sure that what is told and what is asked is the named whose files these are, and that it
  /// answers: else nobody could tell a change that is served from one that is not.
  private func checkPreconditions() async throws(PassError) {
    guard !plan.isEmpty, let look, case .success(let status)? = install.named else { return }
    if let other = install.foreignConfiguration(of: status) {
      throw PassError(
        """
        nothing was changed: the named that answers on the control channel reads \(other), and not \
        \(install.bind.namedConf). Set bind.rndc to the control channel of the right named, or \
        bind.named-conf to the file that it reads
        """)
    }
    guard !plan.files.isEmpty else { return }
    if let reason = await look.objection(to: install.servedZones(changedBy: plan)) {
      throw PassError("nothing was changed: \(reason)")
    }
  }

  /// Those that named serves.
  private func served(_ expectations: [Expectation]) async -> [Expectation] {
    guard let look, !expectations.isEmpty else { return [] }
    let verdicts = await look.look(at: expectations)
    return expectations.filter { verdicts[$0] == .served }
  }

  /// Writes into the state directory what the next pass has to know: before the swap, since a pass may
  /// die there.
  private func noteState() throws(PassError) {
    let footprint = install.footprint(with: plan)
    if let stateDirectory, footprint != proposal.footprint {
      do throws(FileChangeError) {
        try footprint.write(in: stateDirectory)
      } catch {
        throw PassError("nothing was changed: \(error)")
      }
    }
    try remember(plan.owned.records.union(install.owned.records))
  }

  /// Writes down what the clusters said, whatever becomes of it.
  private func noteClusters() throws(PassError) {
    guard let stateDirectory, !plan.memories.byName.isEmpty || !proposal.memories.byName.isEmpty
    else { return }
    do {
      try plan.memories.write(in: stateDirectory, over: proposal.memories)
    } catch {
      throw PassError("nothing was changed: \(error)")
    }
  }

  /// Writes down which records in dynamic zones are ours: before they are put in, so that a pass that
  /// dies there has not lost them.
  private func remember(_ records: Set<OwnedRecords.Record>) throws(PassError) {
    guard let stateDirectory, records != OwnedRecords.read(in: stateDirectory).records else {
      return
    }
    do {
      try OwnedRecords(records: records).write(in: stateDirectory)
    } catch {
      throw PassError("nothing was changed: \(error)")
    }
  }

  private func note(_ setbacks: Setbacks) throws(PassError) {
    guard let stateDirectory, setbacks != proposal.setbacks else { return }
    do {
      try setbacks.write(in: stateDirectory)
    } catch {
      throw PassError("what was put back cannot be remembered: \(error)")
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
      throw PassError("nothing was changed: \(error)")
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
    let configuration = install.tree.files.first?.snapshot.metadata
    var replacements: [FileReplacement] = []
    for file in plan.files {
      switch (file.before, file.contents) {
      case (let before?, let contents?):
        replacements.append(FileReplacement(replacing: before, with: contents))
      case (let before?, nil):
        replacements.append(FileReplacement(removing: before))
      case (nil, let contents?):
        guard let neighbour = install.neighbours[file.path] ?? configuration else { continue }
        replacements.append(
          FileReplacement(creating: file.path, metadata: neighbour, contents: contents))
      case (nil, nil): continue
      }
    }
    do {
      return try ChangeSet(replacements).apply(journal: journal, onceSwapped: onceSwapped)
    } catch {
      var failure = PassError("nothing was changed: \(error)")
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
      do throws(RemoteControlError) {
        try await control.send(command)
      } catch .connectionRefused(let words) where index == 0 {
        return .gone(isDown(.connectionRefused(words)))
      } catch {
        if command == .reconfig, case .failed = error { return .refused(error) }
        failures.append(
          Problem(severity: .failed, subject: "\(command)", reason: "\(error)", cure: ""))
      }
    }
    return .told(failures)
  }

  /// Sends the changes of the dynamic zones.
  ///
  /// - Returns: the aliases that were not changed, with the reason.
  private func sendUpdates() async -> [DomainName: Problem] {
    var problems: [DomainName: Problem] = [:]
    for update in plan.updates {
      for (owner, reason) in await send(update) {
        problems[owner] = Problem(
          severity: .failed, subject: "alias \(owner.withoutTrailingDot)",
          reason: """
            it was not changed in the dynamic zone \(update.zone.withoutTrailingDot): \(reason)
            """, cure: "")
      }
    }
    return problems
  }

  /// Sends the changes of a dynamic zone, all in one message.
  ///
  /// Where named refuses that, its policy may take some names and not others: then one at a time.
  private func send(_ update: ZoneUpdate) async -> [(DomainName, String)] {
    let client: UpdateClient
    do throws(ToolMissing) {
      client = UpdateClient(tool: try tools.nsupdate.get(), server: update.server)
    } catch {
      return update.parts.map { ($0.owner, "\(error)") }
    }
    do throws(UpdateFailure) {
      try await client.send(update.message, key: update.key)
      return []
    } catch .refused where update.parts.count > 1 {
      var failures: [(DomainName, String)] = []
      for part in update.parts {
        do throws(UpdateFailure) {
          try await client.send(part.message, key: update.key)
        } catch {
          failures.append((part.owner, "\(error)"))
        }
      }
      return failures
    } catch {
      return update.parts.map { ($0.owner, "\(error)") }
    }
  }

  // MARK: Whether it is served

  private func verify(_ expectations: [Expectation]) async -> [Expectation: Verdict] {
    guard let look, !plan.isEmpty else {
      return proposal.verdicts.filter { expectations.contains($0.key) }
    }
    var verdicts = await look.wait(
      for: expectations.filter { !plan.visibleInOtherViews.contains($0) },
      within: patience + plan.loadingTime)
    // Nobody can tell how long to wait for what may never be seen from here.
    verdicts.merge(
      await look.look(at: expectations.filter(plan.visibleInOtherViews.contains))
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

  // MARK: The way back

  private func retreat(from applied: AppliedChanges, _ standing: [Expectation]) -> Retreat {
    Retreat(
      plan: plan, install: install, applied: applied, journal: journal, control: control,
      look: look, standing: standing, patience: patience)
  }

  private func putBack(
    _ retreat: Retreat, _ entry: HistoryEntry?, _ problems: [Problem],
    after cause: Retreat.Cause
  ) async throws(PassError) -> Outcome {
    let result = await uncancelled { await retreat.goBack(from: cause) }
    if let entry { history?.forget(entry, except: { !result.files.contains($0) }) }
    var setbacks = plan.setbacks
    let circumstances = Circumstances.digest(of: install)
    for subject in cause.blamed {
      setbacks.note(
        subject, digest: plan.attempts[subject], circumstances: circumstances,
        reason: cause.reason(of: subject), at: proposal.now)
    }
    try note(setbacks)
    return Outcome(
      plan: plan, problems: problems + cause.problems + result.problems, isSeenServed: false,
      putBack: result.files, blamed: cause.blamed, change: entry?.number)
  }
}

/// Something that named should serve and does not.
struct UnservedExpectation: Sendable {
  var expectation: Expectation
  var reason: String

  var problem: Problem {
    Problem(
      severity: .failed, subject: expectation.subject,
      reason: "named does not serve it: \(reason)", cure: "")
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
  fileprivate func setbacksAfterwards(areJudged isJudged: Bool) -> Setbacks {
    var rest = setbacks
    if isJudged { for subject in attempts.keys { rest[subject] = nil } }
    for setback in holds { rest[setback.subject] = setback }
    return rest
  }
}

extension RemoteControl {
  func send(_ command: NamedCommand) async throws(RemoteControlError) {
    switch command {
    case .reconfig: try await reconfig()
    case .reload(let zone, let view):
      try await reload(zone: zone.withoutTrailingDot, view: view)
    case .flushTree(let domain): try await flushTree(domain)
    }
  }
}

extension Expectation {
  /// The alias that is looked for, if it is one.
  var alias: DomainName? {
    if case .alias(let owner, _, _, _) = self { owner } else { nil }
  }

  var subject: String {
    switch self {
    case .serial(let zone, _, _): "zone \(zone.withoutTrailingDot)"
    case .alias(let owner, _, _, _): "alias \(owner.withoutTrailingDot)"
    case .forwarded(_, let cluster): "cluster \(cluster)"
    }
  }
}
