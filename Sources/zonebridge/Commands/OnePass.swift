import DNSNames
import FileChange
import Glibc
import Named
import Reconcile
import ReconcileModel
import SystemPackage

/// One pass from the command line, or the preview of one.
struct OnePass {
  /// What the pass does.
  enum Work {
    /// It reconciles, or does the part of it that an operation stands for. Where the clusters are not
    /// observed, what they say does not matter: blocks are only removed.
    case reconcile(Operation = .reconcile, observes: Bool = true, accepted: Set<String> = [])
    /// It reverts these changes, the last one first.
    case rollback([HistoryEntry])
    /// It saves or ends an operator's choice for an alias, and reconciles.
    case choice(FailoverMemory.Choice?, of: DomainName)
  }

  var desired: DesiredState
  let stateDirectory: FilePath
  /// The file for node_exporter; nil for none.
  var textfile: FilePath?
  let output: OutputOptions
  let work: Work
  /// The operator's commands.
  var hooks = HooksConfiguration()
  /// Whether the diff is printed before the change is made.
  var showsDiff = false
  /// Whether changes are logged as events, for the journal, instead of printed.
  var logsChanges = false
  /// Whether each step is reported.
  var isVerbose = false

  private let toldNames = ToldNames()

  init(
    _ work: Work, desired: DesiredState, stateDirectory: FilePath, output: OutputOptions,
    showsDiff: Bool = false
  ) {
    self.work = work
    self.desired = desired
    self.stateDirectory = stateDirectory
    self.output = output
    self.showsDiff = showsDiff
  }

  init(
    _ work: Work, of configuration: Configuration, output: OutputOptions, showsDiff: Bool = false
  ) {
    self.init(
      work, desired: configuration.desired, stateDirectory: configuration.stateDirectory,
      output: output, showsDiff: showsDiff)
    textfile = configuration.metrics.textfile
    hooks = configuration.hooks
  }

  // MARK: Preview

  /// Plans, and stops before anything is changed; it takes no lock.
  func preview() async -> ExitStatus {
    await PassID.$current.withValue(PassID.make()) { await makePreview() }
  }

  private func makePreview() async -> ExitStatus {
    do {
      if let objection = PrivateFolder.objection(to: stateDirectory, for: .preview) {
        throw objection
      }
      let plan = try await plan(by: try pass(StepTimer(), holding: nil))
      if output.json {
        Diagnostics.output(json: try Report(preview: plan).json)
      } else {
        let command = ApplyingCommand(CommandLine.arguments).text
        Diagnostics.output(DiffText(plan: plan, applying: command, output).bytes)
      }
      let notes =
        plan.handEdits.map(\.description) + plan.warnings + plan.hints.map(\.description)
      for note in notes { Diagnostics.warning(note) }
      for hidden in plan.hidden { Diagnostics.tell(Event(hidden, of: desired)) }
      tell(plan.problems)
      return ExitStatus(plan.problems, otherwise: plan.isEmpty ? .inSync : .changesPending)
    } catch {
      return failed(error)
    }
  }

  private func plan(by pass: Pass) async throws -> Plan {
    var proposal =
      switch work {
      case .reconcile(let operation, let observes, let accepted):
        try await withObservers(observes) { observers in
          try await pass.propose(
            observers: observers, operation: operation, accepted: accepted, isPreview: true,
            now: now)
        }
      case .rollback(let changes):
        try await pass.proposeRollback(of: changes, now: now)
      case .choice(let choice, let alias):
        try await withObservers(true) { observers in
          try await pass.propose(
            observers: observers, isPreview: true, choices: [alias: choice], now: now)
        }
      }
    await pass.addObstaclesOfNamed(to: &proposal)
    proposal.plan.problems += ReplacementObstacles.problems(of: proposal.plan)
    return proposal.plan
  }

  // MARK: The pass

  /// Makes the pass under the lock.
  func run(waiting: Duration) async -> ExitStatus {
    await PassID.$current.withValue(PassID.make()) { await makePass(waiting: waiting) }
  }

  private func makePass(waiting: Duration) async -> ExitStatus {
    let timer = StepTimer()
    let keeper = RecordKeeper(in: StateDirectory(stateDirectory))
    let hooks = HookQueue(hooks) { Diagnostics.warning($0) }
    let known = RecordedProblems(await keeper.record?.pass)
    var masters = ToldMasters(recorded: await keeper.record?.pass)
    let locked = LockedPass(
      desired: desired, stateDirectory: stateDirectory, keeper: keeper, timer: timer,
      isWhole: isWhole, logsChanges: logsChanges, isVerbose: isVerbose,
      tell: { event in
        Diagnostics.tell(event)
        hooks.notice(event)
      })
    do {
      let ending = try await locked.run(waiting: waiting) { state in
        try pass(timer, holding: state)
      } _: { pass in
        try await run(pass)
      }
      if let error = ending.recordError {
        Diagnostics.warning("zonebridge status will not show this pass: \(error)")
      }
      await publish(keeper)
      let status = try show(ending.result)
      if !logsChanges {
        let changes = Event.changes(of: ending.result, took: timer.elapsed, of: desired)
        for event in changes { hooks.notice(event) }
      }
      if isWhole, let pass = await keeper.record?.pass {
        for event in masters.events(pass) { Diagnostics.tell(event) }
      }
      if isWhole {
        for event in known.events(ending.result.problems, of: desired) { hooks.notice(event) }
      }
      await hooks.finish()
      return status
    } catch let error as LockError {
      Diagnostics.error("\(error)")
      if case .held = error { return .lockHeld }
      return .failed
    } catch {
      await publish(keeper)
      let status = failed(error)
      if isWhole, (error as? PassError)?.isStop != true {
        let problems = [Problem(.failed, .pass, error)]
        for event in known.events(problems, of: desired) where event.kind != .resolved {
          hooks.notice(event)
        }
      }
      await hooks.finish()
      return status
    }
  }

  private func run(_ pass: Pass) async throws -> PassResult {
    switch work {
    case .reconcile(let operation, let observes, let accepted):
      try await withObservers(observes) { observers in
        try await pass.run(
          observers: observers, operation: operation, accepted: accepted, now: { now },
          prepared: announce)
      }
    case .rollback(let changes):
      try await pass.rollBack(changes, now: now, prepared: announce)
    case .choice(let choice, let alias):
      try await withObservers(true) { observers in
        try pass.remember(choice, of: alias, now: now)
        return try await pass.run(observers: observers, now: { now }, prepared: announce)
      }
    }
  }

  private var isWhole: Bool {
    switch work {
    case .reconcile(let operation, let observes, _): operation == .reconcile && observes
    case .rollback: false
    case .choice: true
    }
  }

  private var now: Int64 { Int64(time(nil)) }

  // In the state directory whose lock is held; nil for a preview.
  private func pass(_ timer: StepTimer, holding state: StateDirectory?) throws -> Pass {
    let tools = try NamedTools.locate(desired.bind.tools)
    let progress: @Sendable (PassStep) -> Void = { step in
      let took = timer.finish(step)
      if isVerbose { Diagnostics.took("step \(step.rawValue)", took) }
    }
    guard let state else {
      return Pass(
        desired: desired, tools: tools, stateDirectory: stateDirectory, progress: progress)
    }
    return Pass(desired: desired, tools: tools, holding: state, progress: progress)
  }

  /// Hands observers to the body if the clusters are observed, and closes their connections afterwards.
  private func withObservers<Result>(
    _ observes: Bool, _ body: (ClusterObservers?) async throws -> Result
  ) async throws -> Result {
    guard observes else { return try await body(nil) }
    let observers = try ClusterObservers(desired.clusters)
    do {
      let result = try await body(observers)
      await observers.shutdown()
      return result
    } catch {
      await observers.shutdown()
      throw error
    }
  }

  // MARK: What is shown

  /// Shows a plan that is about to be applied.
  private func announce(_ plan: Plan) {
    Diagnostics.warnings(of: plan)
    for hidden in toldNames.news(of: plan.hidden) { Diagnostics.tell(Event(hidden, of: desired)) }
    if showsDiff, !output.json {
      Diagnostics.output(DiffText(plan: plan, output).bytes)
    }
  }

  private func show(_ result: PassResult) throws -> ExitStatus {
    if output.json {
      Diagnostics.output(json: try Report(result).json)
    } else if !logsChanges {
      for line in Summary.lines(of: result) { Diagnostics.output("\(line)") }
      if case .choice(_, let alias) = work {
        for line in Summary.lines(of: result.courses.filter { $0.alias == alias }) {
          Diagnostics.output("\(line)")
        }
      }
      // cron mails whatever is printed, so without a change only a person gets a line.
      if result.plan.isEmpty, result.problems.isEmpty {
        if showsDiff {
          Diagnostics.output("nothing to change")
        } else if isatty(STDOUT_FILENO) == 1 {
          Diagnostics.output("in sync: nothing to change")
        }
      }
    }
    tell(result.problems)
    return ExitStatus(result.problems)
  }

  private func failed(_ error: any Error) -> ExitStatus {
    if output.json, let json = try? Report(failure: error).json { Diagnostics.output(json: json) }
    Diagnostics.error("\(error)")
    return .failed
  }

  private func tell(_ problems: [Problem]) {
    for problem in problems { Diagnostics.tell(Event(problem, of: desired)) }
  }

  /// Writes the metrics for node_exporter, if that is wanted.
  private func publish(_ keeper: RecordKeeper) async {
    guard let textfile else { return }
    let status = AgentStatus(
      version: Version.current, time: now, agent: nil, record: await keeper.record)
    do throws(TextfileError) {
      try Textfile.write(Textfile.families(of: status), to: textfile)
    } catch {
      Diagnostics.warning("\(error)")
    }
  }
}
