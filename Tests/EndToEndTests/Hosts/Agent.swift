import Synchronization
import SystemPackage
import TestSupport

/// The agent as systemd runs it.
final class Agent: Sendable {
  private struct Ear {
    /// All that systemd has been told.
    var heard: [String] = []
    /// How much of it a test has gone through.
    var position = 0
  }

  let process: BackgroundProcess
  private let ear = Mutex(Ear())
  private let listener = Mutex<Task<Void, Never>?>(nil)

  var log: String { process.output }
  var heard: [String] { ear.withLock(\.heard) }

  init(_ host: Host, arguments: [String], environment: [String: String]) throws {
    let socket = try NotifySocket(at: host.named.folder.path.appending("notify"))
    process = try Host.start(
      ["run"] + arguments, with: host.configuration,
      environment: environment.merging(["NOTIFY_SOCKET": socket.path.string]) { $1 })
    // All the time, as systemd does: a socket that nobody reads would have the agent wait.
    let task = Task { [weak self] in
      while !Task.isCancelled {
        let messages = socket.receive()
        self?.ear.withLock { $0.heard += messages }
        try? await Task.sleep(for: .milliseconds(10))
      }
    }
    listener.withLock { $0 = task }
  }

  deinit { listener.withLock { $0?.cancel() } }

  /// Waits until systemd is told something, behind what was waited for before.
  func hears(_ what: String, _ isIt: (String) -> Bool) async throws {
    try await eventually("systemd hears \(what); it heard \(heard), the log: \(log)") {
      ear.withLock { ear in
        guard let index = ear.heard[ear.position...].firstIndex(where: isIt) else { return false }
        ear.position = index + 1
        return true
      }
    }
  }

  /// What it has heard since the last time that this was asked.
  func hearsNext(within time: Duration) async throws -> [String] {
    let count = ear.withLock(\.heard.count)
    try await Task.sleep(for: time)
    return Array(ear.withLock { $0.heard[count...] })
  }

  func isReady() async throws {
    try await hears("READY=1") { $0.contains("READY=1") && $0.contains("STATUS=in sync") }
  }
}

/// Hands a host to the body, with the agent running on it.
func withAgent(
  arguments: [String] = [], environment: [String: String] = [:],
  on prepare: (Host) async throws -> Void = { _ in },
  _ body: (Host, Agent) async throws -> Void
) async throws {
  try await withHost { host in
    try await prepare(host)
    try await body(host, Agent(host, arguments: arguments, environment: environment))
  }
}
