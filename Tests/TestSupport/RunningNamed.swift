import Glibc
import Synchronization
package import SystemPackage

/// What a test's named shall serve.
package struct NamedSetup: Sendable {
  /// Further statements for `options`; recursion, addresses and files are seen to.
  package var options: String
  /// Further statements for named.conf itself, before named.conf.local is included.
  package var statements: String
  /// named.conf.local.
  package var local: String
  /// Further files in its folder, by name; zone files above all.
  package var files: [String: String]
  /// What `dnssec-validation` says.
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
    try giveFolderToNamed()
  }

  /// Where it answers, on 127.0.0.1.
  package var queryPort: UInt16 { state.withLock(\.queryPort) }
  package var controlPort: UInt16 { state.withLock(\.controlPort) }
  /// The main file, which includes named.conf.local.
  package var namedConf: FilePath { folder.path.appending("named.conf") }
  package var namedConfLocal: FilePath { folder.path.appending("named.conf.local") }
  /// An rndc.conf with server, port and key.
  package var rndcConf: FilePath { folder.path.appending("rndc.conf") }
  /// The key alone.
  package var keyFile: FilePath { folder.path.appending("rndc.key") }

  package var isRunning: Bool { state.withLock { $0.process?.isRunning ?? false } }

  /// Everything that it has logged so far, earlier starts included.
  package var log: String { (try? folder.text("named.log")) ?? "" }

  /// Writes a file into its folder, which then belongs to named's user as the others do.
  @discardableResult
  package func write(_ name: String, _ text: String) throws -> FilePath {
    let path = try folder.write(name, text)
    try giveFolderToNamed()
    return path
  }

  /// Starts it and waits until it answers; ports are chosen at the first start only.
  package func start() async throws {
    guard !isRunning else { return }
    let isFirst = queryPort == 0
    for _ in 1...5 {
      if isFirst { try choosePorts() }
      if try await startOnce() { return }
      // Somebody was faster; named goes on without the addresses that it could not have.
      try await kill()
    }
    throw NotInTime(description: "named: address in use; its log:\n\(log)")
  }

  /// Has it end in good order.
  package func stop() async throws {
    try await process?.stop()
  }

  /// Kills it on the spot.
  package func kill() async throws {
    try await process?.kill()
  }

  /// As by kill(1): SIGSTOP has it hang, until SIGCONT.
  package func send(signal: Int32) {
    process?.send(signal: signal)
  }

  package func restart() async throws {
    try await stop()
    try await start()
  }

  /// Asks by dig.
  /// - Returns: everything that dig prints.
  package func dig(_ arguments: String...) async throws -> String {
    let result = try await run(
      "dig",
      arguments: ["@127.0.0.1", "-p", "\(queryPort)", "+tries=1", "+timeout=5"] + arguments)
    return result.standardOutput + result.standardError
  }

  /// Sends a command by rndc.
  @discardableResult
  package func rndc(_ arguments: String...) async throws -> ProgramResult {
    try await run("rndc", arguments: ["-c", rndcConf.string] + arguments)
  }

  private var process: BackgroundProcess? { state.withLock(\.process) }

  /// False if it could not have its ports.
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

  /// Where AppArmor confines named, its profile lets it write in few places; it is attached by
  /// path, and so does not hold for a copy.
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

  /// What zonebridge goes by, which would not be believed if it were named's user's.
  private static let kept = ["state", "zonebridge.yaml"]

  private func giveFolderToNamed() throws {
    guard geteuid() == 0 else { return }
    guard let user = unsafe getpwnam("bind") else { throw SystemCallFailure("user bind") }
    let (owner, group) = unsafe (user.pointee.pw_uid, user.pointee.pw_gid)
    func give(_ path: FilePath) throws {
      guard unsafe lchown(path.string, owner, group) == 0 else {
        throw SystemCallFailure("chown \(path)")
      }
      guard try path.stat(followTargetSymlink: false).type == .directory else { return }
      for name in try listFolder(path) where path != folder.path || !Self.kept.contains(name) {
        try give(path.appending(name))
      }
    }
    try give(folder.path)
  }
}

/// Hands a running named to the body, and kills it afterwards.
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
