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

  /// A step has come to its end; one that comes more than once counts as a whole.
  func finish(_ step: PassStep) {
    state.withLock { state in
      let now = ContinuousClock.now
      state.steps[step, default: .zero] += now - state.last
      state.last = now
    }
  }

  var steps: [PassStep: Duration] { state.withLock(\.steps) }

  /// Since the pass began.
  var elapsed: Duration { ContinuousClock.now - state.withLock(\.began) }
}
