package import FileChange
import FoundationEssentials
package import ReconcileModel
import SystemPackage

/// What is known of an agent's work: the last pass, the last change, and what all passes came to, those
/// of `--once` too.
///
/// It is kept in `status.json` in the state directory, for `status` when no agent is running. No decision rests on it:
/// a pass uses the files and what named serves.
package struct AgentRecord: Codable, Hashable, Sendable {
  package var pass: PassRecord
  /// When a pass last ended without a problem, in seconds since 1970.
  package var lastInSync: Int64?
  package var lastChange: ChangeRecord?
  package var counters = Counters()

  package init(pass: PassRecord) {
    self.pass = pass
  }

  /// Sums over all passes since the state directory was made.
  package struct Counters: Codable, Hashable, Sendable {
    /// By ``PassRecord/Result``.
    package var passes: [String: Int] = [:]
    /// How long all of them took, in seconds.
    package var seconds: Double = 0
    package var changes = 0
    /// Of them, those that were reverted because named did not serve them.
    package var putBacks = 0
    package var files = 0
    package var bytes = 0
    package var commands = 0
    package var updates = 0

    package init() {}
  }
}

/// A change that was made.
package struct ChangeRecord: Codable, Hashable, Sendable {
  /// Its number in the history; nil where only named was told.
  package var number: Int?
  /// In seconds since 1970.
  package var time: Int64
  /// How long the pass took that made it, in seconds.
  package var duration: Double
  /// What was changed and why.
  package var reasons: [String]
  package var files: [String]
  package var commands: [String]
  package var isPutBack: Bool
  package var isSeenServed: Bool
}

extension AgentRecord {
  /// Records a pass.
  ///
  /// - Parameters:
  ///   - pass: its record.
  ///   - attempts: what it did.
  package mutating func note(_ pass: PassRecord, _ attempts: [Outcome]) {
    let before = self.pass
    self.pass = pass
    if pass.failure != nil {
      // What the pass before saw is still the best that is known.
      self.pass.clusters = before.clusters
      self.pass.aliases = before.aliases
      self.pass.failovers = before.failovers
      self.pass.zones = before.zones
      self.pass.files = before.files
    }
    self.pass.completeChains(with: before)
    self.pass.completeCertificates(with: before)
    if pass.failure != nil { self.pass.applyChains() }
    counters.passes[pass.result.rawValue, default: 0] += 1
    counters.seconds += pass.duration
    if pass.problems.isEmpty { lastInSync = pass.time }
    noteChanges(pass, attempts)
  }

  /// Records a change outside of the passes: `adopt`, `remove` and `rollback` look at a part only, so the last pass's
  /// record of the rest stays.
  ///
  /// - Parameters:
  ///   - pass: what was done, as the record of a pass.
  ///   - attempts: what it did.
  ///   - desired: what is still wanted.
  package mutating func note(
    change pass: PassRecord, _ attempts: [Outcome], of desired: DesiredState
  ) {
    noteChanges(pass, attempts)
    let clusters = Set(desired.clusters.map(\.name))
    let aliases = Set(desired.aliases.map(\.blockName))
    self.pass.clusters.removeAll { !clusters.contains($0.name) }
    self.pass.aliases.removeAll { !aliases.contains($0.name) }
    self.pass.failovers?.removeAll { !aliases.contains($0.alias) }
    let zones = Set(self.pass.aliases.compactMap(\.zone))
    self.pass.zones.removeAll { !zones.contains($0.name) }
    let changed = Dictionary(grouping: pass.zones, by: \.name)
    self.pass.zones = self.pass.zones.map { zone in
      changed[zone.name]?.first { $0.view == zone.view } ?? zone
    }
    if pass.failure == nil {
      self.pass.files = pass.files
      self.pass.forgetForwardZones(exceptOf: Set(pass.files.flatMap(\.blocks)))
    }
    guard pass.chains != nil else { return }
    var probed = pass
    probed.completeChains(with: self.pass)
    self.pass.chains = probed.chains
    self.pass.forgetAliasesWithoutChain()
    self.pass.isNamedUp = pass.isNamedUp
    self.pass.applyChains()
  }

  private mutating func noteChanges(_ pass: PassRecord, _ attempts: [Outcome]) {
    for attempt in attempts where !attempt.plan.isEmpty {
      let change = ChangeRecord(attempt, time: pass.time, duration: pass.duration)
      lastChange = change
      counters.changes += 1
      if change.isPutBack { counters.putBacks += 1 }
      counters.files += attempt.plan.files.count
      counters.bytes += attempt.plan.files.reduce(0) { $0 + ($1.contents?.count ?? 0) }
      counters.commands += attempt.sentCommands.count
      counters.updates += attempt.sentUpdates.count
    }
  }
}

extension ChangeRecord {
  package init(_ outcome: Outcome, time: Int64, duration: Double) {
    let plan = outcome.plan
    self.init(
      number: outcome.change, time: time, duration: duration, reasons: plan.reasonLines,
      files: plan.files.map(\.path.recorded),
      commands: outcome.sentCommands.map(\.description),
      isPutBack: !outcome.putBack.isEmpty, isSeenServed: outcome.isSeenServed)
  }
}

extension Plan {
  /// What the plan changes in files and zones.
  package var changedSubjects: [Subject] {
    files.isEmpty && updates.isEmpty ? [] : reasons.keys.sorted()
  }

  /// What the plan changes and why, a line a subject.
  package var reasonLines: [String] {
    if isEmpty { return [] }
    if files.isEmpty, updates.isEmpty { return ["named had not loaded the current files"] }
    return reasons.map { "\($0.key): \($0.value)" }.sorted()
  }
}

// MARK: - State file

extension AgentRecord {
  /// Which file it is in, and in which state; nil where there is none.
  package static func fileState(in state: StateDirectory) -> FileState? {
    try? state.folder().state(of: StateDirectory.Name.record)
  }

  /// Whether it says the same as another, apart from times and counters.
  package func isSame(as other: AgentRecord) -> Bool {
    timeless == other.timeless
  }

  private var timeless: AgentRecord {
    var record = self
    record.counters = Counters()
    record.lastInSync = nil
    record.pass.time = 0
    record.pass.duration = 0
    record.pass.steps = [:]
    // It follows from the problems, and has serials that may depend on the clock.
    record.pass.held = nil
    for index in record.pass.clusters.indices { record.pass.clusters[index].agreedAt = nil }
    for index in (record.pass.chains ?? []).indices {
      record.pass.chains?[index].lastHeld = nil
      record.pass.chains?[index].brokenSince = nil
      // Each answer may have others of a set that rotates.
      record.pass.chains?[index].addresses = nil
    }
    return record
  }

  /// Nil where there is none that can be read.
  package static func read(in state: StateDirectory) -> AgentRecord? {
    guard let snapshot = try? snapshot(in: state) else { return nil }
    return try? JSONDecoder().decode(AgentRecord.self, from: Data(snapshot.bytes))
  }

  /// Its file, as it is.
  package static func snapshot(in state: StateDirectory) throws(FileChangeError) -> FileSnapshot {
    try state.folder().read(StateDirectory.Name.record)
  }

  /// Writes the record.
  package func write(in state: StateDirectory) throws(FileChangeError) {
    // Strings, numbers and lists: JSON can express all of it.
    guard let text = json else { return }
    try StateFile(StateDirectory.Name.record, in: state).write(text + "\n")
  }

  private var json: String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) }
  }
}
