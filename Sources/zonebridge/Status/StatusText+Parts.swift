import Reconcile
import ReconcileModel

// Clusters, aliases and zones.
extension StatusText {
  // MARK: Clusters

  func lines(_ cluster: ClusterRecord) -> [TerminalText] {
    let agreed = cluster.agreedAt.map { ", \(age($0)) ago" } ?? ""
    let (words, style): (TerminalText, Style) =
      switch cluster.state {
      case .agreed: ("its masters agree\(agreed)", .good)
      case .fixed: ("as the configuration says", .good)
      case .doubted: ("its masters agree on something that is not believed yet", .doubtful)
      case .unknown: ("its masters do not agree", .bad)
      }
    var lines: [TerminalText] = ["cluster \(cluster.name): \(paint(words, as: style))"]
    lines.append("  ID: \(cluster.id ?? "not known")")
    if let written = cluster.written, written != cluster.id {
      lines.append(paint("  ID in BIND's files: \(written)", as: .doubtful))
    }
    lines.append("  masters: \(list(cluster.masters))")
    if cluster.state != .agreed, cluster.state != .fixed, let agreed = cluster.agreedAt {
      lines.append("  last agreement: \(age(agreed)) ago")
    }
    if let pending = cluster.pending {
      let id = pending.id == cluster.id ? "the same ID" : "ID \(pending.id)"
      lines.append(
        paint("  for \(age(pending.since)): \(id), masters \(list(pending.masters))", as: .doubtful)
      )
    }
    switch cluster.isForwarded {
    case true?: lines.append("  forward zone: \(paint("served", as: .good))")
    case false?: lines.append("  forward zone: \(paint("not served", as: .bad))")
    case nil: break
    }
    return lines + cluster.reports.map { "  \($0.master): \(saying($0, in: cluster))" }
  }

  private func saying(_ report: MasterRecord, in cluster: ClusterRecord) -> TerminalText {
    var words: [String] = []
    if let id = report.id { words.append(id == cluster.id ? "the ID" : "ID \(id)") }
    if let masters = report.masters {
      let source = report.source.map { " by \($0)" } ?? ""
      let isSame = Set(masters) == Set(cluster.masters)
      words.append((isSame ? "the masters" : "masters \(list(masters))") + source)
    }
    let said: TerminalText? = words.isEmpty ? nil : "says \(words.joined(separator: " and "))"
    let isOther = report.id.map { $0 != cluster.id } ?? false
    return [
      said.map { paint($0, as: isOther ? .doubtful : .plain) },
      report.isUp ? nil : paint("\(report.problems.joined(separator: "; "))", as: .bad),
    ].compactMap(\.self).joined(separator: "; ")
  }

  private func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.joined(separator: ", ")
  }

  // MARK: Aliases and zones

  func lines(_ alias: AliasRecord) -> [TerminalText] {
    let (word, style): (TerminalText, Style) =
      switch alias.state {
      case .served: ("served", .good)
      case .notServed: ("not served", .bad)
      case .unseen: ("written, and not seen from here", .plain)
      case .absent: ("not written", .bad)
      }
    let target = alias.target.map { " to \($0)" } ?? ""
    let reason: [TerminalText] =
      isTold(alias) ? [] : (alias.reason ?? "").terminalLines.map { "  \($0)" }
    return ["alias \(alias.name)\(view(alias.view))\(target): \(paint(word, as: style))"] + reason
  }

  /// Whether the chain of an alias, or a problem, has told the same reason further up.
  private func isTold(_ alias: AliasRecord) -> Bool {
    guard let reason = alias.reason, let pass = status.record?.pass else { return false }
    return (pass.chains ?? []).contains { $0.alias == alias.name && $0.reason == reason }
      || pass.problems.contains { $0.subject == "alias \(alias.name)" && $0.reason == reason }
  }

  func line(_ zone: ZoneSerials) -> TerminalText {
    let written: TerminalText? =
      if zone.isDynamic {
        "dynamic"
      } else if let serial = zone.serial {
        "serial \(serial)\(zone.file.map { " in \($0)" } ?? "")"
      } else {
        zone.file.map { "\($0)" }
      }
    let served: TerminalText =
      zone.servedSerial.map { "serial \($0) served" } ?? "not seen served"
    let words = [written, paint(served, as: zone.isBehind == true ? .doubtful : .plain)]
    return
      "zone \(zone.name)\(view(zone.view)): \(words.compactMap(\.self).joined(separator: ", "))"
  }

  func view(_ name: String?) -> String { name.map { " in view \($0)" } ?? "" }
}
