import Logging
import Planning
import ReconcileModel
import SystemPackage

/// Results go to standard output, diagnostics to standard error or the journal.
enum Diagnostics {
  /// Made when it is first used, which is after ``begin(_:)``.
  private static let logger = Logger(label: "zonebridge")

  /// Settles how diagnostics are written: once, before the first of them.
  static func begin(_ format: LogFormat) {
    LoggingSystem.bootstrap { _ in EventLogHandler(format: format) }
  }

  static func error(_ message: String) { logger.error("\(message)") }
  static func warning(_ message: String) { logger.warning("\(message)") }

  static func tell(_ event: Event) {
    logger.log(level: event.level, "\(event.message)", metadata: event.metadata)
  }

  /// What a plan has to say besides its results, before it is carried out: a hand edit that is put
  /// right is shown, so that nobody's work is lost unseen.
  static func warnings(of plan: Plan, tell: (Event) -> Void = { Diagnostics.tell($0) }) {
    for note in plan.warnings { warning(note) }
    if plan.undoesHandEdits {
      tell(Event(.handEdit, .warning, String(decoding: UnifiedDiff.text(of: plan), as: UTF8.self)))
    }
  }

  static func output(_ bytes: [UInt8]) {
    // Nobody is left to tell when standard output is closed.
    _ = try? FileDescriptor.standardOutput.writeAll(bytes)
  }

  static func output(_ text: TerminalText) { output(Array("\(text.text)\n".utf8)) }
  static func output(json: String) { output(Array("\(json)\n".utf8)) }
}
