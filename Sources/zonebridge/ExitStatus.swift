import ArgumentParser
import ReconcileModel

/// What the exit statuses mean; scripts rest on them (64, 75 and 78 after sysexits.h).
enum ExitStatus: Int32 {
  case inSync = 0
  case failed = 1
  case changesPending = 2
  case held = 3
  case usage = 64
  case lockHeld = 75
  case configurationWrong = 78

  /// The status for the result of a pass.
  ///
  /// A failure is more than a held change: somebody has to look.
  init(_ problems: [Problem], otherwise status: ExitStatus = .inSync) {
    if problems.contains(where: { $0.severity == .failed }) {
      self = .failed
    } else if problems.contains(where: { $0.severity == .held }) {
      self = .held
    } else {
      self = status
    }
  }

  var code: ExitCode { ExitCode(rawValue) }
}
