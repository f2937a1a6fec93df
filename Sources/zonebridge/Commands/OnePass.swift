import FileChange
import Glibc
import Named
import Reconcile
import ReconcileModel

/// One pass from the command line, or the preview of one.
struct OnePass {
  var configuration: Configuration
  let output: OutputOptions
  var accepted: Set<String> = []
  var operation = Operation.reconcile
  /// Whether the clusters are asked; what is to be taken out does not depend on what they say.
  var observes = true
  /// Whether the diff is shown before it is carried out.
  var showsDiff = false
  /// Whether changes are told as events, for who reads the journal, instead of as a result.
  var tellsEvents = false

  /// Stops before anything is changed.
  ///
  /// It takes no lock.
  func preview() async -> ExitStatus {
    await attempt { pass, observers in
      let plan = try await propose(pass, observers).plan
      if output.json {
        try Diagnostics.output(Report(plan, plan.problems, isApplied: false).json)
      } else {
        Diagnostics.output(DiffText(plan: plan, usesColor: output.usesColor).bytes)
      }
      for note in plan.warnings + plan.hints.map(\.description) { Diagnostics.warning(note) }
      tell(plan.problems)
      return ExitStatus(plan.problems, otherwise: plan.isEmpty ? .inSync : .changesPending)
    }
  }

  /// Makes the pass under the lock.
  func run(waiting: Duration) async -> ExitStatus {
    let lock: PassLock
    do throws(LockError) {
      lock = try await PassLock.acquire(in: configuration.stateDirectory, waiting: waiting)
    } catch {
      Diagnostics.error("\(error)")
      if case .held = error { return .lockHeld }
      return .failed
    }
    let timer = StepTimer()
    let keeper = RecordKeeper(in: configuration.stateDirectory)
    let status = await attempt(keeper: keeper, timer: timer) { pass, observers in
      if let recovery = try pass.recover() {
        Diagnostics.tell(.recovered(recovery))
      }
      let result = try await pass.run(
        observers: observes ? observers : nil, operation: operation, accepted: accepted,
        now: { Int64(time(nil)) }
      ) { plan in
        Diagnostics.warnings(of: plan)
        if showsDiff, !output.json {
          Diagnostics.output(DiffText(plan: plan, usesColor: output.usesColor).bytes)
        }
      }
      if tellsEvents {
        for event in Event.changes(of: result, took: timer.elapsed, of: configuration.desired) {
          Diagnostics.tell(event)
        }
      }
      await note(result, keeper, timer)
      if output.json {
        try Diagnostics.output(Report(result.plan, result.problems, isApplied: true).json)
      } else if !tellsEvents {
        for line in Summary.lines(of: result) { Diagnostics.output(line) }
        // Without a change nothing is said, for cron would mail it; a person wants to see it.
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
    lock.release()
    return status
  }

  /// Takes down what the pass came to; without that it is done all the same.
  private func note(_ result: PassResult, _ keeper: RecordKeeper, _ timer: StepTimer) async {
    do throws(FileChangeError) {
      try await keeper.note(
        result, of: configuration.desired, isWhole: operation == .reconcile && observes,
        timer: timer, isLast: true)
    } catch {
      Diagnostics.warning("zonebridge status will not show this pass: \(error)")
    }
    await publish(keeper)
  }

  /// Writes the metrics for node_exporter, if that is wanted.
  private func publish(_ keeper: RecordKeeper) async {
    guard let path = configuration.metrics.textfile else { return }
    let status = AgentStatus(
      version: Version.current, time: Int64(time(nil)), agent: nil, record: await keeper.record)
    do throws(TextfileError) {
      try Textfile.write(Textfile.families(of: status), to: path)
    } catch {
      Diagnostics.warning("\(error)")
    }
  }

  private func propose(_ pass: Pass, _ observers: ClusterObservers) async throws -> Proposal {
    try await pass.propose(
      observers: observes ? observers : nil, operation: operation, accepted: accepted,
      now: Int64(time(nil)))
  }

  private func attempt(
    keeper: RecordKeeper? = nil, timer: StepTimer = StepTimer(),
    _ body: (Pass, ClusterObservers) async throws -> ExitStatus
  ) async -> ExitStatus {
    do {
      let pass = Pass(
        desired: configuration.desired, tools: try NamedTools.locate(),
        stateDirectory: configuration.stateDirectory, holdsLock: keeper != nil,
        progress: timer.finish)
      let observers = try ClusterObservers(configuration.desired.clusters)
      let status: ExitStatus
      do {
        status = try await body(pass, observers)
      } catch {
        await observers.shutdown()
        throw error
      }
      await observers.shutdown()
      return status
    } catch {
      if let keeper {
        try? await keeper.note(failure: "\(error)", timer: timer, isLast: true)
        await publish(keeper)
      }
      if output.json, let json = try? Report(failure: "\(error)").json { Diagnostics.output(json) }
      Diagnostics.error("\(error)")
      return .failed
    }
  }

  private func tell(_ problems: [Problem]) {
    for problem in problems { Diagnostics.tell(Event(problem, of: configuration.desired)) }
  }
}
