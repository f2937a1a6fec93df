import ArgumentParser
import DNSNames
import FileChange
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage

/// `zonebridge check`: the whole chain, link by link.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Go through the whole chain, from the masters to an answer out of named.",
    discussion: """
      Each link is ok, a warning, pending before the first pass, or broken, with what was seen and the cure; \
      what rests on a broken link is not looked at. Nothing is changed; a serial by which a secondary is ahead is remembered, so that the next \
      change goes above it. Run it as the user that passes run as. Exit status: 0 all is ok, \
      1 something is broken, 3 there are warnings or something is pending, 78 the configuration is wrong.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: [.short, .long], help: "Print only what does not hold.")
  var quiet = false

  @Option(
    help: ArgumentHelp("Show only this cluster and its aliases.", valueName: "name"),
    completion: Completions.clusters)
  var cluster: [String] = []

  @Option(
    help: ArgumentHelp("Show only this alias and its cluster.", valueName: "name"),
    completion: Completions.aliases)
  var alias: [String] = []

  func run() async throws {
    let configuration = try configuration()
    let scope = try CheckScope(clusters: cluster, aliases: alias, in: configuration.desired)
    let result = await Diagnosis(
      desired: configuration.desired, configuration: configuration.path, notes: configuration.notes,
      stateDirectory: configuration.stateDirectory, now: Int64(time(nil))
    ).run()
    let links = scope.links(of: result.findings)
    if output.json {
      Diagnostics.output(json: try CheckDocument(links).json)
    } else {
      let text = CheckText(
        links: links, usesColor: output.usesColor, isQuiet: quiet, width: Terminal.width
      ).text
      if !text.isEmpty { Diagnostics.output(text) }
    }
    await remember(result.serialsAhead, in: configuration.stateDirectory)
    throw ExitStatus(links.state).code
  }

  private func configuration() throws -> Configuration {
    switch Configuration.read(common.path) {
    case .right(let configuration): return configuration
    case .wrong(let mistakes):
      if output.json {
        let links = mistakes.map {
          Finding(
            .configuration, "\(common.path)", .broken, $0.cause, remedy: $0.remedySentence)
        }
        Diagnostics.output(json: try CheckDocument(links).json)
      }
      for mistake in mistakes { Diagnostics.error("\(mistake)") }
      throw ExitStatus.configurationWrong.code
    }
  }

  /// For how long a pass is waited for that is under way.
  private static let patience = Duration.seconds(10)

  /// Lets the next change go above the serials of secondaries that are ahead.
  private func remember(_ serials: [ZoneInView: SerialNumber], in directory: FilePath) async {
    guard !serials.isEmpty, (try? directory.stat()) != nil else { return }
    let what = "that a secondary is ahead was not remembered for the next change"
    do {
      let lock = try await PassLock.acquire(in: directory, waiting: Self.patience)
      if try !SeenSerials.note(serials, in: StateDirectory(directory)) {
        Diagnostics.warning("\(what), since there has been no pass yet")
      }
      lock.release()
    } catch {
      Diagnostics.warning("\(what): \(error)")
    }
  }
}

extension ExitStatus {
  fileprivate init(_ state: Finding.State) {
    self =
      switch state {
      case .ok, .skipped: .inSync
      case .warning, .pending: .held
      case .broken: .failed
      }
  }
}
