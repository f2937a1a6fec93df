import ArgumentParser

/// `zonebridge diff`: what a pass would change.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Print what one pass would change, and change nothing.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let pass = OnePass(.reconcile(), of: try common.load(), output: output)
    throw await pass.preview().code
  }
}
