import FoundationEssentials
import ServiceLifecycle
import Synchronization

/// Runs hooks one after the other, beside the passes: a hook that hangs delays no pass, and its failure changes none.
struct HookQueue: Service {
  /// How many may wait; the oldest is dropped for a newer one.
  private static let limit = 100

  private struct Call: Sendable {
    var hook: Hook
    var event: Event
    var time: Date
  }

  private final class Settings: Sendable {
    let hooks: Mutex<HooksConfiguration>
    init(_ hooks: HooksConfiguration) { self.hooks = Mutex(hooks) }
  }

  private let settings: Settings
  private let calls: AsyncStream<Call>
  private let continuation: AsyncStream<Call>.Continuation
  private let timeout: Duration
  private let warn: @Sendable (String) -> Void

  /// - Parameters:
  ///   - hooks: the operator's commands.
  ///   - timeout: for each of them.
  ///   - warn: gets what went wrong with one of them.
  init(
    _ hooks: HooksConfiguration, timeout: Duration = Hook.timeout,
    warn: @escaping @Sendable (String) -> Void
  ) {
    settings = Settings(hooks)
    self.timeout = timeout
    self.warn = warn
    (calls, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.limit))
  }

  /// Uses another configuration from now on.
  func follow(_ hooks: HooksConfiguration) {
    settings.hooks.withLock { $0 = hooks }
  }

  /// Queues the event's hook, if there is one.
  func notice(_ event: Event) {
    guard let hook = settings.hooks.withLock({ $0.hook(for: event.kind) }) else { return }
    let call = Call(hook: hook, event: event, time: Date())
    if case .dropped(let lost) = continuation.yield(call) {
      warn("\(lost.hook.command.key): skipped, because \(Self.limit) calls of hooks are waiting")
    }
  }

  /// Runs what waits, and ends.
  func finish() async {
    continuation.finish()
    await drain()
  }

  func run() async {
    await withGracefulShutdownHandler {
      await drain()
    } onGracefulShutdown: {
      // What the last pass had to say is still run.
      continuation.finish()
    }
  }

  private func drain() async {
    for await call in calls {
      if let complaint = await call.hook.run(call.event, at: call.time, timeout: timeout) {
        warn(complaint)
      }
    }
  }
}
