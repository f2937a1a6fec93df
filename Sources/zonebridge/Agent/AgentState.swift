import Glibc
import Reconcile
import Synchronization
import SystemPackage
import Systemd

/// What others can see of the agent while it runs.
final class AgentState: Sendable {
  private struct State {
    var agent: RunningAgent
    var record: AgentRecord?
    var past = AgentPast()
    /// By the stopwatch.
    var lastSign = Duration.zero
  }

  private let state: Mutex<State>
  private let stopwatch: @Sendable () -> Duration
  /// After how long without a sign of life the agent counts as hung.
  private let patience: Duration

  init(
    _ configuration: Configuration, watchdogInterval: Duration?,
    clock: any Clock<Duration> = ContinuousClock()
  ) {
    let now = Self.now
    stopwatch = clock.stopwatch()
    patience = watchdogInterval ?? .seconds(300)
    state = Mutex(
      State(
        agent: RunningAgent(
          pid: getpid(), started: now,
          configuration: ConfigurationState(path: configuration.path.string, loaded: now),
          interval: configuration.interval.seconds, lastSign: now, isHung: false)))
  }

  var status: AgentStatus {
    let state = state.withLock(\.self)
    var agent = state.agent
    agent.isHung = stopwatch() - state.lastSign > patience
    return AgentStatus(
      version: Version.current, time: Self.now, agent: agent, record: state.record)
  }

  var past: AgentPast { state.withLock(\.past) }

  /// A step has ended, or the agent waits as it should.
  func sign() {
    state.withLock { state in
      state.lastSign = stopwatch()
      state.agent.lastSign = Self.now
    }
  }

  func beginPass() {
    state.withLock { state in
      state.agent.passBegan = Self.now
      state.agent.nextPass = nil
    }
  }

  func endPass(_ record: AgentRecord?) {
    state.withLock { state in
      state.agent.passBegan = nil
      // What was read from the state directory is of a pass before this agent, or of no new one.
      if let pass = record?.pass, pass.time >= state.agent.started, pass != state.record?.pass {
        state.past.timings.note(pass)
      }
      state.record = record
    }
  }

  /// Takes in the history of changes where it is another than before.
  func follow(_ history: ChangeHistory) {
    guard history.numbers != past.changes.map(\.number) else { return }
    let changes = history.entries.map(PastChange.init)
    state.withLock { $0.past.changes = changes }
  }

  func waits(for pause: Duration) {
    state.withLock { $0.agent.nextPass = Self.now + Int64(pause.seconds.rounded()) }
  }

  func loaded(_ configuration: Configuration) {
    state.withLock { state in
      state.agent.configuration = ConfigurationState(
        path: configuration.path.string, loaded: Self.now)
      state.agent.interval = configuration.interval.seconds
    }
  }

  func refused(_ error: String) {
    state.withLock { $0.agent.configuration.refusal = error }
  }

  private static var now: Int64 { Int64(time(nil)) }
}
