import Reconcile
import ReconcileModel

/// What is known of an agent, for people.
struct StatusText {
  let report: StatusReport
  var usesColor = false

  init(_ report: StatusReport, usesColor: Bool = false) {
    self.report = report
    self.usesColor = usesColor
  }

  private var status: AgentStatus { report.status }
  private var pass: PassRecord? { status.record?.pass }

  var text: String { lines.map { "\($0)\n" }.joined() }

  private var lines: [String] {
    let parts =
      [[paint(headline, as: report.state.style)] + agent + trouble, problems]
      + (pass.map { pass in
        pass.clusters.map(lines) + [
          pass.aliases.flatMap(lines), pass.zones.map(line),
          pass.files.map { "file \($0.path): \(blocks($0.blocks))" }, debt, notes,
        ]
      } ?? []) + [lastChange]
    return Array(parts.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  /// Why all is not well, without colour: for whoever asks no more than that.
  var reasons: [String] {
    [headline]
      + (status.agent?.configuration.refusal.map { ["the new configuration is refused: \($0)"] }
        ?? [])
      + (pass?.problems.flatMap { plain($0) } ?? [])
  }

  // MARK: The head

  var headline: String {
    let seen = pass.map { "as of \(age($0.time)) ago" } ?? ""
    switch report.state {
    case .inSync: return "in sync, \(seen)"
    case .held:
      return
        "held: \(count(pass?.problems.count, "change waits", "changes wait")) for a decision, \(seen)"
    case .failed:
      let failed = pass?.problems.count { !$0.isHeld }
      return "failed: \(count(failed, "problem", "problems")), \(seen)"
    case .stale: return "stale: the last pass ended \(pass.map { age($0.time) } ?? "") ago"
    case .hung:
      guard let agent = status.agent else { return "hung: an agent runs and does not answer" }
      return "hung: the agent runs and has shown no sign of life for \(age(agent.lastSign))"
    case .unknown: return "unknown: no pass has ended yet"
    }
  }

  private var agent: [String] {
    guard let agent = status.agent else { return report.trouble == nil ? [noAgent] : [] }
    let next =
      agent.passBegan.map { "a pass is under way for \(age($0))" }
      ?? agent.nextPass.map {
        $0 > status.time ? "next pass in \(age(status.time, at: $0))" : "next pass now"
      }
    var lines = [
      "  agent: pid \(agent.pid), version \(status.version), for \(age(agent.started))"
        + (next.map { "; \($0)" } ?? "")
    ]
    lines.append(
      "  configuration: \(agent.configuration.path), as it was \(age(agent.configuration.loaded)) ago"
    )
    if let refusal = agent.configuration.refusal {
      lines.append(paint("  the new configuration is refused: \(refusal)", as: .bad))
    }
    return lines + lastInSync
  }

  private var noAgent: String {
    pass == nil ? "  no agent runs" : "  no agent runs; this is what the last pass left"
  }

  private var trouble: [String] {
    guard let trouble = report.trouble else { return status.agent == nil ? lastInSync : [] }
    let left = pass.map { ["  what follows is what the last pass left, \(age($0.time)) ago"] } ?? []
    return [paint("  \(trouble.reason)", as: .bad), "  \(trouble.remedy)"] + left + lastInSync
  }

  private var lastInSync: [String] {
    guard report.state != .inSync, let record = status.record else { return [] }
    return ["  last in sync: \(record.lastInSync.map(moment) ?? "never")"]
  }

  private var problems: [String] {
    guard let pass else { return [] }
    let lines = pass.problems.flatMap { problem in
      let lines = plain(problem)
      return [paint(lines[0], as: problem.isHeld ? .doubtful : .bad)] + lines.dropFirst()
    }
    guard pass.failure != nil, !pass.clusters.isEmpty else { return lines }
    return lines + [
      "", "The last pass ended before it saw the rest: what follows an earlier one saw.",
    ]
  }

  private func plain(_ problem: ProblemRecord) -> [String] {
    let first = "\(problem.severity): \(problem.subject): \(problem.reason)"
    let lines = first.split(separator: "\n").map(String.init)
    let remedy = problem.remedy.split(separator: "\n").map { "  \($0)" }
    return [lines[0]] + lines.dropFirst().map { "  \($0)" } + remedy
  }

  // MARK: The end

  private var debt: [String] {
    (pass?.reloadDebt ?? []).map { "not seen to have been done by named: \($0)" }
  }

  private var notes: [String] {
    (pass?.notes ?? []).flatMap { note in
      let lines = note.split(separator: "\n")
      return lines.enumerated().map { $0 == 0 ? "note: \($1)" : "  \($1)" }
    }
  }

  private var lastChange: [String] {
    guard let change = status.record?.lastChange else { return [] }
    let end =
      change.isPutBack ? "; put back" : change.isSeenServed ? "; seen served" : ""
    let number = change.number.map { " \($0)" } ?? ""
    return ["last change\(number): \(moment(change.time)), in \(seconds(change.duration))\(end)"]
      + (change.reasons + change.files.map { "changed \($0)" }
      + change.commands.map { "sent \($0)" })
      .flatMap { $0.split(separator: "\n").map { "  \($0)" } }
  }

  // MARK: Words

  enum Style {
    case good, doubtful, bad, plain

    var code: String? {
      switch self {
      case .good: "32"
      case .doubtful: "33"
      case .bad: "31"
      case .plain: nil
      }
    }
  }

  func paint(_ text: String, as style: Style) -> String {
    guard usesColor, let code = style.code else { return text }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }

  func age(_ moment: Int64, at time: Int64? = nil) -> String {
    Age(of: moment, at: time ?? status.time).description
  }

  private func moment(_ time: Int64) -> String {
    "\(age(time)) ago (\(CivilTime(secondsSince1970: time)))"
  }

  private func seconds(_ duration: Double) -> String {
    "\((duration * 1_000).rounded() / 1_000) s"
  }

  private func count(_ number: Int?, _ one: String, _ many: String) -> String {
    number == 1 ? "1 \(one)" : "\(number ?? 0) \(many)"
  }

  private func blocks(_ names: [String]) -> String {
    (names.count == 1 ? "block " : "blocks ") + names.joined(separator: ", ")
  }
}

extension OverallState {
  fileprivate var style: StatusText.Style {
    switch self {
    case .inSync: .good
    case .held, .stale: .doubtful
    case .failed, .hung, .unknown: .bad
    }
  }
}
