import Glibc
import Reconcile
import SystemPackage

/// Results go to standard output, diagnostics to standard error.
enum Diagnostics {
  static func error(_ message: String) { line("error: \(message)", priority: 3) }
  static func warning(_ message: String) { line("warning: \(message)", priority: 4) }
  static func info(_ message: String) { line(message, priority: 6) }

  /// What a plan has to say besides its results, before it is carried out: a hand edit that is put
  /// right is shown, so that nobody's work is lost unseen.
  static func notes(of plan: Plan) {
    for note in plan.notes { warning(note) }
    if plan.undoesHandEdits {
      warning(String(decoding: UnifiedDiff.text(of: plan), as: UTF8.self))
    }
  }

  static func output(_ bytes: [UInt8]) {
    // Nobody is left to tell when standard output is closed.
    _ = try? FileDescriptor.standardOutput.writeAll(bytes)
  }

  static func output(_ text: String) { output(Array("\(text)\n".utf8)) }

  /// Under systemd, standard error goes to the journal, which takes a line's priority from a prefix
  /// (sd-daemon(3)).
  private static func line(_ message: String, priority: Int) {
    let isJournal = unsafe getenv("JOURNAL_STREAM") != nil && isatty(STDERR_FILENO) == 0
    let prefix = isJournal ? "<\(priority)>" : "zonebridge: "
    let lines = message.split(separator: "\n").enumerated().map { index, line in
      index == 0 || line.hasPrefix(" ") ? "\(prefix)\(line)\n" : "\(prefix)  \(line)\n"
    }
    _ = try? FileDescriptor.standardError.writeAll(Array(lines.joined().utf8))
  }
}
