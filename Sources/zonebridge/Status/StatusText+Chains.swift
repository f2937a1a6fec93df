import Reconcile
import ReconcileModel

// What is told of chains.
extension StatusText {
  /// The way of an answer in one line, and where it breaks a line for each link that does not hold, with what to do.
  func lines(_ chain: ChainRecord) -> [TerminalText] {
    let parts = [masters(of: chain), id(of: chain)].compactMap(\.self) + links(of: chain).map(mark)
    let row = parts.joined(separator: " \u{2500} ")
    let line: TerminalText = "\(chain.alias)\(view(chain.view))  \(row)"
    guard chain.state != .holds else { return [line] }
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

  /// The command that goes through every link, where a client gets no answer.
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

  private func mark(_ link: ChainRecord.Link) -> TerminalText {
    let (sign, style): (TerminalText, Style) =
      switch link.state {
      case .holds: ("\u{2713}", .good)
      case .broken: ("\u{2717}", .bad)
      case .unknown: ("?", .plain)
      }
    return "\(title(of: link)) \(paint(sign, as: style))"
  }

  private func title(of link: ChainRecord.Link) -> TerminalText {
    switch link.link {
    case .dname: "DNAME"
    case .forwardZone: "forward zone"
    case .address: "address"
    }
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
