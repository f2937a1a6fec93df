import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// The long-running agent: a loop round the pass, ended by SIGTERM or SIGINT.
struct Daemon {
  let configuration: Configuration
  /// Whether each step of a pass is told.
  var isVerbose = false

  func run() async throws -> ExitStatus {
    // Ignored until they are listened for: what they ask for is being done anyway, and they would end the process.
    for number in [SIGHUP, SIGUSR1] { _ = signal(number, SIG_IGN) }
    let context: AgentContext
    do {
      context = try AgentContext(configuration)
    } catch {
      Diagnostics.error("\(error)")
      return .failed
    }
    let requests = Requests()
    let signals = await SignalListener(requests)
    let hooks = HookQueue(configuration.hooks) { Diagnostics.warning($0) }
    let loop = PassLoop(
      requests: requests, first: context, hooks: hooks, isVerbose: isVerbose)
    let group = ServiceGroup(
      configuration: .init(
        // They are ended from the last to the first.
        services: [hooks, signals, loop], gracefulShutdownSignals: [.sigterm, .sigint],
        logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
    try await group.run()
    return .inSync
  }
}
