import FileChange
import Reconcile
import ReconcileModel
import SystemPackage

/// A pass under the lock, from the recovery of what was cut off before it to the record of its result.
///
/// Nothing else changes BIND's files: the agent and every command that changes something call this, and
/// differ only in what the pass does and in how they show its result.
struct LockedPass {
  let desired: DesiredState
  let stateDirectory: FilePath
  let keeper: RecordKeeper
  let timer: StepTimer
  /// Whether the pass covers everything that is configured.
  ///
  /// The result of any other one says nothing about the rest, so that only its changes are recorded.
  var isWhole = true
  /// Whether this process records nothing afterwards, so that the record has to reach the disk now.
  var isLast = true
  /// Whether changes are logged as events.
  var logsChanges = true
  /// Whether the time that it took is reported.
  var isVerbose = false
  let tell: @Sendable (Event) -> Void

  /// The result of a pass.
  struct Ending {
    var result: PassResult
    /// Why the record could not be written; the pass counts all the same.
    var recordError: FileChangeError?
  }

  /// Takes the lock, makes the pass and records it.
  ///
  /// A pass that is cancelled before it replaced a file is not recorded.
  /// - Parameters:
  ///   - waiting: How long to wait for another pass to end.
  ///   - clock: What the waiting is measured by.
  ///   - makePass: Makes the pass, under the lock.
  ///   - body: Runs it.
  /// - Returns: What it came to.
  /// - Throws: ``LockError`` where the lock cannot be had, or why the pass failed.
  func run(
    waiting: Duration, clock: any Clock<Duration> = ContinuousClock(),
    on makePass: (StateDirectory) throws -> Pass, _ body: (Pass) async throws -> PassResult
  ) async throws -> Ending {
    let lock = try await clock.passLock(in: stateDirectory, waiting: waiting)
    let state = StateDirectory(lock.folder)
    timer.begin()
    do {
      let pass = try makePass(state)
      if let recovery = try pass.recover() { tell(.recovered(recovery)) }
      var ending = Ending(result: try await body(pass))
      if logsChanges {
        for event in Event.changes(of: ending.result, took: timer.elapsed, of: desired) {
          tell(event)
        }
      }
      if isVerbose { Diagnostics.took("the pass", timer.elapsed) }
      do throws(FileChangeError) {
        try await keeper.note(
          ending.result, of: desired, in: state, isWhole: isWhole, timer: timer, isLast: isLast)
      } catch {
        ending.recordError = error
      }
      lock.release()
      return ending
    } catch {
      if isWhole, (error as? PassError)?.isStop != true {
        try? await keeper.note(failure: error, in: state, timer: timer, isLast: isLast)
      }
      lock.release()
      throw error
    }
  }
}

extension Clock where Duration == Swift.Duration {
  fileprivate func passLock(
    in directory: FilePath, waiting: Duration
  ) async throws(LockError) -> PassLock {
    try await PassLock.acquire(in: directory, waiting: waiting, clock: self)
  }
}
