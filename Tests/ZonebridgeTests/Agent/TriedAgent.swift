import FileChange
import Glibc
import Logging
import Named
import Reconcile
import ReconcileModel
import ServiceLifecycle
import Synchronization
import SystemPackage
import Systemd
import TestSupport

@testable import zonebridge

/// The agent's loop in this process, over real files and checkers, without a named; its time passes only as a
/// test says, and what it tells systemd and the operator is kept.
final class TriedAgent: Sendable {
  let folder: TemporaryFolder
  let clock = ManualClock()
  /// The host's clock: it goes with the other one, and somebody may set it.
  let wall: WallClock
  let requests = Requests()
  let loop: PassLoop
  private let heard = Recording<String>()
  private let told = Recording<Event>()
  private let group: ServiceGroup

  /// - Parameters:
  ///   - folder: Where its files are.
  ///   - watchdog: `WatchdogSec=`.
  ///   - isGated: Whether named-checkconf waits while the gate is closed.
  /// - Throws: If the configuration is wrong, or a checker is missing.
  init(in folder: TemporaryFolder, watchdog: Duration? = nil, isGated: Bool = false) throws {
    self.folder = folder
    let configuration = try Configuration.load(folder.path.appending("zonebridge.yaml"))
    let tools = isGated ? try Gate.tools(in: folder) : try NamedTools.locate()
    let (heard, told) = (heard, told)
    let wall = WallClock(clock)
    self.wall = wall
    loop = PassLoop(
      requests: requests, first: try AgentContext(configuration, tools: tools),
      hooks: HookQueue(configuration.hooks) { _ in },
      manager: ServiceManager(notify: heard.add, watchdogInterval: { watchdog }), clock: clock,
      now: { wall.now }, tell: told.add)
    group = ServiceGroup(
      configuration: .init(
        services: [loop], logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
  }

  /// What systemd was told since this was last asked.
  var heardSince: [String] { heard.takeNew() }
  /// What the operator was told since this was last asked.
  var toldSince: [Event] { told.takeNew() }

  var passes: [String: Int] { loop.agent.status.record?.counters.passes ?? [:] }
  /// What `status.json` says of it.
  var written: AgentRecord? { AgentRecord.read(in: StateDirectory(folder.path.appending("state"))) }

  /// Waits until the agent waits for its next pass.
  @discardableResult
  func waits() async throws -> Duration { try await clock.sleep() }

  /// Asks for something, and waits until it is done and the agent waits again.
  ///
  /// No time passes on its clock.
  func ask(for request: Requests.Request) async throws {
    try await waits()
    let before = board(\.passes)
    await requests.add(request)
    try await eventually("a pass; \(loop.agent.status)") { board(\.passes) > before }
    try await waits()
  }

  /// As by SIGTERM.
  func stop() async { await group.triggerGracefulShutdown() }

  /// Runs the agent beside the body, and stops it when that has ended.
  func run(_ body: () async throws -> Void) async throws {
    let group = group
    let running = Task { try await group.run() }
    let result: Result<Void, any Error>
    do {
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    await stop()
    try await running.value
    try result.get()
  }

  private func board(_ count: (TriedAgent) -> [String: Int]) -> Int {
    count(self).values.reduce(0, +)
  }
}

/// The seconds since 1970, on a clock that a test sets.
final class WallClock: Sendable {
  private let clock: ManualClock
  private let begun: ManualClock.Instant
  private let start: Mutex<Int64>

  init(_ clock: ManualClock) {
    self.clock = clock
    begun = clock.now
    start = Mutex(Int64(time(nil)))
  }

  var now: Int64 { start.withLock(\.self) + begun.duration(to: clock.now).components.seconds }

  func set(by seconds: Int64) { start.withLock { $0 += seconds } }
}

/// What was said, in its order.
private final class Recording<Entry: Sendable>: Sendable {
  private struct State {
    var entries: [Entry] = []
    var taken = 0
  }

  private let state = Mutex(State())

  func add(_ entry: Entry) {
    state.withLock { $0.entries.append(entry) }
  }

  func takeNew() -> [Entry] {
    state.withLock { state in
      defer { state.taken = state.entries.count }
      return Array(state.entries[state.taken...])
    }
  }
}

/// A named-checkconf that can be had to wait, as a step of a pass that takes long.
struct Gate {
  private let folder: TemporaryFolder
  private var fifo: FilePath { folder.path.appending("gate") }

  init(closedIn folder: TemporaryFolder) throws {
    self.folder = folder
    try folder.write("closed", "")
    guard unsafe mkfifo(fifo.string, 0o600) == 0 else { throw SystemCallFailure("mkfifo") }
  }

  static func tools(in folder: TemporaryFolder) throws -> NamedTools {
    let real = try NamedTools.locate()
    let script = try folder.write(
      "checkconf",
      Array(
        """
        #!/bin/sh
        [ ! -e '\(folder.path)/closed' ] || read -r line <'\(folder.path)/gate'
        exec \(real.checkconf) "$@"

        """.utf8), mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
    return NamedTools(
      checkconf: script, checkzone: real.checkzone, compilezone: real.compilezone, rndc: real.rndc,
      nsupdate: "/nonexistent/nsupdate")
  }

  /// Waits until the checker stands before the gate.
  /// - Returns: what opens it.
  func reached() async throws -> CInt {
    var writer: CInt = -1
    try await eventually("the checker is started") {
      writer = unsafe Glibc.open(fifo.string, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      return writer >= 0
    }
    return writer
  }

  func open(_ writer: CInt) throws {
    try removeFile(folder.path.appending("closed"))
    let line: [UInt8] = [0x0a]
    guard unsafe Glibc.write(writer, line, 1) == 1 else { throw SystemCallFailure("write") }
    close(writer)
  }
}

/// The lock in a state directory, which another pass seems to hold.
final class HeldLock: Sendable {
  private let lock: Mutex<PassLock?>

  init(in directory: FilePath) async throws {
    lock = Mutex(try await PassLock.acquire(in: directory, waiting: .zero))
  }

  func release() { lock.withLock { $0 = nil } }
}

extension TemporaryFolder {
  /// Writes a named.conf with one zone, and a configuration with one alias in it.
  func writeSite(interval: String = "1h", alias: String = "a.contoso.com", rest: String = "") throws
  {
    try writeNamedConf()
    try write(
      "db.com",
      """
      $TTL 3600
      @ IN SOA ns.example.net. hostmaster.contoso.com. 41 3600 900 1209600 60
      @ IN NS ns.example.net.

      """)
    try writeConfiguration(interval: interval, alias: alias, rest: rest)
  }

  func writeNamedConf(rest: String = "") throws {
    try write(
      "named.conf",
      """
      options { directory "\(path)"; };
      zone "contoso.com" { type primary; file "db.com"; };
      \(rest)
      """)
  }

  func writeConfiguration(
    interval: String = "1h", alias: String = "a.contoso.com", rest: String = ""
  ) throws {
    try write(
      "zonebridge.yaml",
      """
      interval: \(interval)
      state-directory: state
      bind: { named-conf: named.conf, reload: none }
      clusters:
        - name: prod
          static: { cluster-id: \(prodID), masters: [10.0.6.68] }
      aliases: [{ name: \(alias), cluster: prod }]
      \(rest)
      """)
  }
}

/// Hands an agent over a site of its own to the body, beside which it runs.
func withTriedAgent(
  interval: String = "1h", watchdog: Duration? = nil, rest: String = "",
  on prepare: (TemporaryFolder) throws -> Void = { _ in },
  _ body: (TriedAgent) async throws -> Void
) async throws {
  try await withTemporaryFolder { folder in
    try folder.writeSite(interval: interval, rest: rest)
    try prepare(folder)
    let agent = try TriedAgent(in: folder, watchdog: watchdog)
    try await agent.run { try await body(agent) }
  }
}
