import ServiceLifecycle
import UnixSignals

/// What is asked of the agent between two passes.
actor Requests {
  enum Request: Hashable {
    /// To read the configuration again (SIGHUP).
    case reload
    /// To make a pass now (SIGUSR1).
    case pass
  }

  private var pending: Set<Request> = []
  private var sleeper: Task<Void, Never>?

  func add(_ request: Request) {
    pending.insert(request)
    sleeper?.cancel()
  }

  /// Waits until something is asked for, for at most some time.
  ///
  /// A task that is cancelled waits no longer.
  /// - Returns: what was asked for since the last time.
  func wait(for time: Duration, on clock: any Clock<Duration>) async -> Set<Request> {
    if pending.isEmpty {
      let sleeper = Task { _ = try? await clock.sleep(for: time) }
      self.sleeper = sleeper
      await withTaskCancellationHandler {
        await sleeper.value
      } onCancel: {
        sleeper.cancel()
      }
      self.sleeper = nil
    }
    defer { pending = [] }
    return pending
  }
}

/// Passes on the signals that ask for something.
struct SignalListener: Service {
  let signals: UnixSignalsSequence
  let requests: Requests

  /// From here on the signals do not end the process.
  init(_ requests: Requests) async {
    signals = await UnixSignalsSequence(trapping: .sighup, .sigusr1)
    self.requests = requests
  }

  func run() async {
    for await signal in signals.cancelOnGracefulShutdown() {
      await requests.add(signal == .sighup ? .reload : .pass)
    }
  }
}
