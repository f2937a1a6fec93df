import ArgumentParser
import FileChange
import Glibc
import Reconcile
import SystemPackage

/// `zonebridge status`: what was last seen, done and held.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Print what was last seen, done and held, and why.",
    discussion: """
      The agent that runs is asked; where none does, it is what the last pass left in the state \
      directory. Nothing is looked at anew: for that there is zonebridge diff. Exit status: 0 in sync; \
      3 held, and all else is well; 1 failed, or nobody knows: no pass has ended yet, the agent hangs, or \
      none runs and the last pass ended too long ago (--max-age).
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Where zonebridge keeps its state; the configuration is not read then.",
      valueName: "directory"))
  var stateDirectory: String?

  @Option(
    help: ArgumentHelp(
      "Where no agent runs, after how many minutes what the last pass left says nothing any more.",
      valueName: "minutes"))
  var maxAge: Int64 = 60

  func validate() throws {
    // So many minutes are two thousand years.
    guard (1...1_000_000_000).contains(maxAge) else {
      throw ValidationError("--max-age takes a number of minutes, 1 or more")
    }
  }

  func run() async throws {
    let report = await Self.report(in: try directory(), maxAge: maxAge * 60)
    if output.json {
      Diagnostics.output(json: try report.json)
    } else {
      Diagnostics.output(Array(StatusText(report, usesColor: output.usesColor).text.utf8))
    }
    throw report.state.exitStatus.code
  }

  private func directory() throws -> FilePath {
    if let stateDirectory { return FilePath(stateDirectory) }
    do throws(ConfigurationError) {
      return try Configuration.load(common.path).stateDirectory
    } catch {
      Diagnostics.error("\(error)")
      throw ExitStatus.configurationWrong.code
    }
  }

  /// What the agent says, or what the last pass left.
  static func report(in stateDirectory: FilePath, maxAge: Int64) async -> StatusReport {
    let socket = UnixSocket.ofAgent(in: stateDirectory)
    var trouble: StatusReport.Trouble?
    switch await AgentClient(socket: socket).ask() {
    case .status(let status): return StatusReport(status: status, source: .agent)
    case .none: break
    case .silent:
      trouble = .init(
        reason: "an agent listens on \(socket), and does not answer",
        remedy: "See what it does (journalctl -u zonebridge), and start it anew", isHung: true)
    case .strange(let reason):
      trouble = .init(
        reason: "the agent that runs is of another version: \(reason)",
        remedy: "Start it anew, so that it is of this one")
    case .refused(let code):
      trouble = .init(
        reason: "cannot ask the agent on \(socket): \(code)",
        remedy: "Run this as root, or as the user that zonebridge runs as")
    }
    let record = AgentRecord.read(in: stateDirectory)
    if record == nil, trouble == nil { trouble = troubleOfRecord(in: stateDirectory) }
    let status = AgentStatus(
      version: Version.current, time: Int64(time(nil)), agent: nil, record: record)
    return StatusReport(status: status, source: .state, trouble: trouble, maxAge: maxAge)
  }

  /// Why there is no record, unless no pass has ended yet.
  private static func troubleOfRecord(in stateDirectory: FilePath) -> StatusReport.Trouble? {
    let file = StateDirectory(stateDirectory).record
    do throws(FileChangeError) {
      _ = try FileSnapshot.read(file)
      return .init(
        reason: "\(file) is not what this version writes",
        remedy: "The next pass writes it anew")
    } catch  where error.isNotFound {
      return nil
    } catch {
      return .init(
        reason: error.cause, remedy: "Run this as root, or as the user that zonebridge runs as")
    }
  }
}
