import ArgumentParser
import Glibc
import Reconcile
import ReconcileModel

/// `zonebridge check`: the whole chain, link by link.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Go through the whole chain, from the masters to an answer out of named.",
    discussion: """
      Each link is ok, a warning or broken, with what was seen and the cure; what rests on a broken link is \
      not looked at. Nothing is changed. Run it as the user that passes run as. Exit status: 0 all is ok, \
      1 something is broken, 3 there are warnings, 78 the configuration is wrong.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try Configuration.load(common.path)
    } catch {
      if output.json {
        let link = Finding(
          .configuration, "\(common.path)", .broken, error.cause, remedy: error.remedySentence)
        Diagnostics.output(json: try CheckDocument([link]).json)
      }
      Diagnostics.error("\(error)")
      throw ExitStatus.configurationWrong.code
    }
    let links = await Diagnosis(
      desired: configuration.desired, configuration: configuration.path, notes: configuration.notes,
      stateDirectory: configuration.stateDirectory, now: Int64(time(nil))
    ).run()
    if output.json {
      Diagnostics.output(json: try CheckDocument(links).json)
    } else {
      Diagnostics.output(CheckText(links: links, usesColor: output.usesColor).text)
    }
    throw ExitStatus(links.state).code
  }
}

extension ExitStatus {
  fileprivate init(_ state: Finding.State) {
    self =
      switch state {
      case .ok, .skipped: .inSync
      case .warning: .held
      case .broken: .failed
      }
  }
}
