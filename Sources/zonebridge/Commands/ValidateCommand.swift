import ArgumentParser

/// `zonebridge validate`: the configuration alone.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check the configuration alone: all mistakes at once, offline.",
    discussion: """
      Neither the masters nor named are asked, no lock is taken, and nothing is changed: for \
      systemctl reload, CI and pre-commit hooks. Exit status: 0 the configuration is right, 78 it is \
      wrong.
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let configuration = try common.load()
    Diagnostics.output("\(configuration.path): \(configuration.summary)")
  }
}
