import BINDText
import DCOS
import FileChange
package import Named
package import SystemPackage

/// Why a pass ended before it came to an outcome; what stood before stands.
package struct PassError: Error, Sendable, CustomStringConvertible {
  package var description: String
  /// Whether somebody changed a file after it was read: what they wrote stands, and a new pass may well
  /// succeed.
  var isOutdated = false
  /// Whether the pass was told to stop before it had changed anything.
  package var isStop = false
  /// The zone that a checker refuses as it would be; the others may well be changed.
  var refusedZone: DomainName?

  package init(_ description: String) {
    self.description = description
  }

  /// A pass that is told to stop leaves what stood before, as long as it has replaced no file.
  static var stopped: PassError {
    var error = PassError("told to stop before anything was changed")
    error.isStop = true
    return error
  }

  static func throwIfStopped() throws(PassError) {
    if Task.isCancelled { throw stopped }
  }

  /// The same before any file is replaced: a checker or a question that was ended by the stop has not failed.
  var unlessStopped: PassError { Task.isCancelled ? .stopped : self }
}

/// What a pass came to.
///
/// It has more than one turn where something had to be put back: what else it changed is made anew
/// without it.
package struct PassResult: Sendable {
  package fileprivate(set) var turns: [Outcome]
  /// What the last turn was made from; nil for a rollback.
  package fileprivate(set) var proposal: Proposal?

  package init(turns: [Outcome]) {
    self.turns = turns
  }

  /// What went wrong or is held: of a change that was just put back, not also that it is held now.
  package var problems: [Problem] {
    var problems: [Problem] = []
    for problem in turns.flatMap(\.problems) where !problems.contains(problem) {
      let isTold = problems.contains { $0.subject == problem.subject && $0.severity == .failed }
      if problem.severity == .failed || !isTold { problems.append(problem) }
    }
    return problems
  }

  /// The last plan that had anything to change.
  package var plan: Plan { turns.last { !$0.plan.isEmpty }?.plan ?? turns.last?.plan ?? Plan() }
}

/// What a plan came to.
package struct Outcome: Sendable {
  package var plan: Plan
  /// What went wrong or is held.
  package var problems: [Problem]
  /// Whether named was asked, and serves everything that it should.
  package var isSeenServed: Bool
  /// Whether named was there to be told.
  package var isNamedTold = true
  /// The files that were put back, since named did not serve what they had become.
  package var putBack: [FilePath] = []
  /// What they were put back for.
  var blamed: Set<Setback.Subject> = []
  /// The number of the change in the history, if there was one.
  package var change: Int?
  /// What was seen of the plan's expectations in the end.
  var verdicts: [Expectation: Verdict] = [:]
  /// Whether the pass was told to stop before it had seen what named serves.
  package var isCutShort = false
}

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
  let files: FileMemory
  /// Is told each step that has come to its end.
  let progress: @Sendable (PassStep) -> Void

  package init(
    desired: DesiredState, tools: NamedTools, stateDirectory: FilePath? = nil,
    patience: Duration = .seconds(10), holdsLock: Bool = false,
    files: FileMemory = FileMemory(), progress: @escaping @Sendable (PassStep) -> Void = { _ in }
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
    try History(in: stateDirectory).recover()
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
      throw PassError("a change that was cut off cannot be ended: \(error)")
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
  ///   - observers: Ask the clusters; nil as for ``propose(observers:purpose:accepted:now:)``.
  ///   - purpose: What the plan sees to.
  ///   - accepted: The clusters whose held changes an operator lets through.
  ///   - now: Tells the seconds since 1970.
  ///   - prepared: Is told each plan before it is carried out.
  /// - Returns: What it came to.
  /// - Throws: Why it ended before that; what stood before stands.
  package func run(
    observers: Observers?, purpose: Purpose = .reconcile, accepted: Set<String> = [],
    now: () -> Int64, prepared: (Plan) -> Void
  ) async throws(PassError) -> PassResult {
    var attemptsLeft = 3
    var result = PassResult(turns: [])
    // What was let through and did not succeed is not let through once more.
    var blamed: Set<String> = []
    while true {
      do throws(PassError) {
        let proposal: Proposal
        do throws(PassError) {
          proposal = try await propose(
            observers: observers, purpose: purpose, accepted: accepted.subtracting(blamed),
            now: now())
        } catch {
          throw error.unlessStopped
        }
        try PassError.throwIfStopped()
        prepared(proposal.plan)
        result.proposal = proposal
        let outcome = try await apply(proposal)
        result.turns.append(outcome)
        blamed.formUnion(outcome.blamed.compactMap(cluster))
        // One bad alias does not stop the others; each turn leaves out one more, at least.
        if outcome.putBack.isEmpty || result.turns.count >= Self.mostTurns || Task.isCancelled {
          return result
        }
      } catch  where error.isOutdated && attemptsLeft > 1 {
        attemptsLeft -= 1
      }
    }
  }

  private static let mostTurns = 5

  private func cluster(of subject: Setback.Subject) -> String? {
    switch subject {
    case .cluster(let name): name
    case .alias(let name): desired.aliases.first { $0.blockName == name }?.cluster
    case .zone, .exemption: nil
    }
  }

  /// Makes the plan, and with the candidates judged by named's checkers.
  ///
  /// It changes nothing.
  /// - Parameters:
  ///   - observers: Ask the clusters; nil where what is known of them does not matter, and all zone
  ///     files are looked through for what is to be taken out.
  ///   - purpose: What the plan sees to.
  ///   - accepted: The clusters whose held changes an operator lets through.
  ///   - now: Seconds since 1970.
  /// - Returns: The plan, with what it was made from.
  /// - Throws: Why no plan can be made, or a checker refuses the candidates.
  package func propose(
    observers: Observers?, purpose: Purpose = .reconcile, accepted: Set<String> = [], now: Int64
  ) async throws(PassError) -> Proposal {
    let memories = stateDirectory.map(ClusterMemories.read) ?? ClusterMemories()
    let sightings = await observers?.observe(memories.byName) ?? [:]
    try PassError.throwIfStopped()
    progress(.observe)
    let footprint = observers == nil ? nil : stateDirectory.flatMap(Footprint.read)
    let owned = stateDirectory.map(OwnedRecords.read) ?? OwnedRecords()
    let setbacks = stateDirectory.map(Setbacks.read) ?? Setbacks()
    var install: Install
    do {
      install = try await Inspector(
        desired: desired, control: control, tools: tools, footprint: footprint, owned: owned,
        scratch: scratch, files: files
      ).inspect()
    } catch {
      throw PassError("\(error)")
    }
    try PassError.throwIfStopped()
    progress(.inspect)
    if let stateDirectory, install.isAheadOfNamed {
      install.left = History(in: stateDirectory).left
    }
    if !setbacks.all.isEmpty { install.circumstances = Circumstances.digest(of: install) }
    var refusals: [DomainName: String] = [:]
    var findings: [String: ForwarderLook.Finding]?
    while true {
      do {
        var plan = try Planner.plan(
          desired: desired, sightings: sightings, install: install, refusals: refusals,
          findings: findings ?? [:],
          memories: memories, setbacks: setbacks, accepted: accepted, purpose: purpose, now: now)
        if findings == nil, control != nil, !plan.newForwarders.isEmpty {
          findings = await ForwarderLook().look(at: plan.newForwarders)
          progress(.plan)
          continue
        }
        var verdicts: [Expectation: Verdict] = [:]
        if let look, case .success = install.named {
          verdicts = await look.look(at: plan.settled)
          plan = try Planner.plan(
            desired: desired, sightings: sightings, install: install, verdicts: verdicts,
            refusals: refusals, findings: findings ?? [:], memories: memories, setbacks: setbacks,
            accepted: accepted, purpose: purpose, now: now)
        }
        try PassError.throwIfStopped()
        progress(.plan)
        try await CandidateCheck(tools: tools, scratch: scratch).check(plan, install)
        progress(.check)
        return Proposal(
          plan: plan, install: install, sightings: sightings, verdicts: verdicts,
          footprint: footprint, setbacks: setbacks, memories: memories, now: now)
      } catch let error as PassError {
        // A program that is ended since the pass is to stop says nothing about the candidate.
        try PassError.throwIfStopped()
        // One zone that named would not load does not keep the others from what they need.
        guard let zone = error.refusedZone, refusals[zone] == nil else { throw error }
        refusals[zone] = error.description
      } catch {
        throw PassError("\(error)")
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
    let setbacks = stateDirectory.map(Setbacks.read) ?? Setbacks()
    do {
      let install = try await Inspector(
        desired: concerned, control: control, tools: tools, footprint: nil,
        owned: stateDirectory.map(OwnedRecords.read) ?? OwnedRecords(), scratch: scratch,
        files: files
      ).inspect()
      var snapshots = install.snapshots
      for file in entries.flatMap(\.files) {
        let path = FilePath(file.path)
        if snapshots[path] == nil { snapshots[path] = try Self.snapshot(of: path) }
      }
      var plan = try RollbackPlanner.plan(
        RollbackPlanner(
          entries: entries, install: install, snapshots: snapshots,
          policies: desired.zones.mapValues(\.serial), now: now))
      plan.setbacks = setbacks
      try await CandidateCheck(tools: tools, scratch: scratch).check(plan, install)
      return Proposal(
        plan: plan, install: install, verdicts: [:],
        footprint: stateDirectory.flatMap(Footprint.read), setbacks: setbacks, now: now)
    } catch let error as PassError {
      throw error
    } catch {
      throw PassError("\(error)")
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
    try await Application(
      proposal: proposal, tools: tools, control: control, look: look,
      stateDirectory: stateDirectory, patience: patience, progress: progress
    ).carryOut()
  }

  private var control: RemoteControl? {
    guard case .rndc(let settings) = desired.bind.reload else { return nil }
    return RemoteControl(tool: tools.rndc, settings: settings)
  }

  private var look: ServedLook? {
    control.map {
      ServedLook(
        client: DNSClient(server: desired.bind.query), control: $0,
        progress: { progress(.verify) })
    }
  }
}

/// A plan with what it was made from.
package struct Proposal: Sendable {
  package var plan: Plan
  package var install: Install
  /// What the clusters said; empty where they were not asked.
  var sightings: [String: Sighting] = [:]
  var verdicts: [Expectation: Verdict]
  /// Nil where all zone files were looked through.
  var footprint: Footprint?
  /// What was put back by passes before, as it is written down.
  var setbacks = Setbacks()
  /// What is remembered of the clusters, as it is written down.
  var memories = ClusterMemories()
  /// When it was made, in seconds since 1970.
  var now: Int64
}
