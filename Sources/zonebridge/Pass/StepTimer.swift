import ReconcileModel
import Synchronization

/// How long the steps of a pass take.
final class StepTimer: Sendable {
  private struct State {
    var began = ContinuousClock.now
    var last = ContinuousClock.now
    var steps: [PassStep: Duration] = [:]
  }

  private let state = Mutex(State())

  /// A pass begins.
  func begin() {
    state.withLock { $0 = State() }
  }

  /// A step has ended; the times of a repeated step are added up.
  ///
  /// - Returns: how long it took this time.
  @discardableResult
  func finish(_ step: PassStep) -> Duration {
    state.withLock { state in
      let now = ContinuousClock.now
      defer { state.last = now }
      state.steps[step, default: .zero] += now - state.last
      return now - state.last
    }
  }

  var steps: [PassStep: Duration] { state.withLock(\.steps) }

  /// Since the pass began.
  var elapsed: Duration { ContinuousClock.now - state.withLock(\.began) }
}
