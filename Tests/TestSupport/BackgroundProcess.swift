import Glibc
import Synchronization
package import SystemPackage

/// A program that runs alongside a test and prints to a file.
///
/// It is killed when the last reference to it goes away, and also when this process ends for any reason: a shell next
/// to it waits for the other end of a pipe to close.
package final class BackgroundProcess: Sendable {
  package let pid: Int32
  /// Standard output and standard error.
  package let log: FilePath

  private let standardInput: CInt
  /// The process may live as long as this is open.
  private let leash: CInt
  private let status = Mutex<Int32?>(nil)

  /// The shell becomes the program; its child kills the program unless a line announces its end.
  private static let script = """
    { read -r line <&3 || kill -KILL $$; } </dev/null >/dev/null 2>&1 &
    exec "$@" 3<&-
    """

  /// - Parameters:
  ///   - program: A name as in ``locate(_:)``, or a path.
  ///   - arguments: The arguments after the program's name.
  ///   - environment: Variables to add to those of this process.
  ///   - workingDirectory: The directory in which it runs; nil for the current one.
  ///   - log: The file to which its output is appended.
  /// - Throws: If it cannot be started.
  package init(
    _ program: String, arguments: [String] = [], environment: [String: String] = [:],
    workingDirectory: FilePath? = nil, log: FilePath
  ) throws {
    let input = try Channel()
    let leash = try Channel()
    let settings = environment.map { "\($0.key)=\($0.value)" }
    var words = ["env"] + settings
    if let workingDirectory { words = ["env", "-C", workingDirectory.string] + settings }
    pid = try spawn(
      "/bin/sh", ["-c", Self.script, "sh"] + words + [locate(program).string] + arguments,
      input: input.far, leash: leash.far, log: log)
    self.log = log
    close(input.far)
    close(leash.far)
    standardInput = input.near
    self.leash = leash.near
  }

  deinit {
    if exitStatus == nil {
      _ = Glibc.kill(pid, SIGKILL)
      var word: CInt = 0
      while unsafe waitpid(pid, &word, 0) == -1, errno == EINTR {}
      endWatch()
    }
    close(standardInput)
    close(leash)
  }

  /// The exit status, or 128 plus a signal's number as in a shell; nil while the program runs.
  package var exitStatus: Int32? {
    status.withLock { status in
      if status == nil {
        var word: CInt = 0
        if unsafe waitpid(pid, &word, WNOHANG) == pid {
          let signal = word & 0x7f
          status = signal == 0 ? (word >> 8) & 0xff : 128 + signal
          endWatch()
        }
      }
      return status
    }
  }

  package var isRunning: Bool { exitStatus == nil }

  /// Everything that it has printed so far.
  package var output: String {
    (try? readFile(log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  package func send(signal: Int32) {
    guard isRunning else { return }
    _ = Glibc.kill(pid, signal)
  }

  /// Writes a line to its standard input, if it still reads from it.
  package func write(line: String) {
    Channel.send(line + "\n", to: standardInput)
  }

  /// Closes its standard input.
  package func closeInput() {
    shutdown(standardInput, CInt(SHUT_WR))
  }

  /// Waits until it ends.
  @discardableResult
  package func waitForExit(within limit: Duration = .seconds(20)) async throws -> Int32 {
    try await eventually("\(pid) ends", within: limit) { exitStatus != nil }
    return exitStatus ?? -1
  }

  /// Asks it to end (SIGTERM), and kills it if it does not.
  @discardableResult
  package func stop(within limit: Duration = .seconds(20)) async throws -> Int32 {
    send(signal: SIGTERM)
    do {
      return try await waitForExit(within: limit)
    } catch {
      return try await kill()
    }
  }

  /// Kills it and waits until it is gone.
  @discardableResult
  package func kill() async throws -> Int32 {
    send(signal: SIGKILL)
    return try await waitForExit()
  }

  private func endWatch() {
    Channel.send("\n", to: leash)
  }
}

/// Two connected ends that no other program inherits.
///
/// Unlike with a pipe, writing after the reader is gone does not end the writer.
private struct Channel {
  let near: CInt
  let far: CInt

  init() throws {
    var ends: [CInt] = [-1, -1]
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw SystemCallFailure("socketpair")
    }
    near = ends[0]
    far = ends[1]
  }

  static func send(_ text: String, to end: CInt) {
    let bytes = Array(text.utf8)
    _ = unsafe Glibc.send(end, bytes, bytes.count, CInt(MSG_NOSIGNAL))
  }
}

private func spawn(
  _ program: String, _ arguments: [String], input: CInt, leash: CInt, log: FilePath
) throws -> Int32 {
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
  unsafe posix_spawn_file_actions_addopen(
    &actions, 1, log.string, O_WRONLY | O_CREAT | O_APPEND, 0o644)
  unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
  unsafe posix_spawn_file_actions_adddup2(&actions, leash, 3)
  // If the program inherited a listener of another test, that listener would keep accepting connections.
  let open = try listFolder("/proc/self/fd").compactMap { CInt($0) }
  // This goes beyond the highest descriptor, because other tests may open more in the meantime.
  for descriptor in 4...((open.max() ?? 0) + 256) {
    unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
  }

  // The program does not inherit the signals that this process blocks or ignores.
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  var signals = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe posix_spawnattr_setsigmask(&attributes, &signals)
  for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { unsafe sigaddset(&signals, signal) }
  unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
  unsafe posix_spawnattr_setflags(
    &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

  var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map {
    unsafe strdup($0)
  }
  unsafe words.append(nil)
  defer { unsafe words.forEach { unsafe free($0) } }
  var pid: pid_t = 0
  let code = unsafe posix_spawn(&pid, program, &actions, &attributes, words, environ)
  guard code == 0 else {
    errno = code
    throw SystemCallFailure("posix_spawn \(program)")
  }
  return pid
}
