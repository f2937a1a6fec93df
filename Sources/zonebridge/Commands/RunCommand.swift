import ArgumentParser

/// `zonebridge run`: passes until told to stop, or one with `--once`.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Poll the clusters and keep named in step with them.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Make one pass and exit.")
  var once = false

  @Flag(help: "Print what one pass would change, and change nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp("Accept what is held for this cluster, once.", valueName: "cluster"),
    completion: Completions.clusters)
  var accept: [String] = []

  @Flag(name: .shortAndLong, help: "Report how long each step of a pass takes.")
  var verbose = false

  @OptionGroup var waiting: WaitingOptions
  @OptionGroup var log: LogFormat.Options

  /// How diagnostics are written: what cron's pass prints is mailed to a person.
  var logFormat: LogFormat { log.format ?? .suitable(isForPeople: once || dryRun) }

  func validate() throws {
    if !accept.isEmpty, !once, !dryRun {
      throw ValidationError("--accept accepts a change once: use it with --once")
    }
    if output.json, !once, !dryRun {
      throw ValidationError("--json is for --once and --dry-run")
    }
  }

  func run() async throws {
    let configuration = try common.load(tellsNotes: true)
    let accepted = try await AcceptedClusters(accept, in: configuration)
    var pass = OnePass(
      .reconcile(accepted: accepted.names), of: configuration, output: output)
    pass.logsChanges = logFormat != .text
    pass.isVerbose = verbose
    if dryRun { throw await pass.preview().code }
    if once { throw await pass.run(waiting: waiting.time).code }
    throw try await Daemon(configuration: configuration, isVerbose: verbose).run().code
  }
}
