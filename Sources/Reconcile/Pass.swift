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
  /// The zone that a checker refuses as it would be; the others may well be changed.
  var refusedZone: DomainName?

  package init(_ description: String) {
    self.description = description
  }
}

/// What a pass came to.
package struct Outcome: Sendable {
  package var plan: Plan
  /// What went wrong or is held.
  package var problems: [Problem]
  /// Whether named was asked, and serves everything that it should.
  package var isSeenServed: Bool
  /// Whether named was there to be told.
  package var isNamedTold = true
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

  package init(
    desired: DesiredState, tools: NamedTools, stateDirectory: FilePath? = nil,
    patience: Duration = .seconds(10), holdsLock: Bool = false,
    files: FileMemory = FileMemory()
  ) {
    // Whoever has the lock may also tidy up what a process left there that had no time to.
    scratch = holdsLock ? stateDirectory : nil
    self.desired = desired
    self.tools = tools
    self.stateDirectory = stateDirectory
    self.patience = patience
    self.files = files
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
  /// Where somebody saves a file between the look at it and the change, the pass starts afresh.
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
  ) async throws(PassError) -> Outcome {
    var attemptsLeft = 3
    while true {
      attemptsLeft -= 1
      let proposal = try await propose(
        observers: observers, purpose: purpose, accepted: accepted, now: now())
      prepared(proposal.plan)
      do throws(PassError) {
        return try await apply(proposal)
      } catch  where error.isOutdated && attemptsLeft > 0 {
        continue
      }
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
    let sightings = await observers?.observe() ?? [:]
    let footprint = observers == nil ? nil : stateDirectory.flatMap(Footprint.read)
    let owned = stateDirectory.map(OwnedRecords.read) ?? OwnedRecords()
    let install: Install
    do {
      install = try await Inspector(
        desired: desired, control: control, tools: tools, footprint: footprint, owned: owned,
        scratch: scratch, files: files
      ).inspect()
    } catch {
      throw PassError("\(error)")
    }
    var refusals: [DomainName: String] = [:]
    while true {
      do {
        var plan = try Planner.plan(
          desired: desired, sightings: sightings, install: install, refusals: refusals,
          accepted: accepted, purpose: purpose, now: now)
        var verdicts: [Expectation: Verdict] = [:]
        if let look, case .success = install.named {
          verdicts = await look.look(at: plan.settled)
          plan = try Planner.plan(
            desired: desired, sightings: sightings, install: install, verdicts: verdicts,
            refusals: refusals, accepted: accepted, purpose: purpose, now: now)
        }
        try await CandidateCheck(tools: tools, scratch: scratch).check(plan, install)
        return Proposal(plan: plan, install: install, verdicts: verdicts, footprint: footprint)
      } catch let error as PassError {
        // One zone that named would not load does not keep the others from what they need.
        guard let zone = error.refusedZone, refusals[zone] == nil else { throw error }
        refusals[zone] = error.description
      } catch {
        throw PassError("\(error)")
      }
    }
  }

  /// Carries a plan out, and looks whether named serves it.
  package func apply(_ proposal: Proposal) async throws(PassError) -> Outcome {
    let plan = proposal.plan
    var problems = plan.problems
    // A named that cannot be told is found out before a byte is changed. One that does not run reads the
    // files when it is started, and has to find them right.
    if case .failure(let error) = proposal.install.named {
      guard case .connectionRefused = error else {
        throw PassError("named cannot be told, so nothing was changed: \(error)")
      }
      try noteState(proposal)
      _ = try swap(proposal)
      problems.append(
        Problem(
          severity: .failed, subject: "named", reason: "\(error)",
          cure: plan.files.isEmpty
            ? "" : "The files are changed, and it will read them when it is started"))
      return Outcome(plan: plan, problems: problems, isSeenServed: false, isNamedTold: false)
    }
    try noteState(proposal)
    let applied = try swap(proposal)
    for command in plan.commands {
      do throws(RemoteControlError) {
        try await tell(command)
      } catch {
        // A configuration that named refuses is not loaded: it runs on the one before.
        if command == .reconfig { throw takeBack(applied, after: "\(error)") }
        problems.append(
          Problem(severity: .failed, subject: "\(command)", reason: "\(error)", cure: ""))
      }
    }
    var notUpdated: Set<DomainName> = []
    for update in plan.updates {
      for (owner, reason) in await send(update) {
        notUpdated.insert(owner)
        problems.append(
          Problem(
            severity: .failed, subject: "alias \(owner.withoutTrailingDot)",
            reason: """
              it was not changed in the dynamic zone \(update.zone.withoutTrailingDot): \(reason)
              """, cure: ""))
      }
    }
    // What is remembered too much until the next pass does no harm: it has to stand in the zone too.
    if notUpdated.isEmpty { try? remember(plan.owned.records) }

    var verdicts = proposal.verdicts
    let expectations = (plan.settled + plan.pending).filter { expectation in
      !(expectation.alias.map(notUpdated.contains) ?? false)
    }
    if let look, !plan.isEmpty {
      verdicts = await look.wait(
        for: expectations.filter { !plan.visibleInOtherViews.contains($0) }, within: patience)
      // Nobody can tell how long to wait for what may never be seen from here.
      verdicts.merge(
        await look.look(at: expectations.filter(plan.visibleInOtherViews.contains))
      ) { $1 }
    }
    for expectation in expectations {
      if case .notServed(let reason) = verdicts[expectation],
        !plan.visibleInOtherViews.contains(expectation)
      {
        problems.append(
          Problem(
            severity: .failed, subject: expectation.subject,
            reason: "named does not serve it: \(reason)", cure: ""))
      }
    }
    let isSeenServed = (plan.settled + plan.pending).allSatisfy { verdicts[$0] == .served }
    return Outcome(
      plan: plan, problems: problems, isSeenServed: look != nil && isSeenServed)
  }

  private var journal: Journal? { stateDirectory.map(Journal.init) }

  private var control: RemoteControl? {
    guard case .rndc(let settings) = desired.bind.reload else { return nil }
    return RemoteControl(tool: tools.rndc, settings: settings)
  }

  private var look: ServedLook? {
    control.map { ServedLook(client: DNSClient(server: desired.bind.query), control: $0) }
  }

  private func tell(_ command: NamedCommand) async throws(RemoteControlError) {
    guard let control else { return }
    switch command {
    case .reconfig: try await control.reconfig()
    case .reload(let zone, let view):
      try await control.reload(zone: zone.withoutTrailingDot, view: view)
    case .flushTree(let domain): try await control.flushTree(domain)
    }
  }

  /// Writes into the state directory what the next pass has to know: before the swap, since a pass may
  /// die there.
  private func noteState(_ proposal: Proposal) throws(PassError) {
    let footprint = proposal.install.footprint(with: proposal.plan)
    if let stateDirectory, footprint != proposal.footprint {
      do throws(FileChangeError) {
        try footprint.write(in: stateDirectory)
      } catch {
        throw PassError("nothing was changed: \(error)")
      }
    }
    try remember(proposal.plan.owned.records.union(proposal.install.owned.records))
  }

  /// Sends the changes of a dynamic zone, all in one message.
  ///
  /// Where named refuses that, its policy may take some names and not others: then one at a time.
  /// - Returns: the aliases that were not changed, with the reason.
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

  private func swap(_ proposal: Proposal) throws(PassError) -> AppliedChanges {
    let configuration = proposal.install.tree.files.first?.snapshot.metadata
    var replacements: [FileReplacement] = []
    for file in proposal.plan.files {
      switch (file.before, file.contents) {
      case (let before?, let contents?):
        replacements.append(FileReplacement(replacing: before, with: contents))
      case (let before?, nil):
        replacements.append(FileReplacement(removing: before))
      case (nil, let contents?):
        guard let neighbour = proposal.install.neighbours[file.path] ?? configuration else {
          continue
        }
        replacements.append(
          FileReplacement(creating: file.path, metadata: neighbour, contents: contents))
      case (nil, nil): continue
      }
    }
    do {
      return try ChangeSet(replacements).apply(journal: journal)
    } catch {
      var failure = PassError("nothing was changed: \(error)")
      failure.isOutdated = error.isOutdated
      throw failure
    }
  }

  /// named refused: what stood before is put back, which named still runs on.
  private func takeBack(_ applied: AppliedChanges, after reason: String) -> PassError {
    do throws(FileChangeError) {
      try applied.undo(journal: journal)
      return PassError("\(reason). The files are as they were before")
    } catch {
      return PassError("\(reason). Putting the files back failed as well: \(error)")
    }
  }
}

/// A plan with what it was made from.
package struct Proposal: Sendable {
  package var plan: Plan
  package var install: Install
  var verdicts: [Expectation: Verdict]
  /// Nil where all zone files were looked through.
  var footprint: Footprint?
}

extension Expectation {
  /// The alias that is looked for, if it is one.
  fileprivate var alias: DomainName? {
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
