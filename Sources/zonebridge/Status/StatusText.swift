import Reconcile
import ReconcileModel

/// What is known of an agent, for people.
struct StatusText {
  let report: StatusReport
  var usesColor = false
  /// The width of a line in characters; nil for no limit.
  var width: Int?

  init(_ report: StatusReport, usesColor: Bool = false, width: Int? = nil) {
    self.report = report
    self.usesColor = usesColor
    self.width = width
  }

  var status: AgentStatus { report.status }
  private var pass: PassRecord? { status.record?.pass }

  /// Printable, but for the colours.
  var text: String {
    lines.flatMap { line in width.map { line.wrapped(to: $0) } ?? [line] }.map { $0.text + "\n" }
      .joined()
  }

  private var lines: [TerminalText] {
    let parts =
      [
        [paint(headline, as: report.state.style)] + mastersDown + renewals + agent + trouble,
        chains,
        problems,
      ]
      + (pass.map { pass in
        pass.clusters.map(lines) + [
          pass.aliases.flatMap(lines), (pass.failovers ?? []).flatMap(lines), pass.zones.map(line),
          pass.files.map { "file \($0.path): \(blocks($0.blocks))" }, debt, notes,
        ]
      } ?? []) + [lastChange]
    return Array(parts.filter { !$0.isEmpty }.joined(separator: [""]))
  }

  /// Why all is not well, without colour: for a caller that needs no more.
  var reasons: [String] {
    ([headline] + refusal + (pass?.problems.flatMap { plain($0) } ?? [])).map(\.text)
  }

  // MARK: The head

  var headline: TerminalText {
    let seen = pass.map { "as of \(age($0.time)) ago" } ?? ""
    switch report.state {
    case .inSync: return "in sync\(downMasters), \(seen)\(unseenChains)"
    case .held:
      return
        "held: \(count(pass?.problems.count, "change waits", "changes wait")) for a decision, \(seen)"
    case .failed:
      let failed = pass?.problems.count { !$0.isHeld }
      return "failed: \(count(failed, "problem", "problems")), \(seen)"
    case .stale: return "stale: the last pass ended \(pass.map { age($0.time) } ?? "") ago"
    case .hung:
      guard let agent = status.agent else {
        return "hung: an agent is running, but does not answer"
      }
      return "hung: the agent is running, but has shown no sign of life for \(age(agent.lastSign))"
    case .unknown: return "unknown: no pass has ended yet"
    }
  }

  /// In sync, although not every chain can be seen.
  private var unseenChains: TerminalText {
    let chains = pass?.chains ?? []
    let unseen = chains.count { $0.state == .unknown }
    if unseen == 0 { return "" }
    return "; \(unseen) of \(count(chains.count, "chain", "chains")) cannot be seen from here"
  }

  /// Masters that do not answer are no problem as long as the others agree; an operator should know all the same.
  private var downMasters: TerminalText {
    let clusters = (pass?.clusters ?? []).filter { $0.upMasters < $0.askedMasters }
    guard !clusters.isEmpty else { return "" }
    let asked = clusters.reduce(0) { $0 + $1.askedMasters }
    let down = asked - clusters.reduce(0) { $0 + $1.upMasters }
    return ", \(down) of \(asked) masters down"
  }

  /// Which masters do not answer while all else is well, and what to do about it.
  private var mastersDown: [TerminalText] {
    guard report.state == .inSync else { return [] }
    return (pass?.clusters ?? []).flatMap { cluster -> [TerminalText] in
      let down = cluster.reports.filter { $0.isListedOnly != true && !$0.isUp }
      guard !down.isEmpty else { return [] }
      return down.map { "  \($0.master): \($0.problems.joined(separator: "; "))" }
        + ["  the others agree without it; what helps: zonebridge check --cluster \(cluster.name)"]
    }
  }

  /// Tokens that were not renewed: nothing fails before they expire.
  private var renewals: [TerminalText] {
    (pass?.clusters ?? []).flatMap { cluster -> [TerminalText] in
      guard let reason = cluster.refusedRenewal else { return [] }
      return Self.paragraph(
        "the token of \(cluster.name) was not renewed, and is used until it ends: \(reason)"
      ).map { paint("  \($0)", as: .doubtful) }
    }
  }

  private var chains: [TerminalText] { (pass?.chains ?? []).flatMap(lines) }

  private var agent: [TerminalText] {
    guard let agent = status.agent else { return report.trouble == nil ? [noAgent] : [] }
    let next =
      agent.passBegan.map { "a pass is under way for \(age($0))" }
      ?? agent.nextPass.map {
        $0 > status.time ? "next pass in \(age(status.time, at: $0))" : "next pass now"
      }
    var lines: [TerminalText] = [
      "  agent: pid \(agent.pid), version \(status.version), for \(age(agent.started))"
        + (next.map { "; \($0)" } ?? "")
    ]
    lines.append(
      "  configuration: \(agent.configuration.path), read \(age(agent.configuration.loaded)) ago"
    )
    return lines + refusal.map { paint("  \($0)", as: .bad) } + afterRefusal + lastInSync
  }

  private var refusal: [TerminalText] {
    let reason = status.agent?.configuration.refusal
    return Self.paragraph(reason.map { "the new configuration is refused: \($0)" } ?? "")
  }

  private var afterRefusal: [TerminalText] {
    guard status.agent?.configuration.refusal != nil else { return [] }
    return ["  the agent keeps the old one; fix the new one, then: systemctl reload zonebridge"]
  }

  private var noAgent: TerminalText {
    pass == nil ? "  no agent is running" : "  no agent is running; showing the last recorded pass"
  }

  private var trouble: [TerminalText] {
    guard let trouble = report.trouble else { return status.agent == nil ? lastInSync : [] }
    let left: [TerminalText] =
      pass.map { ["  the rest is from the last recorded pass, \(age($0.time)) ago"] } ?? []
    return Self.paragraph(trouble.reason).map { paint("  \($0)", as: .bad) }
      + Self.paragraph(trouble.remedy).map { "  \($0)" } + left + lastInSync
  }

  private var lastInSync: [TerminalText] {
    guard report.state != .inSync, let record = status.record else { return [] }
    return ["  last in sync: \(record.lastInSync.map(moment) ?? "never")"]
  }

  private var problems: [TerminalText] {
    guard let pass else { return [] }
    let lines = pass.problems.flatMap { problem -> [TerminalText] in
      let lines = plain(problem)
      return [paint(lines[0], as: problem.isHeld ? .doubtful : .bad)] + lines.dropFirst()
    }
    guard pass.failure != nil, !pass.clusters.isEmpty else { return lines }
    return lines + [
      "", "The last pass ended early; the rest is what an earlier one saw.",
    ]
  }

  private func plain(_ problem: ProblemRecord) -> [TerminalText] {
    Self.paragraph("\(problem.severity): \(problem.subject): \(problem.reason)")
      + problem.remedy.terminalLines.map { "  \($0)" }
  }

  // MARK: The end

  private var debt: [TerminalText] {
    (pass?.reloadDebt ?? []).map { "not seen done by named yet: \($0)" }
  }

  private var notes: [TerminalText] {
    (pass?.notes ?? []).flatMap { Self.paragraph("note: \($0)") }
  }

  private var lastChange: [TerminalText] {
    guard let change = status.record?.lastChange else { return [] }
    let end =
      change.isPutBack ? "; reverted" : change.isSeenServed ? "; seen served" : ""
    let number = change.number.map { " \($0)" } ?? ""
    let title: TerminalText =
      "last change\(number): \(moment(change.time)), in \(seconds(change.duration))\(end)"
    return [title]
      + (change.reasons + change.files.map { "changed \($0)" }
      + change.commands.map { "sent \($0)" })
      .flatMap(\.terminalLines).map { "  \($0)" }
  }

  // MARK: Words

  /// The lines of a text, those after the first one indented.
  private static func paragraph(_ text: String) -> [TerminalText] {
    text.terminalLines.enumerated().map { $0 == 0 ? $1 : "  \($1)" }
  }

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

  func paint(_ text: TerminalText, as style: Style) -> TerminalText {
    guard usesColor, let code = style.code else { return text }
    return text.styled(code)
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
