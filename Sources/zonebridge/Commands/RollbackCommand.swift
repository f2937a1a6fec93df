import ArgumentParser
import FileChange
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage

/// `zonebridge rollback`: reverts the last change, a certain one, or the last ones.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Revert the last change, the one with an ID, or the last changes.",
    discussion: """
      The log, status and --list show the ID of each change. Reverting is a change of its own, which you can revert as \
      well: what somebody has added to the files since stays, and zones get a newer serial. A reverted change is held \
      until you accept it with zonebridge run --once --accept CLUSTER. The command prints the diff before it changes \
      anything. If the configuration is wrong, it uses the settings with which the change was made.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var waiting: WaitingOptions

  @Flag(help: "Print what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "List the changes that are kept, the last one first, with their IDs.")
  var list = false

  @Option(help: ArgumentHelp("Revert this many of the last changes.", valueName: "number"))
  var last: Int?

  @Flag(help: "Do not ask before reverting more than one change.")
  var yes = false

  @Option(
    help: ArgumentHelp(
      "The state directory, if the configuration no longer names it.",
      valueName: "directory"), completion: .directory)
  var stateDirectory: String?

  @Argument(
    help: ArgumentHelp("The ID of the change; the last one if none is given."),
    completion: Completions.changes)
  var change: Int?

  func validate() throws {
    if let change, change < 1 {
      throw ValidationError("rollback \(change): IDs begin at 1; see zonebridge rollback --list")
    }
    if let last, last < 1 { throw ValidationError("--last takes a number of changes, 1 or more") }
    if change != nil, last != nil {
      throw ValidationError("--last and a change's ID exclude each other")
    }
  }

  func run() async throws {
    let configuration = configuration()
    let directory =
      stateDirectory.map { FilePath($0) } ?? configuration?.stateDirectory
      ?? Configuration.stateDirectory(in: common.path)
    // The history, and the settings of its changes, are read before the pass takes the lock.
    let state: StateDirectory
    do throws(FileChangeError) {
      let folder = try PrivateFolder.state(at: directory, for: dryRun || list ? .preview : .pass)
      state = folder.map { StateDirectory($0) } ?? StateDirectory(directory)
    } catch {
      throw Self.failed("\(error)")
    }
    let entries: [HistoryEntry]
    do throws(PassError) {
      entries = try ChangeHistory(in: state).list()
    } catch {
      throw Self.failed("\(error)")
    }
    if list {
      for entry in entries { Diagnostics.output(entry.listing) }
      throw ExitStatus.inSync.code
    }
    let changes = try chosen(from: entries, in: state)
    guard let desired = configuration?.desired ?? changes[0].desired else {
      throw Self.failed("change \(changes[0].number) does not say where named's files are")
    }
    let pass = OnePass(
      .rollback(changes), desired: desired, stateDirectory: directory, output: output,
      showsDiff: true)
    if dryRun { throw await pass.preview().code }
    guard isWanted(changes) else { throw Self.failed("nothing was changed") }
    throw await pass.run(waiting: waiting.time).code
  }

  /// The changes to be reverted, the last one first: at least one.
  private func chosen(
    from entries: [HistoryEntry], in directory: StateDirectory
  ) throws -> [HistoryEntry] {
    guard !entries.isEmpty else {
      throw Self.failed("there is no change in \(directory.history) to be reverted")
    }
    if let change {
      guard let entry = entries.first(where: { $0.number == change }) else {
        let known = entries.map { "\($0.number)" }.joined(separator: ", ")
        throw ValidationError(
          "rollback \(change): no change with this ID is kept. Known are: \(known)")
      }
      return [entry]
    }
    let number = last ?? 1
    guard entries.count >= number else {
      throw Self.failed(
        "\(entries.count == 1 ? "only 1 change is" : "only the last \(entries.count) changes are") kept; see zonebridge rollback --list"
      )
    }
    return Array(entries.prefix(number))
  }

  /// Asks before more than one change is reverted, if somebody is at a terminal.
  private func isWanted(_ changes: [HistoryEntry]) -> Bool {
    guard changes.count > 1, !yes, isatty(STDIN_FILENO) == 1 else { return true }
    let listing = changes.map(\.listing.text).joined(separator: "\n")
    let question = "\(listing)\nRevert these \(changes.count) changes? [y/N] "
    _ = try? FileDescriptor.standardError.writeAll(Array(question.utf8))
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  /// The configuration; nil, with a warning, where it is wrong.
  private func configuration() -> Configuration? {
    do throws(ConfigurationError) {
      return try Configuration.read(common.path, needing: .named).get()
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

extension HistoryEntry {
  /// Its line in a list of changes: the ID, when it was made, what was changed.
  fileprivate var listing: TerminalText {
    "\(number)\t\(CivilTime(secondsSince1970: time))\t\(title)"
  }
}
