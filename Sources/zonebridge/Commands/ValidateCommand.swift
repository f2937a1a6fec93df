import ArgumentParser

/// `zonebridge validate`: the configuration alone.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check the configuration alone: all mistakes at once, offline.",
    discussion: """
      Neither the masters nor named are asked, no lock is taken, and nothing is changed: for \
      systemctl reload, and with --no-files for CI and pre-commit hooks. Exit status: 0 the \
      configuration is right, 78 it is wrong.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(
    help:
      "The configuration is for another host: do not look for the files and the user that it names."
  )
  var noFiles = false

  func run() throws {
    let configuration = try common.load(needing: noFiles ? nil : .all, tellsNotes: true)
    Diagnostics.output("\(configuration.path): \(configuration.summary)")
  }
}
