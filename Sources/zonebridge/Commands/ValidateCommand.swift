import ArgumentParser

/// `zonebridge validate`: the configuration alone.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check the configuration alone, offline, and report all mistakes at once.",
    discussion: """
      The command asks neither the masters nor named, takes no lock, and changes nothing. Use it before systemctl \
      reload, and with --no-files in CI and pre-commit hooks. Exit status: 0 the configuration is right, 78 it is \
      wrong.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(
    help:
      "Ignore whether the files and the user that the configuration names exist: it is for another host."
  )
  var noFiles = false

  func run() throws {
    let configuration = try common.load(needing: noFiles ? nil : .all, tellsNotes: true)
    Diagnostics.output("\(configuration.path): \(configuration.summary)")
  }
}
