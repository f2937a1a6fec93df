import ArgumentParser
import Glibc
import ReconcileModel
import SystemPackage

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(
    name: .customLong("config"),
    help: ArgumentHelp(
      "The configuration. By default $ZONEBRIDGE_CONFIG, then /etc/zonebridge/zonebridge.yaml.",
      valueName: "file"),
    completion: .file())
  var config: String?

  func validate() throws {
    if config?.isEmpty == true { throw ValidationError("--config takes a file, and got nothing") }
  }

  /// Reads the configuration; if it is wrong, all its mistakes are reported, and the program ends.
  ///
  /// - Parameters:
  ///   - needed: Which of the files that it names have to be there.
  ///   - tellsNotes: Whether to report what it allows and what nothing uses: for commands that examine the
  ///     configuration, or begin to use it.
  /// - Returns: What it says.
  /// - Throws: The exit status, where it is wrong.
  func load(
    needing needed: NeededFiles? = .all, tellsNotes: Bool = false
  ) throws -> Configuration {
    switch Configuration.read(path, needing: needed) {
    case .right(let configuration):
      if tellsNotes {
        for note in configuration.notes { Diagnostics.warning(note.description) }
      }
      return configuration
    case .wrong(let mistakes):
      for mistake in mistakes { Diagnostics.error("\(mistake)") }
      throw ExitStatus.configurationWrong.code
    }
  }

  /// Where the configuration is.
  var path: FilePath {
    if let config { return FilePath(config) }
    if let name = unsafe getenv("ZONEBRIDGE_CONFIG"), unsafe name.pointee != 0 {
      return FilePath(unsafe String(cString: name))
    }
    return "/etc/zonebridge/zonebridge.yaml"
  }
}

/// How a diff is shown.
struct OutputOptions: ParsableArguments {
  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Flag(help: "Print one JSON document on standard output.")
  var json = false

  @Option(help: ArgumentHelp("When to use colour.", valueName: "when"))
  var color = Color.auto

  /// Whether a person reads the output, and not a program such as patch.
  var isForTerminal: Bool { usesColor || isatty(STDOUT_FILENO) == 1 }

  /// Colour on a terminal only; an explicit option has precedence over NO_COLOR (no-color.org).
  var usesColor: Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto:
      isatty(STDOUT_FILENO) == 1
        && (unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } != true)
    }
  }
}

extension DiffText {
  init(plan: Plan, applying: String? = nil, _ options: OutputOptions) {
    self.init(
      plan: plan, applying: applying, usesColor: options.usesColor,
      isForTerminal: options.isForTerminal)
  }
}

/// How long a command waits for the lock.
struct WaitingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How long to wait for another pass to end before exiting with 75.", valueName: "seconds"))
  var wait: Int = 30

  var time: Duration { .seconds(wait) }

  func validate() throws {
    if wait < 0 { throw ValidationError("--wait takes a number of seconds, 0 or more") }
  }
}
