import BINDText
import DCOS
import DNSNames
import Glibc
import Named
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Reconcile
@testable import ReconcileModel

/// A real named with its files, masters that say what the test wants, and passes made in this process.
///
/// rndc is the real one behind a script, which takes down what is sent, and fails where a test wants it
/// to.
struct LiveSite {
  let named: RunningNamed
  let masters: ScriptedNameServer
  var desired: DesiredState
  var tools: NamedTools
  /// For how long named is watched; whoever expects a failure waits for all of it.
  var patience = Duration.seconds(10)
  let state: FilePath
  private let rig: FilePath

  static let zone = """
    $TTL 300
    @ IN SOA ns.example.net. hostmaster.example.net. 41 3600 900 1209600 60
    @ IN NS ns.example.net.
    www IN A 192.0.2.80

    """

  static func local(_ clause: String = "") -> String {
    "zone \"contoso.com\" { type primary; file \"db\"; \(clause) };\n"
  }

  fileprivate init(_ named: RunningNamed, _ masters: ScriptedNameServer) throws {
    self.named = named
    self.masters = masters
    state = named.folder.path.appending("state")
    rig = named.folder.path.appending("rig")
    try named.folder.write("state/keep", "")
    try named.folder.write("rig/refused", "")
    try named.folder.write("rig/told", "")
    let real = try NamedTools.locate()
    tools = NamedTools(
      checkconf: real.checkconf, checkzone: real.checkzone, compilezone: real.compilezone,
      rndc: rig.appending("rndc"), nsupdate: try real.nsupdate.get())
    desired = DesiredState(
      bind: BINDSettings(
        namedConf: named.namedConf, zonesIn: named.namedConfLocal,
        query: try Endpoint(host: "127.0.0.1", port: named.queryPort),
        reload: .rndc(RemoteControlSettings(config: named.rndcConf))),
      clusters: [], aliases: [])
    desired.clusters = [try cluster()]
    desired.aliases = [try Self.alias("foo.contoso.com")]
    // The first two words are `-c` and rndc.conf.
    try script(
      "rndc",
      """
      conf=$2
      shift 2
      echo "$*" >>\(rig)/told
      while IFS='|' read -r start words; do
        case "$*" in "$start"*) echo "$words" >&2; exit 1;; esac
      done <\(rig)/refused
      exec \(real.rndc) -c "$conf" "$@"
      """)
  }

  /// A cluster whose masters are the scripted ones.
  func cluster(_ name: String = "prod", id: String = Site.ids[0]) throws -> Cluster {
    var cluster = try Site.cluster(name, id: id, masters: ["127.0.0.1"])
    cluster.dnsPort = masters.port
    return cluster
  }

  static func alias(
    _ owner: String, of cluster: String = "prod", allow: Set<Safeguard> = []
  ) throws -> Alias {
    Alias(owner: try DomainName(owner), cluster: cluster, allow: allow)
  }

  // MARK: Passes

  func pass(_ progress: @escaping @Sendable (PassStep) -> Void = { _ in }) -> Pass {
    Pass(
      desired: desired, tools: tools, stateDirectory: state, patience: patience,
      progress: progress)
  }

  /// Makes a whole pass.
  @discardableResult
  func run(
    accepted: Set<String> = [], now: Int64 = 1000, prepared: (Plan) -> Void = { _ in },
    at progress: @escaping @Sendable (PassStep) -> Void = { _ in }
  ) async throws -> PassResult {
    try await pass(progress).run(
      observers: try ClusterObservers(desired.clusters), accepted: accepted, now: { now },
      prepared: prepared)
  }

  /// Makes a pass that is expected to go well.
  func expectServed(
    now: Int64 = 1000, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async throws {
    let result = try await run(now: now)
    #expect(result.problems.isEmpty, "\(result.problems)", sourceLocation: sourceLocation)
    #expect(result.attempts.last?.isSeenServed == true, sourceLocation: sourceLocation)
  }

  /// Puts back the last changes, as the command does.
  func rollBack(_ count: Int = 1, now: Int64 = 2000) async throws -> Outcome {
    let proposal = try await pass().proposeRollback(
      of: Array(ChangeHistory(in: StateDirectory(state)).entries.prefix(count)), now: now)
    return try await pass().apply(proposal)
  }

  var history: ChangeHistory { ChangeHistory(in: StateDirectory(state)) }

  /// What a pass is shown as.
  func record(of result: PassResult) -> PassRecord {
    PassRecord(result, of: desired, time: 0, duration: .zero, steps: [:])
  }

  // MARK: What goes wrong

  /// The masters answer nothing that is of use from now on.
  @Sendable func failMasters() {
    masters.follow { question in
      ScriptedAnswer(authority: [.soa(question.name)])
    }
  }

  @Sendable func mendMasters() { masters.follow(Self.answer) }

  static let answer: ScriptedNameServer.Script = { question in
    question.type == 6
      ? ScriptedAnswer(answers: [.soa(question.name)])
      : ScriptedAnswer(authority: [.soa(zone(of: question.name))])
  }

  /// The zone of a cluster's label, `<label>.<id>.dcos.directory`.
  private static func zone(of name: String) -> String {
    name.split(separator: ".").suffix(4).map { "\($0)." }.joined()
  }

  /// The masters of one cluster answer nothing of use any more.
  @Sendable func failMasters(of id: String) {
    masters.follow { question in
      question.name.contains(id)
        ? ScriptedAnswer(authority: [.soa(question.name)]) : Self.answer(question)
    }
  }

  /// rndc fails from now on for commands that begin like this, and says these words.
  @Sendable func refuse(
    _ commands: String..., words: String = "rndc: 'command' failed: unexpected error"
  ) {
    let lines = commands.map { "\($0)|\(words)\n" }.joined()
    do {
      try named.folder.write("rig/refused", lines)
    } catch {
      Issue.record(error)
    }
  }

  @Sendable func refuseNothing() { refuse() }

  /// Writes a program for a test into a folder of its own.
  @discardableResult
  func script(_ name: String, _ text: String) throws -> FilePath {
    try named.folder.write(
      "rig/\(name)", Array("#!/bin/sh\n\(text)\n".utf8),
      mode: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
  }

  // MARK: What was done

  /// All that rndc was told since ``forgetWhatWasTold()``, a command each.
  var told: [String] {
    let text = (try? named.folder.text("rig/told")) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  /// The commands that change something.
  var commands: [String] {
    told.filter { !$0.hasPrefix("status") && !$0.hasPrefix("zonestatus") }
  }

  func forgetWhatWasTold() throws { try named.folder.write("rig/told", "") }

  func text(_ name: String) throws -> String { try named.folder.text(name) }

  /// What a pass may change, each with its inode and time: one that is written with the same bytes shows
  /// as well.
  func files() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try named.folder.names()
    where name == "named.conf" || name.contains("db")
      || name == "named.conf.local"
    {
      let status = try named.folder.path.appending(name).stat()
      guard status.type == .regular else { continue }
      files["\(name) \(status.inode) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"] =
        try named.folder.read(name)
    }
    return files
  }

  /// Makes a pass that may neither touch a file nor tell named anything that changes it.
  @discardableResult
  func expectUntouched(
    accepted: Set<String> = [], now: Int64 = 1000,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) async throws -> PassResult {
    let before = try files()
    try forgetWhatWasTold()
    let result = try await run(accepted: accepted, now: now)
    #expect(try files() == before, sourceLocation: sourceLocation)
    #expect(commands == [], sourceLocation: sourceLocation)
    #expect(result.plan.isEmpty, sourceLocation: sourceLocation)
    return result
  }

  /// The serial that named serves.
  func serial(of zone: String = "contoso.com") async throws -> SerialNumber? {
    let client = DNSClient(server: desired.bind.query)
    return try await client.ask(DomainName(zone), .soa).serial
  }

  /// Where a DNAME leads that named serves.
  func target(of alias: String = "foo.contoso.com") async throws -> String? {
    let client = DNSClient(server: desired.bind.query)
    return try await client.ask(DomainName(alias), .dname).rdata(of: .dname).first
  }

  static let target = "mesos.\(Site.ids[0]).dcos.directory."
}

/// Hands a named with one zone, and masters that answer, to the body.
func withLiveSite(
  _ local: String = LiveSite.local(), statements: String = "", options: String = "",
  files: [String: String] = ["db": LiveSite.zone],
  _ body: (LiveSite) async throws -> Void
) async throws {
  let masters = try ScriptedNameServer(LiveSite.answer)
  let setup = NamedSetup(options: options, statements: statements, local: local, files: files)
  try await withNamed(setup) { named in try await body(LiveSite(named, masters)) }
}

/// Something that happens once, at the first time that a pass comes to a step.
func once(
  _ step: PassStep, _ body: @escaping @Sendable () -> Void
) -> @Sendable (PassStep) -> Void {
  let isDone = Mutex(false)
  return { current in
    guard current == step else { return }
    let isFirst = isDone.withLock { done in
      defer { done = true }
      return !done
    }
    if isFirst { body() }
  }
}

/// A pass that is told to stop in the middle, by one of its own steps for instance.
final class StoppablePass: Sendable {
  private let task = Mutex<Task<PassResult, any Error>?>(nil)

  func run(_ body: @escaping @Sendable () async throws -> PassResult) async throws -> PassResult {
    let running = task.withLock { task in
      let running = Task { try await body() }
      task = running
      return running
    }
    return try await running.value
  }

  /// Waits until it is known what is to be stopped.
  func stop() { task.withLock { $0?.cancel() } }
}
