import FileChange
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage

/// Keeps the agent's record, in memory and in the state directory: for who holds the lock there.
actor RecordKeeper {
  /// How old the file may become while nothing but times and counters changes, in seconds: a record that is
  /// written with each pass would wear out a flash disk over the years for nothing.
  private static let age: Int64 = 300

  private let directory: FilePath
  private(set) var record: AgentRecord?
  /// What the file holds, as far as this process knows.
  private var written: AgentRecord?
  private var file: FileState?

  init(in directory: FilePath) {
    self.directory = directory
    file = FileState(of: AgentRecord.path(in: directory))
    record = AgentRecord.read(in: directory)
    written = record
  }

  /// Takes a pass down that came to a result.
  ///
  /// - Parameters:
  ///   - result: what it came to.
  ///   - desired: what was wanted.
  ///   - isWhole: whether it was a pass over all that is configured, which saw the rest as well.
  ///   - timer: has measured it.
  ///   - isLast: whether this process takes nothing more down, so that it has to be written.
  /// - Throws: why it cannot be written; in memory it is kept.
  func note(
    _ result: PassResult, of desired: DesiredState, isWhole: Bool = true, timer: StepTimer,
    isLast: Bool
  ) throws(FileChangeError) {
    let pass = PassRecord(
      result, of: desired, time: Int64(time(nil)), duration: timer.elapsed, steps: timer.steps)
    readAnew()
    if isWhole {
      note(pass, result.attempts)
    } else {
      record?.note(change: pass, result.attempts, of: desired)
    }
    try write(isDue: isLast)
  }

  /// Takes a pass down that ended before it came to a result.
  func note(
    failure reason: String, timer: StepTimer, isLast: Bool
  ) throws(FileChangeError) {
    let problem = Problem(severity: .failed, subject: .pass, reason: reason, remedy: "")
    let pass = PassRecord(failure: problem, time: Int64(time(nil)), duration: timer.elapsed)
    readAnew()
    note(pass, [])
    try write(isDue: isLast)
  }

  private func note(_ pass: PassRecord, _ attempts: [Outcome]) {
    var record = record ?? AgentRecord(pass: pass)
    record.note(pass, attempts)
    self.record = record
  }

  /// Takes in what another process has written since.
  private func readAnew() {
    let now = FileState(of: AgentRecord.path(in: directory))
    guard now != file || now == nil else { return }
    file = now
    guard let read = AgentRecord.read(in: directory) else { return }
    record = read
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
    guard FileState(of: AgentRecord.path(in: directory)) == file else { return }
    try record.write(in: directory)
    written = record
    file = FileState(of: AgentRecord.path(in: directory))
  }
}
