import FileChange
import Named
import ReconcileModel
import SystemPackage

/// Whether BIND's programs are installed, have the running named's version, and accept the current files.
struct ToolCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    get async { await findings() }
  }

  private func findings() async -> [Finding] {
    let tools: NamedTools
    switch facts.tools {
    case .failure(let missing):
      return [Finding(.checkers, missing.name, .broken, missing)]
    case .success(let found): tools = found
    }
    var running: BINDVersion?
    if case .success(let status)? = facts.named {
      running = status.version.flatMap(BINDVersion.init)
    }
    var links: [Finding] = []
    for tool in tools.programs {
      links.append(Self.version(of: tool, await Self.version(of: tool), running))
    }
    links.append(await tree(tools))
    return links
  }

  private static func version(of tool: FilePath) async -> Result<BINDVersion?, ToolError> {
    do {
      return .success(try await BINDVersion.of(tool))
    } catch {
      return .failure(error)
    }
  }

  static func version(
    of tool: FilePath, _ own: Result<BINDVersion?, ToolError>, _ running: BINDVersion?
  ) -> Finding {
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> Finding {
      Finding(.checkers, "\(tool)", state, finding, remedy: remedy)
    }
    switch own {
    case .failure(let failure):
      return link(
        .broken, "\(failure)",
        "zonebridge changes nothing without it: install BIND's programs again")
    case .success(nil): return link(.warning, "it does not report its version")
    case .success(let own?):
      guard let running else { return link(.ok, "version \(own)") }
      if running == own { return link(.ok, "version \(own), as the running named's") }
      return link(
        .warning,
        "version \(own), and the running named is \(running): what one accepts the other may refuse",
        "Restart named if it was upgraded, or name the folder with programs of its version as bind.tools"
      )
    }
  }

  /// named-checkconf on the current files.
  private func tree(_ tools: NamedTools) async -> Finding {
    let bind = facts.desired.bind
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> Finding {
      Finding(.checkers, "\(bind.namedConf)", state, finding, remedy: remedy)
    }
    guard let actual = facts.actual else {
      return link(.skipped, "skipped: zonebridge cannot read its files itself")
    }
    do {
      // A copy of what was read for named's user: the checker has our rights, and quotes what it reads.
      let validator = CandidateValidator(tools: tools, scratch: nil)
      guard let objections = try await validator.objections(to: actual.tree) else {
        return link(.ok, "named-checkconf accepts it, with all that it includes")
      }
      return link(
        .broken, "named-checkconf refuses it: \(objections.joined(separator: "; "))",
        "Fix it: named would not start with it, and zonebridge changes nothing until then")
    } catch {
      return link(.broken, "\(error)")
    }
  }
}
