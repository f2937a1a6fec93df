import DCOSSimulator
import Foundation
import SystemPackage
import TestSupport

/// A host with a real named and zonebridge on it, and a simulated cluster beside it.
struct Host {
  let named: RunningNamed
  let cluster: SimulatedCluster
  /// Where zonebridge keeps its lock; not made before it is needed.
  var state: FilePath { named.folder.path.appending("state") }
  var configuration: FilePath { named.folder.path.appending("zonebridge.yaml") }

  static let masters = ["127.0.20.11", "127.0.20.12", "127.0.20.13"]

  /// A neighbour's records, which have to answer whatever happens.
  static let zone = """
    $TTL 3600
    @ IN SOA ns.example.net. hostmaster.contoso.com. (
        41 ; serial
        3600 900 1209600 60 )
    @ IN NS ns.example.net.
    www IN A 192.0.2.80

    """
  static let bareZone = """
    $TTL 3600
    @ IN SOA ns.example.net. hostmaster.contoso.com. 4294967295 3600 900 1209600 60
    @ IN NS ns.example.net.
    @ IN MX 10 mail.example.net.

    """

  /// Writes the configuration: the cluster `prod`, and one alias of it whose lines are given.
  func configure(
    alias: String = "name: cluster.contoso.com", cluster lines: [String] = [],
    masters: [String]? = nil, rndc: FilePath? = nil, bind: String? = nil, rest: String = "",
    scheme: String = "http"
  ) async throws {
    let port = await cluster.httpPort
    let urls = (masters ?? Self.masters).map { "\"\(scheme)://\($0):\(port)\"" }
    let more = lines.map { "    \($0)\n" }.joined()
    try named.folder.write(
      "zonebridge.yaml",
      """
      interval: 1s
      state-directory: \(state)
      bind:
        named-conf: \(named.namedConf)
        zones-in: \(named.namedConfLocal)
        query: "127.0.0.1:\(named.queryPort)"
        \(bind ?? "rndc: { config: \(rndc ?? named.rndcConf) }")
      clusters:
        - name: prod
          masters: [\(urls.joined(separator: ", "))]
          dns-port: \(await cluster.dnsPort)
      \(more)aliases:
        - \(alias)
          cluster: prod
      \(rest)

      """)
  }

  /// Runs zonebridge with the configuration.
  func zonebridge(
    _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> ProgramResult {
    try await zonebridge(arguments, environment: environment)
  }

  func zonebridge(
    _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> ProgramResult {
    try await run(
      try Self.program().string, arguments: ["--config", configuration.string] + arguments,
      environment: environment)
  }

  /// Starts zonebridge with the configuration, beside the test: the agent unless other arguments are given.
  func start(_ arguments: String...) throws -> BackgroundProcess {
    try Self.start(arguments.isEmpty ? ["run"] : arguments, with: configuration)
  }

  /// The same with the configuration of any host, whose folder gets what the process prints.
  static func start(
    _ arguments: [String] = ["run"], with configuration: FilePath,
    environment: [String: String] = [:]
  ) throws -> BackgroundProcess {
    try BackgroundProcess(
      try program().string, arguments: ["--config", configuration.string] + arguments,
      environment: environment,
      log: configuration.removingLastComponent().appending("agent.log"))
  }

  /// The files that zonebridge might change, with their inodes and times.
  func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in ["named.conf", "named.conf.local", "db.contoso.com"] {
      let status = try named.folder.path.appending(name).stat()
      files["\(name) \(status.inode) \(status.st_mtim.tv_nsec)"] = try named.folder.read(name)
    }
    return files
  }

  /// Has a file be as if it had been saved two minutes ago: an edit that is done.
  func rest(_ name: String) async throws {
    let path = named.folder.path.appending(name).string
    _ = try await run("touch", arguments: ["-d", "2 minutes ago", path])
  }

  func text(_ name: String) throws -> String { try named.folder.text(name) }

  /// What named answers, in short.
  func answer(_ name: String) async throws -> [String] {
    try await named.dig("+short", name, "A").split(separator: "\n").map(String.init)
  }

  /// The commands that named got by its control channel and that change something.
  func changingCommands() -> [String] {
    named.log.split(separator: "\n").map(String.init).filter { line in
      line.contains("received control channel command")
        && !line.contains("'status'") && !line.contains("'zonestatus ")
    }
  }

  /// The program under test: `ZONEBRIDGE_PROGRAM`, for measuring a release build, or the one that was built
  /// with the tests.
  static func program() throws -> FilePath {
    if let path = ProcessEnvironment["ZONEBRIDGE_PROGRAM"] { return FilePath(path) }
    return try built("zonebridge")
  }

  /// A program that was built with the tests.
  static func built(_ name: String) throws -> FilePath {
    // The test bundle lies beside the programs of the package.
    for argument in CommandLine.arguments where argument.contains(".xctest") {
      let bundle = FilePath(argument.split(separator: "=").last.map(String.init) ?? argument)
      let candidate = bundle.removingLastComponent().appending(name)
      if FileManager.default.isExecutableFile(atPath: candidate.string) { return candidate }
    }
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return FilePath(own).removingLastComponent().appending(name)
  }
}

/// Hands a host to the body, and stops everything afterwards.
func withHost(
  zone: String = Host.zone, statements: String = "", local: String = "",
  authority: CertificateAuthority? = nil,
  cluster change: (inout SimulatedCluster.Configuration) -> Void = { _ in },
  _ body: (Host) async throws -> Void
) async throws {
  let setup = NamedSetup(
    statements: statements,
    local: "zone \"contoso.com\" { type primary; file \"db.contoso.com\"; };\n" + local,
    files: ["db.contoso.com": zone])
  try await withHost(setup, authority: authority, cluster: change, body)
}

/// Hands a host whose named is given to the body, and stops everything afterwards.
func withHost(
  _ setup: NamedSetup, authority: CertificateAuthority? = nil,
  cluster change: (inout SimulatedCluster.Configuration) -> Void = { _ in },
  _ body: (Host) async throws -> Void
) async throws {
  var configuration = SimulatedCluster.Configuration(
    masters: Host.masters, authority: authority, tasks: ["web.marathon": ["10.0.0.80"]])
  change(&configuration)
  try await withCluster(configuration) { cluster in
    try await withNamed(setup) { named in
      let host = Host(named: named, cluster: cluster)
      try await host.configure()
      try await body(host)
      try host.expectNoSecret()
    }
  }
}
