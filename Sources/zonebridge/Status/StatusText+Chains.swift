import Reconcile
import ReconcileModel

// Chains.
extension StatusText {
  /// A chain in one line, and below it each link that does not hold, with the remedy.
  func lines(_ chain: ChainRecord) -> [TerminalText] {
    let parts =
      [masters(of: chain), id(of: chain)].compactMap(\.self)
      + links(of: chain).map { mark($0, of: chain) }
    let row = parts.joined(separator: " \u{2500} ")
    let line: TerminalText = "\(chain.alias)\(view(chain.view))  \(row)"
    guard chain.state != .holds else {
      // Where something else is wrong, the first question is what clients see of it.
      return [.held, .failed].contains(report.state)
        ? [line, "  clients get their answers"] : [line]
    }
    return [line, "  \(state(of: chain))"] + next(for: chain)
      + chain.links.filter { $0.state != .holds }.flatMap(lines)
  }

  private func state(of chain: ChainRecord) -> TerminalText {
    let (word, style): (TerminalText, Style) =
      chain.state == .broken ? ("broken", .bad) : ("not known", .plain)
    let held = chain.lastHeld.map { ", last held \(age($0)) ago" } ?? ""
    guard chain.state == .broken else { return "\(paint(word, as: style))\(held)" }
    let gets =
      chain.clientsGet.map { "clients get \($0)" } ?? "clients get no answer of the cluster"
    let since =
      chain.brokenSince.map { ", seen since \(CivilTime(secondsSince1970: $0)) (\(age($0)))" } ?? ""
    return "\(paint("\(word): \(gets)", as: style))\(since)\(held)"
  }

  /// The command that tests every link, if a client gets no answer.
  private func next(for chain: ChainRecord) -> [TerminalText] {
    chain.state == .broken
      ? ["  every link of it, and what helps: zonebridge check --alias \(chain.alias)"] : []
  }

  private func lines(_ link: ChainRecord.Link) -> [TerminalText] {
    let reason = (link.reason ?? "").terminalLines
    let title = title(of: link)
    return [reason.first.map { "  \(title): \($0)" } ?? "  \(title)"]
      + (reason.dropFirst() + (link.remedy ?? "").terminalLines).map { "    \($0)" }
  }

  // MARK: The row

  /// In the order in which they are written: a DNAME leads nowhere without its forward zone.
  private func links(of chain: ChainRecord) -> [ChainRecord.Link] {
    [Chain.Link.forwardZone, .dname, .address].compactMap { link in
      chain.links.first { $0.link == link }
    }
  }

  private func mark(_ link: ChainRecord.Link, of chain: ChainRecord) -> TerminalText {
    let (sign, style): (TerminalText, Style) =
      switch link.state {
      case .holds: ("\u{2713}", .good)
      case .broken: ("\u{2717}", .bad)
      case .unknown: ("?", .plain)
      }
    let found = link.link == .address ? address(of: chain) : nil
    return "\(found ?? title(of: link)) \(paint(sign, as: style))"
  }

  private func title(of link: ChainRecord.Link) -> TerminalText {
    switch link.link {
    case .dname: "DNAME"
    case .forwardZone: "forward zone"
    case .address: "address"
    }
  }

  /// What clients get; nil where the chain does not hold.
  private func address(of chain: ChainRecord) -> TerminalText? {
    guard let first = chain.addresses?.first else { return nil }
    let others = (chain.addresses?.count ?? 1) - 1
    return others > 0 ? "\(first) and \(others) more" : "\(first)"
  }

  private func cluster(of chain: ChainRecord) -> ClusterRecord? {
    status.record?.pass.clusters.first { $0.name == chain.cluster }
  }

  /// How many masters answer, of those that are asked for the cluster.
  private func masters(of chain: ChainRecord) -> TerminalText? {
    guard let cluster = cluster(of: chain) else { return nil }
    guard cluster.state != .fixed else { return "masters given" }
    let (up, all) = (cluster.upMasters, cluster.askedMasters)
    return paint(
      "masters \(up)/\(all)", as: up == all ? .plain : up > 0 ? .doubtful : .bad)
  }

  private func id(of chain: ChainRecord) -> TerminalText? {
    guard let cluster = cluster(of: chain) else { return nil }
    guard let id = cluster.id else { return paint("ID not known", as: .bad) }
    let isDoubted = cluster.state == .doubted
    return paint("ID \(id.prefix(6))\u{2026}\(id.suffix(4))", as: isDoubted ? .doubtful : .plain)
  }
}
