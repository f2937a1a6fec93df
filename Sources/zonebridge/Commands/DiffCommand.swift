import ArgumentParser

/// `zonebridge diff`: what a pass would change.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Print what one pass would change, and change nothing.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Also print what is held for this cluster, as if you had accepted it.", valueName: "cluster"),
    completion: Completions.clusters)
  var accept: [String] = []

  func run() async throws {
    let configuration = try common.load()
    let accepted = try await AcceptedClusters(accept, in: configuration)
    let pass = OnePass(
      .reconcile(accepted: accepted.names), of: configuration, output: output)
    throw await pass.preview().code
  }
}
