import DNSNames
import Logging
import Reconcile
import ReconcileModel
import SystemPackage

/// Something that happened, with the fields by which it is found.
struct Event: Sendable {
  /// A field of the journal, and in small letters a member of a JSON line.
  enum Field: String, CaseIterable {
    case cluster = "CLUSTER"
    case alias = "ALIAS"
    /// A master's URL.
    case master = "MASTER"
    case zone = "ZONE"
    case file = "FILE"
    /// The pass in which it was logged: the same for everything that the pass logs.
    case pass = "PASS_ID"
    /// The number of a change in the history.
    case change = "CHANGE_ID"
    /// How long it took, in microseconds.
    case duration = "DURATION_USEC"

    var isNumber: Bool { self == .change || self == .duration }
    /// Whether there may be several of it.
    var isList: Bool { !isNumber && self != .pass }
  }

  var kind: EventKind
  var level: Logger.Level
  var message: String
  private(set) var fields: [Field: [String]] = [:]
  /// The values of the fields that may have several, to have each once.
  private var values: [Field: Set<String>] = [:]

  init(_ kind: EventKind, _ level: Logger.Level, _ message: String) {
    self.kind = kind
    self.level = level
    self.message = message
    if let pass = PassID.current { fields[.pass] = [pass] }
  }

  mutating func add(_ field: Field, _ values: [String]) {
    for value in values where self.values[field, default: []].insert(value).inserted {
      fields[field, default: []].append(value)
    }
  }

  var metadata: Logger.Metadata {
    var metadata: Logger.Metadata = [
      "MESSAGE_ID": "\(kind.messageID)", "EVENT": "\(kind.rawValue)",
    ]
    for (field, values) in fields {
      metadata[field.rawValue] =
        field.isList
        ? .array(values.map { .string($0) }) : .string(values.joined(separator: " "))
    }
    return metadata
  }
}

// MARK: - Events of the agent

extension Event {
  static func started(_ configuration: Configuration) -> Event {
    Event(
      .started, .notice, "zonebridge \(Version.current) started: \(configuration.summary)")
  }

  static func loaded(_ configuration: Configuration) -> Event {
    Event(
      .configurationLoaded, .notice, "the configuration was read again: \(configuration.summary)")
  }

  static var stopped: Event { Event(.stopped, .notice, "stopped") }

  /// What was done about a change that was cut off.
  static func recovered(_ recovery: String) -> Event { Event(.recovered, .warning, recovery) }

  /// A new configuration that is refused.
  static func refused(_ reason: String, _ path: FilePath) -> Event {
    var event = Event(
      .configurationRefused, .error,
      "the new configuration is refused, and the agent keeps the old one: \(reason)")
    event.add(.file, [path.string])
    return event
  }
}

// MARK: - Events of a pass

extension Event {
  /// What was held, or went wrong.
  init(_ problem: Problem, of desired: DesiredState) {
    switch problem.severity {
    case .failed: self.init(.failed, .error, "\(problem)")
    case .held: self.init(.held, .warning, "\(problem)")
    }
    add(problem.subject, of: desired)
  }

  /// A master that no longer answers as it should, while the others of its cluster agree without it.
  init(down report: MasterRecord, of cluster: ClusterRecord) {
    self.init(
      .masterDown, .warning,
      """
      cluster \(cluster.name): \(cluster.upMasters) of \(cluster.askedMasters) masters answer; \(report.master) does \
      not: \(report.problems.joined(separator: "; "))
      """)
    add(.cluster, [cluster.name])
    add(.master, [report.master])
  }

  /// A master that answers again.
  ///
  /// - Parameters:
  ///   - report: what it says.
  ///   - time: how long it had not; nil where that is not known.
  ///   - cluster: whose master it is.
  init(up report: MasterRecord, after time: String?, of cluster: ClusterRecord) {
    self.init(
      .masterUp, .notice,
      """
      cluster \(cluster.name): \(cluster.upMasters) of \(cluster.askedMasters) masters answer; \(report.master) \
      answers again\(time.map { ", after \($0)" } ?? "")
      """)
    add(.cluster, [cluster.name])
    add(.master, [report.master])
  }

  /// A token that was not renewed, and is still good for a while.
  init(refusedRenewal reason: String, of cluster: ClusterRecord) {
    self.init(
      .renewalRefused, .warning,
      "cluster \(cluster.name): its token was not renewed, and is used until it ends: \(reason)")
    add(.cluster, [cluster.name])
  }

  /// The names that an alias hides and that were added after it.
  init(_ hidden: HiddenNames, of desired: DesiredState) {
    self.init(.hidden, .warning, "\(hidden)")
    add(hidden.subject, of: desired)
    add(.zone, [hidden.zone.name.withoutTrailingDot])
  }

  /// What was held or failed is resolved.
  ///
  /// - Parameters:
  ///   - subject: what was held or failed.
  ///   - time: how long it had been so; nil where that is not known.
  ///   - desired: what is wanted.
  init(resolved subject: Subject, after time: String?, of desired: DesiredState) {
    self.init(
      .resolved, .notice, "\(subject): resolved" + (time.map { " after \($0)" } ?? ""))
    add(subject, of: desired)
  }

  /// What a pass has changed.
  static func changes(
    of result: PassResult, took duration: Duration, of desired: DesiredState
  ) -> [Event] {
    result.attempts.filter { !$0.plan.isEmpty }.map { outcome in
      Event(
        ChangeRecord(outcome, time: 0, duration: duration.seconds), outcome, of: desired)
    } + result.courses.compactMap(move)
  }

  /// An alias with several clusters leads to another one of them, and why.
  private static func move(of course: FailoverCourse) -> Event? {
    guard let before = course.movedFrom, let cluster = course.memory.cluster else { return nil }
    let reason =
      course.memory.reason.isEmpty
      ? "its DNAME was changed, but not by a failover" : course.memory.reason
    var event = Event(
      .switched, .warning,
      "alias \(course.alias.withoutTrailingDot): leads to \(cluster), it led to \(before): \(reason)"
    )
    event.add(.alias, [course.alias.withoutTrailingDot])
    event.add(.cluster, [cluster, before])
    return event
  }

  /// A change: what, why, and how long it took.
  private init(_ change: ChangeRecord, _ outcome: Outcome, of desired: DesiredState) {
    self.init(
      change.isPutBack ? .putBack : .changed, change.isPutBack ? .error : .notice,
      Self.text(of: change, outcome))
    let aliases = Dictionary(grouping: desired.aliases, by: \.owner)
    for subject in outcome.plan.changedSubjects { add(subject, aliases) }
    add(.file, change.files)
    for file in outcome.plan.files {
      if case .zone(let name, _) = file.kind { add(.zone, [name.withoutTrailingDot]) }
    }
    for update in outcome.plan.updates { add(.zone, [update.zone.withoutTrailingDot]) }
    if let number = change.number { add(.change, ["\(number)"]) }
    add(.duration, ["\(Int64(change.duration * 1_000_000))"])
  }

  private static func text(of change: ChangeRecord, _ outcome: Outcome) -> String {
    let title = change.number.map { "change \($0)" } ?? "reload"
    let parts = [
      change.reasons.joined(separator: "; "), Summary.lines(of: outcome).joined(separator: ", "),
      "took \(Self.words(change.duration))",
    ]
    return "\(title): " + parts.filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// With two significant digits.
  static func words(_ seconds: Double) -> String {
    seconds < 1 ? "\(Int(seconds * 1000)) ms" : "\((seconds * 10).rounded() / 10) s"
  }

  /// The fields by which a subject is found; some have none.
  private mutating func add(_ subject: Subject, of desired: DesiredState) {
    guard case .alias(let owner) = subject else { return add(subject, [:]) }
    add(subject, [owner: desired.aliases.filter { $0.owner == owner }])
  }

  /// - Parameters:
  ///   - subject: what it is about.
  ///   - aliases: the configured aliases by their owners.
  private mutating func add(_ subject: Subject, _ aliases: [DomainName: [Alias]]) {
    switch subject {
    case .cluster(let name): add(.cluster, [name])
    case .zone(let name, _): add(.zone, [name.withoutTrailingDot])
    case .alias(let owner):
      add(.alias, [owner.withoutTrailingDot])
      add(
        .cluster,
        aliases[owner, default: []].flatMap { $0.failover?.clusters ?? [$0.cluster] })
    case .block(let name): add(.alias, [name])
    case .exemption, .named, .command, .files, .metrics, .stateDirectory, .pass: break
    }
  }
}
