import FileChange
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage

/// Keeps the agent's record, in memory and in the state directory: the caller must hold the lock there.
actor RecordKeeper {
  /// How old the file may become while nothing but times and counters changes, in seconds: a record that is
  /// written with each pass would wear out a flash disk over the years for nothing.
  private static let age: Int64 = 300

  /// That of the last pass, which held it.
  private(set) var state: StateDirectory
  /// Tells the seconds since 1970.
  private let now: @Sendable () -> Int64
  private(set) var record: AgentRecord?
  /// What the file holds, to the knowledge of this process.
  private var written: AgentRecord?
  private var file: FileState?

  init(
    in state: StateDirectory, now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
  ) {
    self.state = state
    self.now = now
    file = AgentRecord.fileState(in: state)
    record = AgentRecord.read(in: state)
    written = record
  }

  /// Records a pass that came to a result.
  ///
  /// - Parameters:
  ///   - result: what it came to.
  ///   - desired: what was wanted.
  ///   - held: the state directory, as the pass held it; nil for the same as before.
  ///   - isWhole: whether it was a pass over all that is configured, which saw the rest as well.
  ///   - timer: has measured it.
  ///   - isLast: whether this process records nothing afterwards, so that it has to be written.
  /// - Throws: why it cannot be written; in memory it is kept.
  func note(
    _ result: PassResult, of desired: DesiredState, in held: StateDirectory? = nil,
    isWhole: Bool = true, timer: StepTimer, isLast: Bool
  ) throws(FileChangeError) {
    state = held ?? state
    var pass = PassRecord(
      result, of: desired, isWhole: isWhole, time: now(), duration: timer.elapsed,
      steps: timer.steps)
    pass.held = result.proposal.flatMap(HeldChangeRecord.all)
    readAnew()
    if isWhole {
      note(pass, result.attempts)
    } else {
      record?.note(change: pass, result.attempts, of: desired)
    }
    try write(isDue: isLast)
  }

  /// Records a pass that ended before it came to a result.
  func note(
    failure error: any Error, in held: StateDirectory? = nil, timer: StepTimer, isLast: Bool
  ) throws(FileChangeError) {
    state = held ?? state
    let pass = PassRecord(
      failure: Problem(.failed, .pass, error), error as? PassError, time: now(),
      duration: timer.elapsed)
    readAnew()
    note(pass, [])
    try write(isDue: isLast)
  }

  private func note(_ pass: PassRecord, _ attempts: [Outcome]) {
    var record = record ?? AgentRecord(pass: pass)
    record.note(pass, attempts)
    self.record = record
  }

  /// Merges what another process has written since with what this one has counted.
  private func readAnew() {
    let now = AgentRecord.fileState(in: state)
    guard now != file || now == nil else { return }
    file = now
    guard let read = AgentRecord.read(in: state) else { return }
    record = record.map { read.adding($0, since: written) } ?? read
    written = read
  }

  /// Writes what is not written yet.
  func write(isDue: Bool = true) throws(FileChangeError) {
    guard let record, record != written else { return }
    if let written, !isDue, record.isSame(as: written),
      record.pass.time - written.pass.time < Self.age
    {
      return
    }
    // Without the lock, another process may have written meanwhile, and knows more.
    guard AgentRecord.fileState(in: state) == file else { return }
    try record.write(in: state)
    written = record
    file = AgentRecord.fileState(in: state)
  }
}

extension HeldChangeRecord {
  /// How much of a diff is kept: more than anybody reads, given a command that shows all of it.
  private static let limit = 16 << 10

  /// What can be accepted of a proposal; nil for nothing.
  fileprivate static func all(of proposal: Proposal) -> [HeldChangeRecord]? {
    let held = proposal.ifAccepted.sorted { $0.key < $1.key }.map { cluster, plan in
      let bytes = DiffText(plan: plan, usesColor: false, isForTerminal: true).bytes
      // At the end of a line: the last one may be cut in the middle of a character.
      let shown =
        bytes.count <= limit
        ? bytes[...]
        : bytes[...(bytes[..<limit].lastIndex(of: UInt8(ascii: "\n")) ?? limit)]
      return HeldChangeRecord(
        cluster: cluster, diff: String(decoding: shown, as: UTF8.self),
        isCut: shown.count < bytes.count)
    }
    return held.isEmpty ? nil : held
  }
}

extension AgentRecord {
  /// This record of another process, with what one of this process adds to what was written before.
  fileprivate func adding(_ own: AgentRecord, since written: AgentRecord?) -> AgentRecord {
    var sum = self
    sum.counters.add(own.counters, since: written?.counters ?? AgentRecord.Counters())
    sum.lastInSync = [lastInSync, own.lastInSync].compactMap(\.self).max()
    return sum
  }
}

extension AgentRecord.Counters {
  fileprivate mutating func add(_ own: Self, since before: Self) {
    for (result, count) in own.passes where count > before.passes[result, default: 0] {
      passes[result, default: 0] += count - before.passes[result, default: 0]
    }
    seconds += own.seconds - before.seconds
    changes += own.changes - before.changes
    putBacks += own.putBacks - before.putBacks
    files += own.files - before.files
    bytes += own.bytes - before.bytes
    commands += own.commands - before.commands
    updates += own.updates - before.updates
  }
}
