import BINDText
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
  let tools: NamedTools
  /// Where the footprint is kept; nil to look through all zone files in each pass.
  let stateDirectory: FilePath?
  /// For how long named is watched until it serves a change.
  let patience: Duration
  /// Where scratch folders are made; nil for the system's place.
  let scratch: FilePath?
  /// What the passes before have read.
  let files: FileCache
  /// Is told each step that has come to its end.
  let progress: @Sendable (PassStep) -> Void

  package init(
    desired: DesiredState, tools: NamedTools, stateDirectory: FilePath? = nil,
    patience: Duration = .seconds(10), holdsLock: Bool = false,
    files: FileCache = FileCache(), progress: @escaping @Sendable (PassStep) -> Void = { _ in }
  ) {
    // Whoever has the lock may also tidy up what a process left there that had no time to.
    scratch = holdsLock ? stateDirectory : nil
    self.desired = desired
    self.tools = tools
    self.stateDirectory = stateDirectory
    self.patience = patience
    self.files = files
    self.progress = progress
  }

  /// Brings to its end, or takes back, what a pass left that was cut off: the first step of a pass, for
  /// who holds the lock.
  ///
  /// - Returns: what was done, in words; nil if there was nothing to do.
  /// - Throws: what keeps the files from being put in order.
  package func recover() throws(PassError) -> String? {
    guard let stateDirectory else { return nil }
    // The journal first: where the state is kept beside BIND's files, the copies there may be its.
    let recovery = try endChange(in: stateDirectory)
    try ChangeHistory(in: stateDirectory).recover()
    ScratchFolder.removeOld(in: stateDirectory)
    StateFile.removeUnfinished(in: stateDirectory)
    return recovery
  }

  private func endChange(in stateDirectory: FilePath) throws(PassError) -> String? {
    do throws(FileChangeError) {
      switch try Journal(in: stateDirectory).recover() {
      case .nothing: return nil
      case .forward(let paths):
        return "a change that was cut off was brought to its end: \(list(paths))"
      case .back(let paths):
        return "a change that was cut off was taken back: \(list(paths))"
      }
    } catch {
      throw PassError("a change that was cut off cannot be ended", error)
    }
  }

  private func list(_ paths: [FilePath]) -> String {
    paths.map(\.string).joined(separator: ", ")
  }

  /// A whole pass, for who holds the lock.
  ///
  /// Where somebody saves a file between the look at it and the change, the pass starts afresh. Where
  /// something had to be put back, the rest is made anew without it. A task that is cancelled ends it
  /// before the files are replaced; once they are, named is told, and it is only not waited for what
  /// it serves.
  /// - Parameters:
  ///   - observers: Ask the clusters; nil as for ``propose(observers:operation:accepted:now:)``.
  ///   - operation: What the plan sees to.
  ///   - accepted: The clusters whose held changes an operator lets through.
  ///   - now: Tells the seconds since 1970.
  ///   - prepared: Is told each plan before it is carried out.
  /// - Returns: What it came to.
  /// - Throws: Why it ended before that; what stood before stands.
  package func run(
    observers: ClusterObservers?, operation: Operation = .reconcile, accepted: Set<String> = [],
    now: () -> Int64, prepared: (Plan) -> Void
  ) async throws(PassError) -> PassResult {
    var attemptsLeft = 3
    var result = PassResult(attempts: [])
    // What was let through and did not succeed is not let through once more.
    var blamed: Set<String> = []
    while true {
      let proposal = try await propose(
        observers: observers, operation: operation, accepted: accepted.subtracting(blamed),
        now: now())
      try PassError.throwIfStopped()
      prepared(proposal.plan)
      result.proposal = proposal
      do throws(PassError) {
        let outcome = try await apply(proposal)
        result.attempts.append(outcome)
        blamed.formUnion(outcome.blamed.compactMap(cluster))
        // One bad alias does not stop the others; each turn leaves out one more, at least.
        if outcome.putBack.isEmpty || result.attempts.count >= Self.mostAttempts || Task.isCancelled
        {
          return result
        }
      } catch  where error.isOutdated && attemptsLeft > 1 {
        attemptsLeft -= 1
      }
    }
  }

  private static let mostAttempts = 5

  private func cluster(of subject: Subject) -> String? {
    switch subject {
    case .cluster(let name): name
    case .alias(let owner): desired.aliases.first { $0.owner == owner }?.cluster
    default: nil
    }
  }

  /// Makes the plan, and with the candidates judged by named's checkers.
  ///
  /// It changes nothing.
  /// - Parameters:
  ///   - observers: Ask the clusters; nil where what is known of them does not matter, and all zone
  ///     files are looked through for what is to be taken out.
  ///   - operation: What the plan sees to.
  ///   - accepted: The clusters whose held changes an operator lets through.
  ///   - now: Seconds since 1970.
  /// - Returns: The plan, with what it was made from.
  /// - Throws: Why no plan can be made, or a checker refuses the candidates.
  package func propose(
    observers: ClusterObservers?, operation: Operation = .reconcile, accepted: Set<String> = [],
    now: Int64
  ) async throws(PassError) -> Proposal {
    let memories = stateDirectory.map(ClusterMemories.read) ?? ClusterMemories()
    let observations = await observers?.observe(memories.byName) ?? [:]
    try PassError.throwIfStopped()
    progress(.observe)
    let blockIndex = observers == nil ? nil : stateDirectory.flatMap(BlockIndex.read)
    let owned = stateDirectory.map(OwnedRecords.read) ?? OwnedRecords()
    let revertedChanges = stateDirectory.map(RevertedChanges.read) ?? RevertedChanges()
    var actual: ActualState
    do {
      actual = try await Inspector(
        desired: desired, control: control, tools: tools, blockIndex: blockIndex, owned: owned,
        scratch: scratch, files: files
      ).inspect()
    } catch {
      throw PassError(error)
    }
    try PassError.throwIfStopped()
    progress(.inspect)
    if let stateDirectory, actual.isAheadOfNamed {
      actual.left = ChangeHistory(in: stateDirectory).left
    }
    if !revertedChanges.all.isEmpty { actual.fingerprint = RetryFingerprint.digest(of: actual) }
    var refusals: [DomainName: String] = [:]
    var findings: [String: ForwarderFinding]?
    while true {
      do {
        var plan = try Planner.plan(
          desired: desired, observations: observations, actual: actual, refusals: refusals,
          findings: findings ?? [:],
          memories: memories, revertedChanges: revertedChanges, accepted: accepted,
          operation: operation, now: now)
        if findings == nil, control != nil, !plan.newForwarders.isEmpty {
          findings = await ForwarderProbe().look(at: plan.newForwarders)
          progress(.plan)
          continue
        }
        var verdicts: [Expectation: Verdict] = [:]
        if let probe, case .success = actual.named {
          verdicts = await probe.look(at: plan.alreadyServed)
          plan = try Planner.plan(
            desired: desired, observations: observations, actual: actual, verdicts: verdicts,
            refusals: refusals, findings: findings ?? [:], memories: memories,
            revertedChanges: revertedChanges,
            accepted: accepted, operation: operation, now: now)
        }
        try PassError.throwIfStopped()
        progress(.plan)
        try await CandidateValidator(tools: tools, scratch: scratch).validate(plan, actual)
        progress(.validate)
        return Proposal(
          plan: plan, actual: actual, observations: observations, verdicts: verdicts,
          blockIndex: blockIndex, revertedChanges: revertedChanges, memories: memories, now: now)
      } catch let error as PassError {
        // One zone that named would not load does not keep the others from what they need.
        guard let zone = error.refusedZone, refusals[zone] == nil else { throw error }
        refusals[zone] = error.description
      } catch {
        throw PassError(error)
      }
    }
  }

  /// Plans how the last changes are put back.
  ///
  /// - Parameters:
  ///   - entries: the changes, the last one first.
  ///   - now: seconds since 1970.
  /// - Returns: The plan, with what it was made from; the candidates are judged.
  /// - Throws: What keeps a change from being put back, or why a checker refuses what would stand there.
  package func proposeRollback(
    of entries: [HistoryEntry], now: Int64
  ) async throws(PassError) -> Proposal {
    var concerned = desired
    concerned.clusters = []
    concerned.aliases = entries.flatMap(\.aliases)
      .compactMap { try? DomainName($0.owner) }.map { Alias(owner: $0, cluster: "") }
    let revertedChanges = stateDirectory.map(RevertedChanges.read) ?? RevertedChanges()
    do {
      let actual = try await Inspector(
        desired: concerned, control: control, tools: tools, blockIndex: nil,
        owned: stateDirectory.map(OwnedRecords.read) ?? OwnedRecords(), scratch: scratch,
        files: files
      ).inspect()
      var snapshots = actual.snapshots
      for file in entries.flatMap(\.files) {
        let path = FilePath(file.path)
        if snapshots[path] == nil { snapshots[path] = try Self.snapshot(of: path) }
      }
      var plan = try RollbackPlanner.plan(
        RollbackPlanner(
          entries: entries, actual: actual, snapshots: snapshots,
          policies: desired.zones.mapValues(\.serial), now: now))
      plan.revertedChanges = revertedChanges
      try await CandidateValidator(tools: tools, scratch: scratch).validate(plan, actual)
      return Proposal(
        plan: plan, actual: actual, verdicts: [:],
        blockIndex: stateDirectory.flatMap(BlockIndex.read), revertedChanges: revertedChanges,
        now: now)
    } catch let error as PassError {
      throw error
    } catch {
      throw PassError(error)
    }
  }

  /// What a file holds; nil if there is none.
  private static func snapshot(of path: FilePath) throws(FileChangeError) -> FileSnapshot? {
    do throws(FileChangeError) {
      return try FileSnapshot.read(path)
    } catch  where error.isNotFound {
      return nil
    }
  }

  /// Carries a plan out, and looks whether named serves it; what it does not serve is put back.
  package func apply(_ proposal: Proposal) async throws(PassError) -> Outcome {
    try await PlanExecutor(
      proposal: proposal, tools: tools, control: control, probe: probe,
      stateDirectory: stateDirectory, patience: patience, progress: progress
    ).carryOut()
  }

  private var control: RemoteControl? {
    guard case .rndc(let settings) = desired.bind.reload else { return nil }
    return RemoteControl(tool: tools.rndc, settings: settings)
  }

  private var probe: NamedProbe? {
    control.map {
      NamedProbe(
        client: DNSClient(server: desired.bind.query), control: $0,
        progress: { progress(.verify) })
    }
  }
}
