import ArgumentParser
import ReconcileModel

/// `zonebridge adopt`: turns what somebody wrote by hand after the documentation into managed blocks.
struct AdoptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract: "Take over forward zones and DNAMEs that somebody wrote by hand.",
    discussion: """
      The DC/OS documentation has such a recipe. A cluster's forward zone in named.conf, and the DNAME records of its \
      aliases in the zone files, become managed blocks in their place, with what a pass would write. Comments in a \
      statement stay, before the block. The command prints the diff before it changes anything.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var waiting: WaitingOptions

  @Flag(help: "Print what would change, and change nothing.")
  var dryRun = false

  @Argument(
    help: ArgumentHelp(
      "The clusters; without any, all clusters of the configuration.", valueName: "cluster"),
    completion: Completions.clusters)
  var clusters: [String] = []

  func run() async throws {
    let configuration = try common.load()
    let known = configuration.desired.clusters.map(\.name)
    if let name = clusters.first(where: { !known.contains($0) }) {
      throw ValidationError(
        "adopt \(name): the configuration has no such cluster. "
          + (NearestWord(known: known).suggestion(for: name).map { "Did you mean \($0)?" }
            ?? "The clusters are: \(known.joined(separator: ", "))"))
    }
    let pass = OnePass(
      .reconcile(.adoption(of: Set(clusters.isEmpty ? known : clusters))), of: configuration,
      output: output, showsDiff: true)
    throw dryRun ? await pass.preview().code : await pass.run(waiting: waiting.time).code
  }
}
