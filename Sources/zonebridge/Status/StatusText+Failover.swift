import Reconcile
import ReconcileModel

// Aliases that follow the health of their clusters.
extension StatusText {
  /// Where it leads, and a line for each of its clusters.
  func lines(_ failover: FailoverRecord) -> [TerminalText] {
    [title(of: failover)] + failover.clusters.flatMap { line($0, of: failover) }
      + choice(of: failover)
  }

  private func title(of failover: FailoverRecord) -> TerminalText {
    guard let cluster = failover.cluster else {
      return "\(failover.alias)  \(paint("leads to none of its clusters", as: .bad))"
    }
    let since: TerminalText = "for \(age(failover.since))"
    let reason: TerminalText = failover.reason.map { ": \($0)" } ?? ""
    guard !failover.isOnFirstChoice, let first = failover.clusters.first?.name else {
      return "\(failover.alias)  leads to \(cluster) \(since)\(reason)"
    }
    return
      "\(failover.alias)  \(paint("leads to \(cluster)", as: .doubtful)), not to \(first), \(since)\(reason)"
  }

  private func line(
    _ candidate: FailoverRecord.Candidate, of failover: FailoverRecord
  ) -> [TerminalText] {
    let (word, style): (TerminalText, Style) =
      switch candidate.health {
      case .healthy: ("healthy", .good)
      case .ill: ("ill", .bad)
      case .unknown: ("not known", .plain)
      }
    let since: TerminalText = candidate.since.map { " for \(age($0))" } ?? ""
    let reason = (candidate.reason ?? "").terminalLines
    let held: TerminalText =
      failover.held == candidate.name ? "; held, since the alias has moved within the hour" : ""
    let line: TerminalText = "  \(candidate.name) \(paint(word, as: style))\(since)\(held)"
    guard let first = reason.first else { return [line] }
    return ["\(line): \(first)"] + reason.dropFirst().map { "    \($0)" }
  }

  private func choice(of failover: FailoverRecord) -> [TerminalText] {
    guard let choice = failover.choice else { return [] }
    let end: TerminalText =
      choice.until.map { "until \(CivilTime(secondsSince1970: $0))" } ?? "until you end it"
    return [
      "  an operator chose \(choice.cluster), \(end): zonebridge switch \(failover.alias) --auto ends that"
    ]
  }
}
