import FileChange
import Glibc
import Logging
import Named
import Reconcile
import ServiceLifecycle
import Systemd
import UnixSignals

/// The long-running agent: a loop round the pass, stopped by SIGTERM or SIGINT between two passes.
struct Daemon {
  let configuration: Configuration

  func run() async throws -> ExitStatus {
    let loop: PassLoop
    do {
      loop = PassLoop(
        configuration: configuration,
        pass: Pass(
          desired: configuration.desired, tools: try NamedTools.locate(),
          stateDirectory: configuration.stateDirectory, holdsLock: true),
        observers: try Observers(configuration.desired.clusters))
    } catch {
      Diagnostics.error("\(error)")
      return .failed
    }
    var logger = Logger(label: "zonebridge", factory: { _ in SwiftLogNoOpLogHandler() })
    logger.logLevel = .critical
    let group = ServiceGroup(
      configuration: .init(
        services: [loop], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
    return .inSync
  }
}

/// Passes, one each interval, until the shutdown begins; the pass under way is finished first.
struct PassLoop: Service {
  let configuration: Configuration
  let pass: Pass
  let observers: Observers

  func run() async throws {
    let manager = ServiceManager.current
    var isReady = false
    var told: Set<Problem> = []
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      let problems = await onePass()
      Self.tell(problems, told)
      told = Set(problems)
      let status = Self.status(problems)
      if isReady {
        manager.status(status)
      } else {
        manager.ready(status: status)
        isReady = true
      }
      // Spread, so that many agents do not ask a cluster all at once.
      let pause = configuration.interval * Double.random(in: 0.9...1.1)
      await Self.sleep(for: pause)
    }
    manager.stopping()
    await observers.shutdown()
  }

  private func onePass() async -> [Problem] {
    do {
      let lock = try await PassLock.acquire(
        in: configuration.stateDirectory, waiting: .seconds(30))
      let result: PassResult
      do {
        if let recovery = try pass.recover() { Diagnostics.warning(recovery) }
        result = try await pass.run(observers: observers, now: { Int64(time(nil)) }) { plan in
          // What goes with a lasting problem is told with it, and not again in each pass.
          if !plan.isEmpty { Diagnostics.notes(of: plan) }
        }
      } catch {
        lock.release()
        throw error
      }
      lock.release()
      let changes = Summary.lines(of: result)
      if !changes.isEmpty { Diagnostics.info(changes.joined(separator: "; ")) }
      return result.problems
    } catch {
      return [Problem(severity: .failed, subject: "pass", reason: "\(error)", cure: "")]
    }
  }

  /// A state that lasts is told once, and when it ends.
  private static func tell(_ problems: [Problem], _ told: Set<Problem>) {
    for problem in problems where !told.contains(problem) {
      switch problem.severity {
      case .failed: Diagnostics.error("\(problem)")
      case .held: Diagnostics.warning("\(problem)")
      }
    }
    let lasting = Set(problems.map(\.subject))
    for subject in Set(told.map(\.subject)).subtracting(lasting).sorted() {
      Diagnostics.info("\(subject): in order again")
    }
  }

  private static func status(_ problems: [Problem]) -> String {
    guard let first = problems.first else { return "in sync" }
    return problems.count == 1 ? "\(first)" : "\(problems.count) problems, the first: \(first)"
  }

  /// Returns early when the shutdown begins.
  private static func sleep(for duration: Duration) async {
    try? await cancelWhenGracefulShutdown { try await ContinuousClock().sleep(for: duration) }
  }
}
