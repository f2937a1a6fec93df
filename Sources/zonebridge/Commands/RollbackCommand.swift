import ArgumentParser
import FileChange
import Glibc
import Named
import Reconcile
import ReconcileModel
import SystemPackage

/// `zonebridge rollback`: puts back what stood before the last changes.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Put back what stood before the last change, or the last changes.",
    discussion: """
      It is a change of its own, which can be put back as well: what somebody has added to the files \
      since stays, and zones get a newer serial. What was put back is held from then on, until it is \
      let through with zonebridge run --once --accept CLUSTER. The diff is shown before anything is \
      changed. Where the configuration is wrong, what the last change was made with is used.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var waiting: WaitingOptions

  @Flag(help: "Print what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "Print the changes that are kept, the last one first.")
  var list = false

  @Option(
    help: ArgumentHelp(
      "Where zonebridge keeps its state, if the configuration does not say so any more.",
      valueName: "directory"))
  var stateDirectory: String?

  @Argument(help: ArgumentHelp("How many changes to put back.", valueName: "number"))
  var number = 1

  func validate() throws {
    if number < 1 { throw ValidationError("rollback \(number): the last change is number 1") }
  }

  func run() async throws {
    let (desired, directory) = settings()
    let directoryGiven = stateDirectory.map { FilePath($0) } ?? directory
    let entries = ChangeHistory(in: directoryGiven).entries
    if list {
      for (index, entry) in entries.enumerated() {
        Diagnostics.output(
          "\(index + 1)\t\(CivilTime(secondsSince1970: entry.time))\t\(entry.title)")
      }
      throw ExitStatus.inSync.code
    }
    guard entries.count >= number else {
      throw Self.failed(
        entries.isEmpty
          ? "there is no change in \(StateDirectory(directoryGiven).history) to be put back"
          : "only the last \(entries.count) changes are kept; see zonebridge rollback --list")
    }
    let changes = Array(entries.prefix(number))
    guard let desired = desired ?? changes[0].desired else {
      throw Self.failed("change \(changes[0].number) does not tell where named's files are")
    }
    let rollback = Rollback(
      desired: desired, stateDirectory: directoryGiven, changes: changes, output: output)
    throw dryRun ? await rollback.preview().code : await rollback.run(waiting: waiting.time).code
  }

  /// What the configuration says, as far as it can be read.
  private func settings() -> (DesiredState?, FilePath) {
    do throws(ConfigurationError) {
      let configuration = try Configuration.load(common.path)
      return (configuration.desired, configuration.stateDirectory)
    } catch {
      Diagnostics.warning("\(error)")
      return (nil, Configuration.stateDirectory(in: common.path))
    }
  }

  private static func failed(_ reason: String) -> ExitCode {
    Diagnostics.error(reason)
    return ExitStatus.failed.code
  }
}

/// The putting back of some changes.
private struct Rollback {
  let desired: DesiredState
  let stateDirectory: FilePath
  let changes: [HistoryEntry]
  let output: OutputOptions

  func preview() async -> ExitStatus {
    await attempt {
      let plan = try await pass(holdsLock: false).proposeRollback(of: changes, now: now).plan
      try show(plan)
      return plan.isEmpty ? .inSync : .changesPending
    }
  }

  func run(waiting: Duration) async -> ExitStatus {
    let lock: PassLock
    do throws(LockError) {
      lock = try await PassLock.acquire(in: stateDirectory, waiting: waiting)
    } catch {
      Diagnostics.error("\(error)")
      if case .held = error { return .lockHeld }
      return .failed
    }
    let timer = StepTimer()
    let keeper = RecordKeeper(in: stateDirectory)
    let status = await attempt {
      let pass = try pass(holdsLock: true)
      if let recovery = try pass.recover() {
        Diagnostics.tell(.recovered(recovery))
      }
      let proposal = try await pass.proposeRollback(of: changes, now: now)
      if !output.json { try show(proposal.plan) }
      let result = PassResult(attempts: [try await pass.apply(proposal)])
      // Without it the change is put back all the same.
      try? await keeper.note(result, of: desired, isWhole: false, timer: timer, isLast: true)
      if output.json {
        try Diagnostics.output(Report(result.plan, result.problems, isApplied: true).json)
      } else {
        for line in Summary.lines(of: result) { Diagnostics.output(line) }
      }
      for problem in result.problems { Diagnostics.tell(Event(problem, of: desired)) }
      return ExitStatus(result.problems)
    }
    lock.release()
    return status
  }

  private var now: Int64 { Int64(time(nil)) }

  private func pass(holdsLock: Bool) throws -> Pass {
    Pass(
      desired: desired, tools: try NamedTools.locate(), stateDirectory: stateDirectory,
      holdsLock: holdsLock)
  }

  private func show(_ plan: Plan) throws {
    if output.json {
      try Diagnostics.output(Report(plan, plan.problems, isApplied: false).json)
    } else {
      Diagnostics.output(DiffText(plan: plan, usesColor: output.usesColor).bytes)
    }
  }

  private func attempt(_ body: () async throws -> ExitStatus) async -> ExitStatus {
    do {
      return try await body()
    } catch {
      if output.json, let json = try? Report(failure: "\(error)").json { Diagnostics.output(json) }
      Diagnostics.error("\(error)")
      return .failed
    }
  }
}
