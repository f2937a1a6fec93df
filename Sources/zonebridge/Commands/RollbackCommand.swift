import ArgumentParser
import FileChange
import Reconcile
import ReconcileModel
import SystemPackage

/// `zonebridge rollback`: puts back what stood before the last changes.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Put back what stood before the last change, or the last changes.",
    discussion: """
      It is a change of its own, which can be put back as well: what somebody has added to the files \
      since stays, and zones get a newer serial. What was put back is held from then on, until it is \
      let through with zonebridge run --once --accept CLUSTER. The diff is shown before anything is \
      changed. Where the configuration is wrong, what the last change was made with is used.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var waiting: WaitingOptions

  @Flag(help: "Print what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "Print the changes that are kept, the last one first.")
  var list = false

  @Option(
    help: ArgumentHelp(
      "Where zonebridge keeps its state, if the configuration does not say so any more.",
      valueName: "directory"))
  var stateDirectory: String?

  @Argument(help: ArgumentHelp("How many changes to put back.", valueName: "number"))
  var number = 1

  func validate() throws {
    if number < 1 { throw ValidationError("rollback \(number): the last change is number 1") }
  }

  func run() async throws {
    let configuration = configuration()
    let directory =
      stateDirectory.map { FilePath($0) } ?? configuration?.stateDirectory
      ?? Configuration.stateDirectory(in: common.path)
    // What was changed, and with what, is read out of there before the pass has the lock.
    if let objection = PrivateFolder.objection(
      to: directory, for: dryRun || list ? .preview : .pass)
    {
      throw Self.failed("\(objection)")
    }
    let entries = ChangeHistory(in: directory).entries
    if list {
      for (index, entry) in entries.enumerated() {
        Diagnostics.output(
          "\(index + 1)\t\(CivilTime(secondsSince1970: entry.time))\t\(entry.title)")
      }
      throw ExitStatus.inSync.code
    }
    guard entries.count >= number else {
      throw Self.failed(
        entries.isEmpty
          ? "there is no change in \(StateDirectory(directory).history) to be put back"
          : "only the last \(entries.count) changes are kept; see zonebridge rollback --list")
    }
    let changes = Array(entries.prefix(number))
    guard let desired = configuration?.desired ?? changes[0].desired else {
      throw Self.failed("change \(changes[0].number) does not tell where named's files are")
    }
    let pass = OnePass(
      .rollback(changes), desired: desired, stateDirectory: directory, output: output,
      showsDiff: true)
    throw dryRun ? await pass.preview().code : await pass.run(waiting: waiting.time).code
  }

  /// The configuration; nil, with a warning, where it is wrong.
  private func configuration() -> Configuration? {
    do throws(ConfigurationError) {
      return try Configuration.load(common.path)
    } catch {
      Diagnostics.warning("\(error)")
      return nil
    }
  }

  private static func failed(_ reason: String) -> ExitCode {
    Diagnostics.error(reason)
    return ExitStatus.failed.code
  }
}
