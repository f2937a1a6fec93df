import FileChange
import Glibc
import Reconcile
import ReconcileModel
import ServiceLifecycle
import Synchronization
import SystemPackage
import Systemd

/// Passes, one each interval, until the shutdown begins.
struct PassLoop: Service {
  /// How long systemd is asked to wait for the next step where it waits for the agent: the longest that
  /// one of them has, the judgement of a large zone by named-checkzone.
  private static let stepTime = Duration.seconds(150)
  /// How often an agent shows that it waits as it should.
  private static let breath = Duration.seconds(60)

  let requests: Requests
  let agent: AgentState
  private let manager: ServiceManager
  private let clock: any Clock<Duration>
  /// Tells the seconds since 1970.
  private let now: @Sendable () -> Int64
  private let tell: @Sendable (Event) -> Void
  private let timer = StepTimer()
  private let toldNames = ToldNames()
  private let first: AgentContext
  private let hooks: HookQueue
  /// Whether each step of a pass is told.
  private let isVerbose: Bool

  /// - Parameters:
  ///   - requests: What is asked for between two passes.
  ///   - first: What is worked on to begin with.
  ///   - hooks: Run the operator's commands for what is told.
  ///   - manager: Hears how the agent fares.
  ///   - clock: What the waiting is measured by.
  ///   - now: Tells the seconds since 1970; somebody may set it.
  ///   - isVerbose: Whether each step of a pass is told.
  ///   - tell: Gets what an operator should read.
  init(
    requests: Requests, first: AgentContext, hooks: HookQueue, manager: ServiceManager = .current,
    clock: any Clock<Duration> = ContinuousClock(),
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }, isVerbose: Bool = false,
    tell: @escaping @Sendable (Event) -> Void = { Diagnostics.tell($0) }
  ) {
    self.requests = requests
    self.first = first
    self.manager = manager
    self.clock = clock
    self.now = now
    self.hooks = hooks
    self.isVerbose = isVerbose
    self.tell = { event in
      tell(event)
      hooks.notice(event)
    }
    agent = AgentState(
      first.configuration, watchdogInterval: manager.watchdogInterval, clock: clock)
  }

  func run() async throws {
    let phase = Phase()
    await withGracefulShutdownHandler {
      await work(phase)
    } onGracefulShutdown: {
      phase.stop()
      manager.stopping()
      manager.status("stopping")
    }
  }

  private func work(_ phase: Phase) async {
    var context = first
    var problems = LastingProblems()
    var masters = ToldMasters()
    var renewals = ToldRenewals()
    var setClock = SetClock(now, against: clock)
    // By how much the clock was set since a pass has taken that in.
    var jump: Int64 = 0
    var endpoints = StatusEndpoints(agent)
    tell(.started(context.configuration))
    await endpoints.open(for: context.configuration)
    while !isEnding {
      var pause = Self.spread(context.configuration.interval)
      await PassID.$current.withValue(PassID.make()) {
        jump += setClock.jump()
        let time = PassTime(now: setClock.steady, jump: jump)
        guard let seen = await makePass(context, phase, time) else { return }
        if seen.tookInJump { jump = 0 }
        for event in problems.events(seen.problems, of: context.configuration.desired) {
          tell(event)
        }
        if let pass = agent.status.record?.pass {
          for event in masters.events(pass) + renewals.events(pass) { tell(event) }
        }
        show(seen.problems, phase)
        // What may be due before the next pass makes it come sooner.
        if let wait = seen.wait { pause = min(pause, .seconds(wait)) }
      }
      if isEnding { break }
      if await wait(for: pause).contains(.reload) {
        await reload(&context, phase)
        await endpoints.open(for: context.configuration)
      }
    }
    await endpoints.close()
    try? await context.keeper.write()
    await context.observers.shutdown()
    tell(.stopped)
  }

  private var isEnding: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

  /// The time until the next pass, spread so that many agents do not ask a cluster all at once.
  static func spread(_ interval: Duration) -> Duration {
    interval * Double.random(in: 0.9...1.1)
  }

  /// Waits for the next pass, or until one is asked for.
  private func wait(for pause: Duration) async -> Set<Requests.Request> {
    agent.waits(for: pause)
    let elapsed = clock.stopwatch()
    let breath = manager.watchdogInterval.map { min($0 / 2, Self.breath) } ?? Self.breath
    while true {
      let left = pause - elapsed()
      if left <= .zero || isEnding { return [] }
      let asked = await cancelWhenGracefulShutdown {
        await requests.wait(for: min(left, breath), on: clock)
      }
      // This loop alone says so: if it hangs, systemd hears nothing.
      agent.sign()
      manager.alive()
      if !asked.isEmpty { return asked }
    }
  }

  // MARK: The configuration

  /// Loads the configuration again; if it is wrong, the old one stays.
  private func reload(_ context: inout AgentContext, _ phase: Phase) async {
    manager.reloading()
    let path = context.configuration.path
    do {
      let next = try AgentContext(try Configuration.load(path))
      let known = context.configuration.notes
      try? await context.keeper.write()
      await context.observers.shutdown()
      context = next
      hooks.follow(next.configuration.hooks)
      agent.loaded(next.configuration)
      tell(.loaded(next.configuration))
      for note in next.configuration.notes where !known.contains(note) {
        Diagnostics.warning(note.description)
      }
    } catch {
      agent.refused("\(error)")
      tell(.refused("\(error)", path))
    }
    // Also where it is refused: systemd waits for the end of the reload, not for its success. The result of the next
    // pass is not known yet.
    if phase.hasPassed { manager.ready(status: ("a pass begins" + refusal).printable) }
  }

  // MARK: A pass

  /// What a pass leaves behind.
  private struct Seen {
    var problems: [Problem]
    /// Whether what is remembered has followed the clock.
    var tookInJump = false
    /// In how many seconds an alias may have to be moved; nil where none waits for that.
    var wait: Int64?
  }

  /// What a pass goes by for time.
  private struct PassTime {
    /// Tells the seconds since 1970.
    var now: @Sendable () -> Int64
    /// By how much the host's clock was set before it.
    var jump: Int64
  }

  /// - Returns: What it left; nil where it was told to stop before it came to a result.
  private func makePass(
    _ context: AgentContext, _ phase: Phase, _ time: PassTime
  ) async -> Seen? {
    agent.beginPass()
    timer.begin()
    // Before the first step as well: it may be the longest.
    if phase.isWaitedFor { manager.extendTimeout(by: Self.stepTime) }
    var seen: Seen?
    do {
      let result = try await cancelWhenGracefulShutdown {
        try await locked(context, phase, time)
      }
      phase.passed()
      seen = result
    } catch let error as PassError where error.isStop {
    } catch LockError.cancelled {
    } catch {
      seen = Seen(problems: [Problem(.failed, .pass, error)])
    }
    agent.endPass(await context.keeper.record)
    agent.follow(ChangeHistory(in: await context.keeper.state))
    if seen != nil, let path = context.configuration.metrics.textfile {
      do throws(TextfileError) {
        try Textfile.write(Textfile.families(of: agent.status), to: path)
      } catch {
        seen?.problems.append(Problem(.failed, .metrics, error))
      }
    }
    return seen
  }

  /// Makes the pass under the lock.
  ///
  /// If it is told to stop, it ends before the swap; after the swap it finishes what has to be done.
  private func locked(
    _ context: AgentContext, _ phase: Phase, _ time: PassTime
  ) async throws -> Seen {
    let locked = LockedPass(
      desired: context.configuration.desired,
      stateDirectory: context.configuration.stateDirectory, keeper: context.keeper, timer: timer,
      isLast: false, isVerbose: isVerbose, tell: tell)
    let ending = try await locked.run(waiting: .seconds(30), clock: clock) { state in
      context.pass(in: state) { step in
        let took = timer.finish(step)
        if isVerbose { Diagnostics.took("step \(step.rawValue)", took) }
        agent.sign()
        manager.alive()
        if phase.isWaitedFor { manager.extendTimeout(by: Self.stepTime) }
      }
    } _: { pass in
      if time.jump != 0 { try pass.follow(clockSetBy: time.jump) }
      return try await pass.run(
        observers: context.observers, startsAfresh: !phase.hasPassed, now: time.now
      ) { plan in
        // What belongs to a lasting problem is reported with it, and not again in each pass.
        if !plan.isEmpty { Diagnostics.warnings(of: plan, tell: tell) }
        for hidden in toldNames.news(of: plan.hidden) {
          tell(Event(hidden, of: context.configuration.desired))
        }
      }
    }
    return Seen(
      problems: ending.result.problems
        + [ending.recordError].compactMap { $0.map(Problem.unwritable) },
      tookInJump: true,
      wait: ending.result.courses.compactMap(\.wait).min())
  }

  // MARK: What systemd shows

  private func show(_ problems: [Problem], _ phase: Phase) {
    let status = status(of: problems)
    if phase.becomesReady() {
      manager.ready(status: status)
    } else {
      manager.status(phase.hasPassed ? status : "starting: \(status)")
    }
  }

  private func status(of problems: [Problem]) -> String {
    let state =
      switch problems.count {
      case 0: "in sync"
      case 1: "\(problems[0])"
      default: "\(problems.count) problems, the first: \(problems[0])"
      }
    return (state + refusal).printable
  }

  private var refusal: String {
    agent.status.agent?.configuration.refusal
      .map { "; the new configuration is refused: \($0)" } ?? ""
  }
}

extension Problem {
  /// The record of the passes cannot be written, which prevents nothing else.
  fileprivate static func unwritable(_ error: FileChangeError) -> Problem {
    Problem(
      .failed, .stateDirectory, error,
      otherwise: "zonebridge status and the counters of the metrics show what was before")
  }
}

/// How far the agent has come, for what systemd waits for.
private final class Phase: Sendable {
  private enum State {
    case starting
    /// A pass has come to a result.
    case passed
    case running, stopping
  }

  private let state = Mutex(State.starting)

  /// Whether systemd waits for the agent, to start or to stop.
  var isWaitedFor: Bool { state.withLock { $0 == .starting || $0 == .stopping } }

  var hasPassed: Bool { state.withLock { $0 != .starting } }

  func passed() {
    state.withLock { if $0 == .starting { $0 = .passed } }
  }

  func stop() {
    state.withLock { $0 = .stopping }
  }

  /// Whether it is now that the agent has done its first work.
  func becomesReady() -> Bool {
    state.withLock { state in
      guard state == .passed else { return false }
      state = .running
      return true
    }
  }
}
