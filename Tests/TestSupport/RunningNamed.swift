import Glibc
import Synchronization
package import SystemPackage

/// The setup of a test's named.
package struct NamedSetup: Sendable {
  /// More statements for `options`; recursion, addresses and files are set already.
  package var options: String
  /// More statements for named.conf itself, before it includes named.conf.local.
  package var statements: String
  /// The contents of named.conf.local.
  package var local: String
  /// More files in its folder, by name; mainly zone files.
  package var files: [String: String]
  /// The value of `dnssec-validation`.
  package var validation: String

  package init(
    options: String = "", statements: String = "", local: String = "",
    files: [String: String] = [:], validation: String = "no"
  ) {
    self.validation = validation
    self.options = options
    self.statements = statements
    self.local = local
    self.files = files
  }
}

/// A real named on 127.0.0.1, unprivileged, in a folder of its own.
package final class RunningNamed: Sendable {
  private struct State {
    var queryPort: UInt16 = 0
    var controlPort: UInt16 = 0
    var process: BackgroundProcess?
  }

  package let folder: TemporaryFolder
  private let setup: NamedSetup
  private let state = Mutex(State())

  fileprivate init(_ setup: NamedSetup) throws {
    self.setup = setup
    folder = try TemporaryFolder()
    for (name, text) in setup.files { try folder.write(name, text) }
    try folder.write("named.conf.local", setup.local)
    try folder.write("rndc.key", Self.key)
    try openFolderToNamed()
    for name in Array(setup.files.keys) + ["named.conf.local", "rndc.key"] { try give(name) }
  }

  /// The port on 127.0.0.1 on which it answers.
  package var queryPort: UInt16 { state.withLock(\.queryPort) }
  package var controlPort: UInt16 { state.withLock(\.controlPort) }
  /// The main file, which includes named.conf.local.
  package var namedConf: FilePath { folder.path.appending("named.conf") }
  package var namedConfLocal: FilePath { folder.path.appending("named.conf.local") }
  /// An rndc.conf with server, port and key.
  package var rndcConf: FilePath { folder.path.appending("rndc.conf") }
  /// The key by itself.
  package var keyFile: FilePath { folder.path.appending("rndc.key") }

  package var isRunning: Bool { state.withLock { $0.process?.isRunning ?? false } }

  /// Everything that it has logged so far, including earlier starts.
  package var log: String { (try? folder.text("named.log")) ?? "" }

  /// Writes a file into its folder; like the others, the file belongs to named's user.
  @discardableResult
  package func write(_ name: String, _ text: String) throws -> FilePath {
    let path = try folder.write(name, text)
    try give(name)
    return path
  }

  /// Starts it and waits until it answers; only the first start chooses ports.
  package func start() async throws {
    guard !isRunning else { return }
    let isFirst = queryPort == 0
    for _ in 1...5 {
      if isFirst { try choosePorts() }
      if try await startOnce() { return }
      // Another process took a port first; named runs without the addresses that it could not bind.
      try await kill()
    }
    throw NotInTime(description: "named: address in use; its log:\n\(log)")
  }

  /// Shuts it down cleanly.
  package func stop() async throws {
    try await process?.stop()
  }

  /// Kills it immediately.
  package func kill() async throws {
    try await process?.kill()
  }

  /// Sends a signal as kill(1) does: SIGSTOP makes it hang until SIGCONT.
  package func send(signal: Int32) {
    process?.send(signal: signal)
  }

  package func restart() async throws {
    try await stop()
    try await start()
  }

  /// Queries it with dig.
  ///
  /// - Returns: Everything that dig prints.
  package func dig(_ arguments: String...) async throws -> String {
    let result = try await run(
      "dig",
      arguments: ["@127.0.0.1", "-p", "\(queryPort)", "+tries=1", "+timeout=5"] + arguments)
    return result.standardOutput + result.standardError
  }

  /// Sends a command with rndc.
  @discardableResult
  package func rndc(_ arguments: String...) async throws -> ProgramResult {
    try await run("rndc", arguments: ["-c", rndcConf.string] + arguments)
  }

  private var process: BackgroundProcess? { state.withLock(\.process) }

  /// Returns false if it could not bind its ports.
  private func startOnce() async throws -> Bool {
    let earlier = log.utf8.count
    let process = try BackgroundProcess(
      try program().string, arguments: ["-g", "-c", namedConf.string] + asUser,
      log: folder.path.appending("named.log"))
    state.withLock { $0.process = process }
    try await eventually("named answers; its log:\n\(log)", within: .seconds(30)) {
      guard process.isRunning else {
        throw NotInTime(description: "named ended by itself; its log:\n\(log)")
      }
      if lacksPorts(since: earlier) { return true }
      return try await rndc("status").standardOutput.contains("server is up and running")
    }
    return !lacksPorts(since: earlier)
  }

  private func lacksPorts(since start: Int) -> Bool {
    String(decoding: log.utf8.dropFirst(start), as: UTF8.self).contains("address in use")
  }

  private func choosePorts() throws {
    let (query, control) = (try freePort(), try freePort())
    state.withLock {
      $0.queryPort = query
      $0.controlPort = control
    }
    let path = folder.path
    try write(
      "named.conf",
      """
      options {
      \tdirectory "\(path)";
      \tlisten-on port \(query) { 127.0.0.1; };
      \tlisten-on-v6 { none; };
      \tpid-file "\(path)/named.pid";
      \tsession-keyfile "\(path)/session.key";
      \trecursion yes;
      \tallow-recursion { localhost; };
      \tdnssec-validation \(setup.validation);
      \tempty-zones-enable no;
      \(setup.options)
      };
      include "\(path)/rndc.key";
      controls {
      \tinet 127.0.0.1 port \(control) allow { 127.0.0.1; } keys { "zonebridge-test"; };
      };
      \(setup.statements)
      include "\(path)/named.conf.local";

      """)
    try write(
      "rndc.conf",
      """
      include "\(path)/rndc.key";
      options {
      \tdefault-key "zonebridge-test";
      \tdefault-server 127.0.0.1;
      \tdefault-port \(control);
      };

      """)
  }

  private static let key = """
    key "zonebridge-test" {
    \talgorithm hmac-sha256;
    \tsecret "em9uZWJyaWRnZSB0ZXN0IGtleSwgbm90IGEgc2VjcmV0";
    };

    """

  /// The named to run, which is a copy if AppArmor is enabled.
  ///
  /// AppArmor's profile allows named to write in few places only; it applies to a path, and so not to a copy.
  private func program() throws -> FilePath {
    let installed = locate("named")
    let enabled = (try? readFile("/sys/module/apparmor/parameters/enabled")) ?? []
    guard enabled.first == UInt8(ascii: "Y") else { return installed }
    let copy = folder.path.appending("named")
    if (try? copy.stat()) == nil {
      try writeFile(
        copy, try readFile(installed),
        mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
    }
    return copy
  }

  private var asUser: [String] { geteuid() == 0 ? ["-u", "bind"] : [] }

  /// Lets named's user create files in the folder, and replace only its own, as in /tmp.
  ///
  /// zonebridge's files are there too.
  private func openFolderToNamed() throws {
    guard let user = try namedUser() else { return }
    guard lchown(folder.path, owner: geteuid(), group: user.group),
      unsafe chmod(folder.path.string, 0o1775) == 0
    else { throw SystemCallFailure("chown \(folder.path)") }
  }

  /// Makes named's user the owner of a file and of the folders that contain it.
  private func give(_ name: String) throws {
    guard let user = try namedUser() else { return }
    var path = folder.path
    for component in FilePath(name).components {
      path.append(component)
      guard lchown(path, owner: user.owner, group: user.group) else {
        throw SystemCallFailure("chown \(path)")
      }
    }
  }

  private func lchown(_ path: FilePath, owner: uid_t, group: gid_t) -> Bool {
    unsafe Glibc.lchown(path.string, owner, group) == 0
  }

  /// The user of named; nil if named runs as this process's user.
  private func namedUser() throws -> (owner: uid_t, group: gid_t)? {
    guard geteuid() == 0 else { return nil }
    guard let user = unsafe getpwnam("bind") else { throw SystemCallFailure("user bind") }
    return unsafe (user.pointee.pw_uid, user.pointee.pw_gid)
  }
}

/// Passes a running named to the body, and kills it afterwards.
package func withNamed<Result>(
  _ setup: NamedSetup = NamedSetup(), _ body: (RunningNamed) async throws -> Result
) async throws -> Result {
  let named = try RunningNamed(setup)
  do {
    try await named.start()
    let result = try await body(named)
    try await named.kill()
    return result
  } catch {
    try? await named.kill()
    throw error
  }
}
