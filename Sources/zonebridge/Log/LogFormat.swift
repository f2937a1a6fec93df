import ArgumentParser
import Glibc
import Systemd

/// How diagnostics are written to standard error.
enum LogFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
  /// To journald, with fields.
  case journal
  /// Lines for people.
  case text
  /// Lines with the priority in front, `<4>…` (sd-daemon(3)), as journald, systemd-cat and
  /// `logger --prio-prefix` take them.
  case prefix
  /// A JSON object a line.
  case json

  /// The format that suits the destination of standard error.
  ///
  /// - Parameter isForPeople: whether a person reads it where it is neither a terminal nor the journal: what
  ///   a command of cron's prints is mailed.
  /// - Returns: the format.
  static func suitable(isForPeople: Bool) -> LogFormat {
    if SystemJournal.hasStandardError { return .journal }
    return isatty(STDERR_FILENO) == 1 || isForPeople ? .text : .prefix
  }
}

extension LogFormat {
  /// The option `--log-format`.
  struct Options: ParsableArguments {
    @Option(
      name: .customLong("log-format"),
      help: ArgumentHelp(
        """
        The format of diagnostics: journal (with fields), text, prefix (lines with <priority> in front) or json. The \
        default suits the destination of standard error.
        """, valueName: "format"))
    var format: LogFormat?
  }
}
