import DCOSSimulator
import Foundation
import Reconcile
import ReconcileModel
import SystemPackage
import TestSupport
import Testing

/// A named with four zones, a resolver behind it, two clusters, an agent, and an operator who does as he likes.
struct SoakTown {
  static let owners = [
    "a.contoso.com", "b.contoso.com", "a.contoso.net", "deep.b.contoso.net", "a.dyn.example",
    "b.dyn.example",
  ]
  static let zones = ["contoso.com", "contoso.net"]
  static let ids = [SampleID.published, SampleID.other, SampleID.third]
  /// Denials are forgotten soon.
  static let zone = """
    $TTL 300
    @ IN SOA ns.example.net. hostmaster.example.net. 41 3600 900 1209600 1
    @ IN NS ns.example.net.
    www IN A 192.0.2.80

    """
  /// Until a name that was taken out of the configuration and put in again has to be served: passes that are under way,
  /// and what resolvers hold.
  static let grace: Milliseconds = 45_000

  struct Alias: Hashable {
    var cluster: String
    var label = "mesos"
    var ttl: Int
    /// Whether it follows the health of all clusters of the configuration, this one first.
    var follows = false
    /// How long a preferred cluster has to be healthy before the alias returns, in seconds; nil for never.
    var back: Int?
  }

  let named: RunningNamed
  let resolver: RunningNamed
  /// By their names in the configuration.
  var clusters: [String: SimulatedCluster]
  /// Those that the configuration has.
  var configured: Set<String>
  var aliases: [String: Alias] = [:]
  var chronicle = Chronicle()
  var generator: SeededGenerator
  var agent: BackgroundProcess?
  var isFrozen = false
  /// Passes that were begun beside the agent.
  var passes = 0
  var kills = 0
  /// How often an operator led an alias elsewhere, and reverted a change.
  var switches = 0
  var rollbacks = 0
  /// What is the matter with each master.
  var failures: [String: Failure] = [:]

  var configuration: FilePath { named.folder.path.appending("zonebridge.yaml") }
  var state: FilePath { named.folder.path.appending("state") }

  init(
    named: RunningNamed, resolver: RunningNamed, _ clusters: [String: SimulatedCluster],
    seed: UInt64
  ) async throws {
    (self.named, self.resolver, self.clusters) = (named, resolver, clusters)
    configured = Set(clusters.keys)
    generator = SeededGenerator(seed: seed)
    try refuseNothing()
    for name in clusters.keys { await noteMasters(of: name) }
    for (index, owner) in Self.owners.enumerated() {
      aliases[owner] = Alias(cluster: index.isMultiple(of: 2) ? "prod" : "next", ttl: 5)
    }
    try await writeConfiguration("the first configuration")
  }

  // MARK: What named refuses

  /// A zone file that only root may read: named does not load it again.
  func hide(_ zone: String) throws {
    try own("db.\(zone)", by: 0, mode: 0o600)
  }

  /// zonebridge does not reach the control channel.
  func cutControl() throws {
    try named.folder.write("zonebridge-rndc.conf", "")
  }

  func refuseNothing() throws {
    for zone in Self.zones { try own("db.\(zone)", by: user, mode: 0o644) }
    try named.folder.write("zonebridge-rndc.conf", try named.folder.text("rndc.conf"))
  }

  /// Whose named's files are.
  private var user: uid_t { unsafe getpwnam("bind")?.pointee.pw_uid ?? geteuid() }

  private func own(_ name: String, by user: uid_t, mode: mode_t) throws {
    let path = named.folder.path.appending(name).string
    guard unsafe chown(path, user, gid_t.max) == 0, unsafe chmod(path, mode) == 0 else {
      throw SystemCallFailure("chown \(path)")
    }
  }

  mutating func tell(_ words: String) { chronicle.tell(words, at: .now) }

  // MARK: Masters

  /// Does something to the masters of a cluster; meanwhile they may answer or not.
  mutating func change(_ name: String, _ work: (SimulatedCluster) async throws -> Void) async throws
  {
    guard let cluster = clusters[name] else { return }
    let before = await cluster.masters
    for master in before { chronicle.masters[master, default: Timeline()].set(nil, from: .now) }
    try await work(cluster)
    await noteMasters(of: name)
  }

  private mutating func noteMasters(of name: String) async {
    guard let cluster = clusters[name] else { return }
    let id = await cluster.id
    for master in await cluster.masters {
      let answers = ![.unreachable, .dnsSilent].contains(failures[master])
      chronicle.masters[master, default: Timeline()].set(answers ? id : nil, from: .now)
    }
  }

  // MARK: The configuration

  mutating func writeConfiguration(_ words: String) async throws {
    tell(words)
    for owner in Self.owners where aliases[owner] == nil {
      chronicle.want(no: owner, from: .now)
    }
    var text = """
      interval: 1s
      state-directory: \(state)
      \(ConfigurationText.bind(named, rndc: named.folder.path.appending("zonebridge-rndc.conf")))clusters:

      """
    for name in configured.sorted() {
      guard let cluster = clusters[name] else { continue }
      // One of them follows its ID, the other does not.
      text += await ConfigurationText.cluster(name, cluster, "follow-id: \(name != "next")")
    }
    text += "aliases:\n"
    for (owner, alias) in aliases.sorted(by: { $0.key < $1.key }) {
      text += """
          - { name: \(owner), \(lead(of: alias)), label: \(alias.label), ttl: \(alias.ttl) }

        """
    }
    try named.folder.write("zonebridge.yaml.new", text)
    try FileManager.default.moveReplacing(
      "\(configuration).new", configuration.string)
    agent?.send(signal: SIGHUP)
    for owner in aliases.keys where !isWanted.contains(owner) {
      chronicle.want(owner, from: .now, grace: Self.grace)
    }
    isWanted = Set(aliases.keys)
  }

  /// Where an alias leads, in the configuration's words.
  private func lead(of alias: Alias) -> String {
    let others = configured.sorted().filter { $0 != alias.cluster }
    guard alias.follows, !others.isEmpty else { return "cluster: \(alias.cluster)" }
    let clusters = ([alias.cluster] + others).joined(separator: ", ")
    let back = alias.back.map { ", back: \($0)s" } ?? ""
    return "clusters: [\(clusters)], failover: { after: 3s\(back) }"
  }

  /// The aliases that the configuration on disk leads to the first healthy one of several clusters.
  var following: [String] {
    configured.count < 2 ? [] : aliases.filter(\.value.follows).map(\.key).sorted()
  }

  /// What the configuration on disk has.
  private var isWanted: Set<String> = []

  // MARK: Passes

  mutating func startAgent() throws {
    tell("the agent is started")
    agent = try Host.start(with: configuration)
  }

  /// It runs, unless it was told to reload before it was up: then it is started again, as systemd does.
  mutating func expectAgent() throws {
    guard let status = agent?.exitStatus else { return }
    try #require(status == 128 + SIGHUP, "the agent ended by itself: \(agent?.output ?? "")")
    try startAgent()
  }

  /// Makes a pass beside the agent, as from cron, and perhaps kills it.
  mutating func passOnce() async throws {
    passes += 1
    let accepted = generator.oneIn(3) ? ["--accept", generator.pick("prod", "next")] : []
    let arguments = ["--once", "--wait", "5"] + accepted
    tell("zonebridge \(arguments.joined(separator: " "))")
    try await watch(try Host.start(arguments, with: configuration))
  }

  /// Waits for a pass, and perhaps kills it.
  private mutating func watch(_ pass: BackgroundProcess) async throws {
    if generator.oneIn(3) {
      try await Task.sleep(for: .milliseconds(Int.random(in: 1...800, using: &generator)))
      try await pass.kill()
      kills += 1
      tell("that pass is killed")
    }
    let status = try await pass.waitForExit(within: .seconds(240))
    tell("that pass ends with \(status)")
  }

  /// An operator leads an alias to one of its clusters, for a while or until further notice, or gives it back its head.
  mutating func switchAlias() async throws {
    guard let owner = following.randomElement(using: &generator) else { return }
    let choice =
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: ["--auto"]
      case 1: [configured.sorted().randomElement(using: &generator) ?? ""]
      default: [configured.sorted().randomElement(using: &generator) ?? "", "--for", "10s"]
      }
    passes += 1
    switches += 1
    tell("zonebridge switch \(owner) \(choice.joined(separator: " "))")
    try await watch(
      try Host.start(["switch", "--wait", "20", owner] + choice, with: configuration))
  }

  /// An operator reverts one of the last changes; what it had added is gone until the next pass adds it again.
  mutating func rollBack() async throws {
    let entries = ChangeHistory(in: StateDirectory(state)).entries.prefix(3)
    guard let entry = entries.randomElement(using: &generator) else { return }
    passes += 1
    rollbacks += 1
    let added: [String] =
      entry.aliases.filter { $0.old == nil }.map(\.owner)
      + entry.updates.filter { $0.old == nil }.map(\.owner)
    let owners = added.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
    tell("zonebridge rollback \(entry.number), which had added \(owners)")
    for owner in owners { chronicle.want(no: owner, from: .now) }
    try await watch(
      try Host.start(
        ["rollback", "--wait", "20", "--yes", "\(entry.number)"], with: configuration))
    for owner in owners where aliases[owner] != nil {
      chronicle.want(owner, from: .now, grace: Self.grace)
    }
  }

  mutating func harmAgent() async throws {
    guard let agent, agent.isRunning else { return }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0, 1:
      kills += 1
      try await agent.kill()
      tell("the agent is killed")
    case 2:
      let status = try await agent.stop(within: .seconds(120))
      tell("the agent is stopped, and ends with \(status)")
    default:
      agent.send(signal: SIGSTOP)
      tell("the agent hangs")
      try await Task.sleep(for: .milliseconds(Int.random(in: 200...4000, using: &generator)))
      agent.send(signal: SIGCONT)
      return tell("the agent goes on")
    }
    if generator.oneIn(2) { try await passOnce() }
    try startAgent()
  }
}

extension Milliseconds {
  /// The time of the day, which all processes share.
  static var now: Milliseconds { Milliseconds(Date().timeIntervalSince1970 * 1000) }
}

extension FileManager {
  /// Renames a file over another one.
  fileprivate func moveReplacing(_ from: String, _ to: String) throws {
    guard unsafe rename(from, to) == 0 else { throw SystemCallFailure("rename \(from)") }
  }
}
