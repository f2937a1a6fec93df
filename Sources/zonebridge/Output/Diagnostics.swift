import Logging
import Reconcile
import ReconcileModel
import SystemPackage

/// Results go to standard output, diagnostics to standard error or the journal.
enum Diagnostics {
  /// Made when it is first used, which is after ``begin(_:)``.
  private static let logger = Logger(label: "zonebridge")

  /// Sets how diagnostics are written: once, before the first of them.
  static func begin(_ format: LogFormat) {
    LoggingSystem.bootstrap { _ in EventLogHandler(format: format) }
  }

  static func error(_ message: String) { logger.error("\(message)", metadata: PassID.metadata) }
  static func warning(_ message: String) { logger.warning("\(message)", metadata: PassID.metadata) }

  /// What `run --verbose` adds: how long something took.
  static func took(_ what: String, _ duration: Duration) {
    var metadata = PassID.metadata
    metadata[Event.Field.duration.rawValue] = "\(Int64(duration.seconds * 1_000_000))"
    logger.info("\(what), \(Event.words(duration.seconds))", metadata: metadata)
  }

  static func tell(_ event: Event) {
    logger.log(level: event.level, "\(event.message)", metadata: event.metadata)
  }

  /// What a plan has to say besides its results, before it is carried out: a hand edit that will be overwritten is
  /// shown, so that nobody's work is lost unseen.
  static func warnings(of plan: Plan, tell: (Event) -> Void = { Diagnostics.tell($0) }) {
    for note in plan.warnings { warning(note) }
    if !plan.handEdits.isEmpty { tell(handEdits(of: plan)) }
  }

  /// One event: which blocks were edited, and the diff of their files.
  private static func handEdits(of plan: Plan) -> Event {
    let paths = plan.handEdits.map(\.path)
    let diff = plan.files.filter { paths.contains($0.path) }.flatMap(UnifiedDiff.diff).dropLast()
    let lines = plan.handEdits.map(\.description) + [String(decoding: diff, as: UTF8.self)]
    var event = Event(.handEdit, .warning, lines.joined(separator: "\n"))
    event.add(.file, paths.map(\.string))
    return event
  }

  static func output(_ bytes: [UInt8]) {
    do {
      try FileDescriptor.standardOutput.writeAll(bytes)
    } catch Errno.brokenPipe, Errno.badFileDescriptor {
      // Nobody reads it, as with `| head`.
    } catch {
      // A full disk has cut off what a script will read.
      Self.error("cannot write to standard output: \(error)")
    }
  }

  static func output(_ text: TerminalText) { output(Array("\(text.text)\n".utf8)) }
  static func output(json: String) { output(Array("\(json)\n".utf8)) }
}
