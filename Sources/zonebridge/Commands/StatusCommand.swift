import ArgumentParser
import FileChange
import Glibc
import Reconcile
import ReconcileModel
import SystemPackage

/// `zonebridge status`: what was last seen, done and held.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Print what was last seen, done and held, and why.",
    discussion: """
      The running agent answers; without one, status shows the last pass that is recorded in the state directory. It \
      asks neither the masters nor named: diff and check do. Exit status: 0 in sync; 3 something is held, and \
      everything else is well; 1 something failed, or nothing is known: no pass has ended yet, the agent hangs, or no \
      agent is running and the last pass is too old (--max-age).
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "The state directory. The configuration is then not read.",
      valueName: "directory"), completion: .directory)
  var stateDirectory: String?

  @Option(
    help: ArgumentHelp(
      "Without an agent, after how many minutes the last pass counts as stale.",
      valueName: "minutes"))
  var maxAge: Int64 = 60

  @Flag(help: "Keep running, and print the status again whenever it changes.")
  var watch = false

  func validate() throws {
    if watch, output.json { throw ValidationError("--watch and --json exclude each other") }
    // So many minutes are two thousand years.
    guard (1...1_000_000_000).contains(maxAge) else {
      throw ValidationError("--max-age takes a number of minutes, 1 or more")
    }
  }

  func run() async throws {
    let (directory, mistakes) = place()
    for mistake in mistakes { Diagnostics.error("\(mistake)") }
    if watch { try await watch(directory) }
    let report = await Self.report(in: directory, maxAge: maxAge * 60)
    if !mistakes.isEmpty, report.isEmpty { throw ExitStatus.configurationWrong.code }
    if output.json {
      Diagnostics.output(json: try report.json)
    } else {
      Diagnostics.output(text(of: report))
    }
    throw mistakes.isEmpty ? report.state.exitStatus.code : ExitStatus.configurationWrong.code
  }

  private func text(of report: StatusReport) -> [UInt8] {
    Array(
      StatusText(report, usesColor: output.usesColor, width: Terminal.width).text.utf8)
  }

  /// Shows what changes, until it is interrupted.
  private func watch(_ directory: FilePath) async throws -> Never {
    let isTerminal = isatty(STDOUT_FILENO) == 1
    var shown: [UInt8] = []
    while true {
      let text = text(of: await Self.report(in: directory, maxAge: maxAge * 60))
      if text != shown {
        // On a terminal, from the top of a cleared screen; in a file, one after the other (ECMA-48 sections 8.3.21,
        // 8.3.39).
        let lead = isTerminal ? "\u{1b}[H\u{1b}[2J" : shown.isEmpty ? "" : "\n"
        Diagnostics.output(Array(lead.utf8) + text)
        shown = text
      }
      try await Task.sleep(for: .seconds(1))
    }
  }

  /// Where the state is, and what is wrong with the configuration: an agent keeps running with the old one.
  private func place() -> (directory: FilePath, mistakes: [ConfigurationError]) {
    if let stateDirectory { return (FilePath(stateDirectory), []) }
    return switch Configuration.read(common.path, needing: []) {
    case .right(let configuration): (configuration.stateDirectory, [])
    case .wrong(let mistakes): (Configuration.stateDirectory(in: common.path), mistakes)
    }
  }

  /// What the agent says, or what the last pass left.
  static func report(in stateDirectory: FilePath, maxAge: Int64) async -> StatusReport {
    // Where others may write, somebody other than the agent may listen, and the last record may be a fake.
    let state: StateDirectory
    do throws(FileChangeError) {
      let folder = try PrivateFolder.state(at: stateDirectory, for: .onlooker)
      state = folder.map { StateDirectory($0) } ?? StateDirectory(stateDirectory)
    } catch {
      let status = AgentStatus(
        version: Version.current, time: Int64(time(nil)), agent: nil, record: nil)
      return StatusReport(
        status: status, source: .state,
        trouble: .init(reason: error.cause, remedy: error.remedySentence), maxAge: maxAge)
    }
    let socket = UnixSocket.ofAgent(in: stateDirectory)
    var trouble: StatusReport.Trouble?
    switch await AgentClient(socket: socket).ask() {
    case .status(let status): return StatusReport(status: status, source: .agent)
    case .none: break
    case .silent:
      trouble = .init(
        reason: "an agent listens on \(socket), but does not answer",
        remedy:
          "See what it is doing (journalctl -u zonebridge), then: systemctl restart zonebridge",
        isHung: true)
    case .strange(let reason):
      trouble = .init(
        reason: "the running agent has another version: \(reason)",
        remedy: "Restart it: systemctl restart zonebridge")
    case .refused(let code):
      trouble = .init(
        reason: "cannot ask the agent on \(socket): \(code)",
        remedy: "Run this as root, or as the user that zonebridge runs as")
    }
    let record = AgentRecord.read(in: state)
    if record == nil, trouble == nil { trouble = troubleOfRecord(in: state) }
    let status = AgentStatus(
      version: Version.current, time: Int64(time(nil)), agent: nil, record: record)
    return StatusReport(status: status, source: .state, trouble: trouble, maxAge: maxAge)
  }

  /// Why there is no record, unless no pass has ended yet.
  private static func troubleOfRecord(in state: StateDirectory) -> StatusReport.Trouble? {
    do throws(FileChangeError) {
      _ = try AgentRecord.snapshot(in: state)
      return .init(
        reason: "\(state.record) was not written by this version",
        remedy: "The next pass writes it again")
    } catch  where error.isNotFound {
      return nil
    } catch {
      return .init(
        reason: error.cause, remedy: "Run this as root, or as the user that zonebridge runs as")
    }
  }
}
