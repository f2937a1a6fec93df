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
    abstract: "Test every link from the masters to named's answer.",
    discussion: """
      Each link is ok, a warning, broken, or pending before the first pass, with what was seen and the remedy. \
      Whatever depends on a broken link is skipped. Nothing is changed; if a secondary has a higher serial than this \
      host, its serial is remembered, and the next change goes above it. Run it as the user that makes the passes. \
      Exit status: 0 every link is ok, 1 something is broken, 3 there are warnings or something is pending, 78 the \
      configuration is wrong.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: [.short, .long], help: "Print only problems.")
  var quiet = false

  @Option(
    help: ArgumentHelp("Show only this cluster and its aliases.", valueName: "name"),
    completion: Completions.clusters)
  var cluster: [String] = []

  @Option(
    help: ArgumentHelp("Show only this alias and its clusters.", valueName: "name"),
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

  /// How long to wait for a pass under way.
  private static let patience = Duration.seconds(10)

  /// Lets the next change go above the serials of secondaries that are ahead.
  private func remember(_ serials: [ZoneInView: SerialNumber], in directory: FilePath) async {
    guard !serials.isEmpty, (try? directory.stat()) != nil else { return }
    let what = "the higher serial of a secondary could not be remembered for the next change"
    do {
      let lock = try await PassLock.acquire(in: directory, waiting: Self.patience)
      if try !SeenSerials.note(serials, in: StateDirectory(lock.folder)) {
        Diagnostics.warning("\(what): there has been no pass yet")
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
