import BINDText
import DCOS
import DNSNames
import FileChange
import Glibc
import Named
import SystemPackage
import TestSupport
import Testing

@testable import Planning
@testable import Reconcile
@testable import ReconcileModel

/// Everything that a plan is made from, so that a test can say it.
///
/// The files are a site's, read as a pass reads them; what named and the masters say are values.
/// Nothing runs, nobody is asked, and no time passes.
///
/// It is the only place in the tests that knows how the planners are called.
struct Planning {
  /// A zone that has nothing but what it needs, its serial is 7.
  static let zone =
    "$TTL 60\n@ SOA ns.example.net. h.example.net. 7 1 1 1 1\n@ NS ns.example.net.\n"
  static let options = "options { dnssec-validation no; };\n"
  static let conf = options + "zone \"contoso.com\" { type primary; file \"FOLDER/db\"; };\n"
  static let files = ["named.conf": conf, "db": zone]
  static let dynamic = conf.replacing("type primary;", with: "type primary; update-policy local;")

  var site: Site
  /// What masters said; of the other clusters it is what the configuration gives.
  var rounds: [String: ObservationRound] = [:]
  /// Clusters of which nothing was seen.
  var unseen: Set<String> = []
  var memories = ClusterMemories()
  var revertedChanges = RevertedChanges()
  var accepted: Set<String> = []
  var operation = Operation.reconcile
  var now: Int64 = 0
  var verdicts: [ReconcileModel.Expectation: Verdict] = [:]
  var refusals: [DomainName: String] = [:]
  var findings: [String: ForwarderFinding] = [:]
  /// The aliases that are known not to resolve; nil for all that stand, as where named is asked nothing.
  var broken: Set<DomainName>?
  /// What was found to lead into clusters, in zones that the plan does not know or as named serves it.
  var dependents: [ClusterID: [Dependent]] = [:]
  var isPreview = false

  /// What `rndc status` prints; nil for a named that is not asked.
  var named: String?
  /// What `rndc zonestatus` prints, by zone, or zone and view: `contoso.com inside`.
  var status: [String: String] = [:]
  /// What named has of a dynamic zone, in canonical form, or why it cannot be had; by zone and view.
  var live: [String: Result<String, InspectionError>] = [:]
  var owned = OwnedRecords()
  var sessionKey: FilePath? = "/run/named/session.key"
  var fingerprint = ""
  /// How our last changes left files, by name.
  var left: [String: FileMark] = [:]
  /// Until when forward zones stay that nothing leads into; nil where that was lost.
  var retained: RetainedZones? = RetainedZones()
  /// The managed blocks that are this zonebridge's; nil for all.
  var blocks: Set<String>?
  /// The highest serials that were published.
  var serials: [ZoneInView: SerialNumber] = [:]
  /// The clusters' domains that named still has to forget.
  var unflushed: Set<DomainName> = []

  init(_ site: Site) { self.site = site }

  var desired: DesiredState {
    get { site.desired }
    set { site.desired = newValue }
  }

  var folder: TemporaryFolder { site.folder }

  func path(_ name: String) -> FilePath { folder.path.appending(name) }

  func text(_ name: String) throws -> String { try folder.text(name) }

  // MARK: Plans

  /// What is remembered from earlier passes.
  private var memory: PassMemory {
    var memory = PassMemory()
    memory.owned = owned
    memory.revertedChanges = revertedChanges
    memory.clusters = memories
    memory.retained = retained
    memory.blocks = blocks
    memory.serials = serials
    memory.unflushed = unflushed
    for (name, state) in left { memory.left[path(name)] = state }
    return memory
  }

  /// What stands on the host.
  func actual() async throws -> ActualState {
    var actual = try await Inspector(
      desired: desired, control: nil, context: PassContext(tools: try NamedTools.locate()),
      memory: memory
    ).inspect()
    actual.sessionKey = sessionKey
    actual.fingerprint = fingerprint
    if let named { actual.named = .success(NamedStatus(parsing: named)) }
    for index in actual.zones.indices {
      let zone = actual.zones[index]
      let key = zone.name.withoutTrailingDot + (zone.view.map { " \($0)" } ?? "")
      actual[zoneAt: index].status = status[key].map(ZoneStatus.init)
      switch live[key] {
      case nil: actual[zoneAt: index].dynamic = nil
      case .success(let text)?:
        actual[zoneAt: index].dynamic = .success(try dynamicZone(zone, text))
      case .failure(let error)?: actual[zoneAt: index].dynamic = .failure(error)
      }
    }
    return actual
  }

  private func dynamicZone(_ zone: Zone, _ text: String) throws -> DynamicZone {
    let path = try folder.write("live/\(zone.name)\(zone.view ?? "")", text)
    let snapshot = try FileSnapshot.read(path)
    let outline = try ZoneFileOutline(parsing: snapshot.bytes, origin: zone.name)
    let file = ZoneTextFile(snapshot: snapshot, outline: outline, blocks: [])
    let wanted = desired.aliases.map(\.owner).filter { $0.isSubdomain(of: zone.name) }
    var aliases: [DomainName: LiveAlias] = [:]
    for owner in wanted + owned.records.map(\.owner) {
      for record in outline.records(of: owner) where record.type == "DNAME" {
        aliases[owner] = LiveAlias(
          target: try #require(file.target(of: record)), ttl: try #require(record.ttl))
      }
    }
    let isWhole = wanted.allSatisfy { aliases[$0] != nil }
    return DynamicZone(aliases: aliases, content: isWhole ? nil : ZoneText(files: [file]))
  }

  /// Makes the plan.
  func plan() async throws -> Plan { try plan(of: await actual()) }

  func plan(of actual: ActualState) throws -> Plan {
    var observations = rounds.mapValues { Observation.observed($0) }
    for cluster in desired.clusters where observations[cluster.name] == nil {
      if case .fixed(let view) = cluster.source { observations[cluster.name] = .fixed(view) }
    }
    for name in unseen { observations[name] = nil }
    let request = PassRequest(operation, accepted: accepted, isPreview: isPreview)
    let beliefs = Beliefs(
      of: desired, observations, on: actual, remembered: memories, request, now: now)
    var evidence = Evidence()
    for (zone, reason) in refusals { _ = evidence.note(refusal: reason, of: zone) }
    evidence.verdicts = verdicts
    evidence.findings = findings
    evidence.dependents = dependents
    let standing = Chains(of: desired, on: actual, owned: owned).questions.map(\.owner)
    evidence.brokenAliases = broken ?? Set(standing)
    return try Planner.plan(
      desired: desired, beliefs: beliefs, actual: actual, memory: memory, request: request,
      evidence: evidence, now: now)
  }

  /// Gives the files the contents that the plan has for them.
  func write(_ plan: Plan) throws {
    for file in plan.files {
      if let contents = file.contents {
        try writeFile(file.path, contents.bytes)
      } else {
        try removeFile(file.path)
      }
    }
  }

  /// Makes the plan, and changes the files, as a pass does that sees all of it served.
  @discardableResult
  func carryOut() async throws -> Plan {
    var plan = try await plan()
    try write(plan)
    plan.retained.pending = [:]
    return plan
  }

  /// Changes the files, and takes the change down in the history.
  func change(number: Int = 1) async throws -> HistoryEntry {
    let actual = try await actual()
    let plan = try plan(of: actual)
    try write(plan)
    return HistoryEntry(
      Proposal(plan: plan, actual: actual, memory: memory, now: now), number: number)
  }

  /// Plans how changes are put back, the last one first.
  func rollback(_ entries: HistoryEntry...) async throws -> Plan {
    var concerned = self
    concerned.desired.clusters = []
    concerned.desired.aliases = try entries.flatMap(\.aliases).map {
      Alias(owner: try DomainName($0.owner), cluster: "")
    }
    let actual = try await concerned.actual()
    var snapshots = actual.snapshots
    for file in entries.flatMap(\.files) {
      let path = FilePath(file.path)
      if snapshots[path] == nil { snapshots[path] = try? FileSnapshot.read(path) }
    }
    return try RollbackPlanner.plan(
      RollbackPlanner(
        entries: entries, actual: actual, snapshots: snapshots,
        policies: desired.zones.mapValues(\.serial), memory: concerned.memory,
        foreign: dependents, now: now))
  }

  // MARK: What is given

  /// What masters say that all agree.
  static func round(_ id: String, _ masters: [String]) throws -> ObservationRound {
    let members = MemberList(
      source: .exhibitor, addresses: try masters.map { try IPAddress($0) })
    let reports = try masters.map {
      MasterReport(
        master: try MasterEndpoint("https://\($0)"), id: .success(try ClusterID(id)),
        members: .success(members))
    }
    return ObservationRound(
      reports: reports, configured: reports.map(\.master), isKnown: true)
  }

  static func view(_ id: String, _ masters: [String]) throws -> ClusterView {
    ClusterView(id: try ClusterID(id), masters: try masters.map { try IPAddress($0) })
  }

  /// Lets the files say how they were left.
  mutating func leave(_ names: String...) throws {
    for name in names {
      left[name] = FileMark(try FileSnapshot.read(path(name)).identity)
    }
  }

  /// Gives a file the time at which it was changed.
  func setModified(_ name: String, to seconds: Int64) throws {
    let time = timespec(tv_sec: Int(seconds), tv_nsec: 0)
    guard unsafe utimensat(AT_FDCWD, path(name).string, [time, time], 0) == 0 else {
      throw SystemCallFailure("utimensat \(name)")
    }
  }

  /// When the inode of a file was last changed.
  func changeTime(of name: String) throws -> Int64 {
    try FileSnapshot.read(path(name)).identity.changed.seconds
  }

  /// `rndc status` of a named that last read its configuration then.
  static func named(configuredAt seconds: Int64) -> String {
    "last configured: \(serverTime(seconds))\nserver is up and running\n"
  }

  /// `rndc zonestatus`.
  static func status(
    serial: UInt32 = 7, loadedAt seconds: Int64? = nil, _ more: String = ""
  ) -> String {
    "serial: \(serial)\n"
      + (seconds.map { "last loaded: \(serverTime($0))\n" } ?? "") + more
  }

  /// A time as named prints it.
  static func serverTime(_ seconds: Int64) -> String {
    let date = CivilDate(secondsSince1970: seconds)
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let clock = "\(seconds % 86_400 / 3600):\(seconds / 60 % 60):\(seconds % 60)"
    return "Sun, \(date.day) \(months[Int(date.month) - 1]) \(date.year) \(clock) GMT"
  }
}

/// Writes the files of a site and hands over what a plan of it is made from.
func withPlanning(
  _ files: [String: String] = Planning.files, zonesIn: String = "named.conf",
  views: [String]? = nil, aliases: [String] = ["x.contoso.com"],
  _ body: (inout Planning) async throws -> Void
) async throws {
  try await withSite(files, zonesIn: zonesIn, views: views, aliases: aliases) { site in
    var planning = Planning(site)
    try await body(&planning)
  }
}

extension Plan {
  /// `severity subject` of each problem.
  var troubles: [String] { problems.map { "\($0.severity) \($0.subject)" } }

  /// The zones whose files are changed.
  var zoneFiles: [String] {
    files.compactMap {
      if case .zone(let name, _) = $0.kind { name.withoutTrailingDot } else { nil }
    }
  }

  var changesConfiguration: Bool { files.contains { $0.kind == .configuration } }

  /// What a file, by its last name, is to hold; nil for one that is not changed, or goes.
  func text(_ name: String) -> String? {
    files.first { $0.path.lastComponent?.string == name }?.contents.map {
      String(decoding: $0.bytes, as: UTF8.self)
    }
  }

  var commandLines: [String] { commands.map(\.description) }

  /// Expects that nothing is done and nothing is remembered as done.
  func expectNothing(sourceLocation: Testing.SourceLocation = #_sourceLocation) {
    #expect(files.isEmpty, "\(files.map(\.path))", sourceLocation: sourceLocation)
    #expect(commands.isEmpty, "\(commands)", sourceLocation: sourceLocation)
    #expect(updates.isEmpty, "\(updates)", sourceLocation: sourceLocation)
    #expect(attempts.isEmpty, "\(attempts)", sourceLocation: sourceLocation)
    #expect(servedAfterwards.isEmpty, "\(servedAfterwards)", sourceLocation: sourceLocation)
  }
}

/// Expects a text to have some words in it.
func expect(
  _ text: String?, has words: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  #expect(text?.contains(words) == true, "\(text ?? "nil")", sourceLocation: sourceLocation)
}
