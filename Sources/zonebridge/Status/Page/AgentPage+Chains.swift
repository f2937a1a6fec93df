import DCOS
import Reconcile
import ReconcileModel

// The path of an answer, and the servers on it.
extension AgentPage {
  var chains: HTML {
    let chains = pass?.chains ?? []
    if chains.isEmpty {
      return section(
        "What clients get", "<p class=\"quiet\">No alias has been probed yet.</p>")
    }
    return section("What clients get", chains.map(card).joined(separator: "\n"))
  }

  private func card(_ chain: ChainRecord) -> HTML {
    let view: HTML = chain.view.map { " <small>in view \($0)</small>" } ?? ""
    let nodes = [masters(of: chain), id(of: chain)].compactMap(\.self) + links(of: chain)
    return """
      <article class="card \(chain.state.style)">
      <h3>\(chain.alias)\(view)</h3>
      <ol class="chain">\(nodes)</ol>
      \(outcome(of: chain))
      </article>
      """
  }

  /// The result for clients, and the remedy.
  private func outcome(of chain: ChainRecord) -> HTML {
    let held: HTML = chain.lastHeld.map { "last seen whole \(moment($0))" } ?? "never seen whole"
    switch chain.state {
    case .holds:
      let seen: HTML = chain.lastHeld.map { ", seen \(moment($0))" } ?? ""
      return "<p class=\"result\">Clients get their answers\(seen).</p>"
    case .broken:
      return """
        <p class="result">\(gets(chain)): \(held).</p>
        \(remedies(of: chain))<p class="do"><code>zonebridge check</code> goes through every link</p>
        """
    case .unknown:
      return """
        <p class="result">What clients get cannot be seen from here: \(held).</p>\(remedies(of: chain))
        """
    }
  }

  private func gets(_ chain: ChainRecord) -> HTML {
    let gets: HTML = chain.clientsGet.map { "Clients get \($0)" } ?? "Clients get no answer"
    return chain.brokenSince.map { "\(gets), seen since \(moment($0))" } ?? gets
  }

  private func remedies(of chain: ChainRecord) -> HTML {
    let known = chain.links.filter { $0.state != .holds && $0.reason != nil }
    // What lies behind a broken link was not asked, which the drawing shows.
    let broken = known.filter { $0.state == .broken }
    let lines = (broken.isEmpty ? known : broken).map { link -> HTML in
      let remedy: HTML = link.remedy.map { paragraphs($0, class: "do") } ?? ""
      return "<li><b>\(link.link.title)</b>: \(link.reason ?? "")\(remedy)</li>"
    }
    return lines.isEmpty ? "" : "<ul class=\"reasons\">\(lines)</ul>\n"
  }

  // MARK: The nodes

  private func node(_ title: HTML, _ state: NodeState, _ words: HTML) -> HTML {
    """
    <li class="\(state.style)"><b>\(title) <span class="mark">\(state.mark)</span></b>\
    <span>\(words)</span></li>
    """
  }

  private func cluster(of chain: ChainRecord) -> ClusterRecord? {
    pass?.clusters.first { $0.name == chain.cluster }
  }

  private func masters(of chain: ChainRecord) -> HTML? {
    guard let cluster = cluster(of: chain) else { return nil }
    guard cluster.state != .fixed else {
      return node("masters", .good, "\(cluster.masters.count) given")
    }
    let (up, all) = (cluster.upMasters, cluster.askedMasters)
    return node(
      "masters", up == all ? .good : up > 0 ? .doubtful : .bad, "\(up) of \(all) answer")
  }

  private func id(of chain: ChainRecord) -> HTML? {
    guard let cluster = cluster(of: chain) else { return nil }
    guard let id = cluster.id else { return node("ID", .bad, "not known") }
    let agreed: HTML =
      cluster.state == .fixed
      ? "given" : cluster.agreedAt.map { "agreed \(moment($0))" } ?? "never agreed on"
    return node(
      "ID", cluster.state == .doubted ? .doubtful : cluster.state == .unknown ? .unknown : .good,
      "<code title=\"\(id)\">\(Self.short(id))</code> \(agreed)")
  }

  /// In the order in which they are written: a DNAME leads nowhere without its forward zone.
  private func links(of chain: ChainRecord) -> [HTML] {
    [Chain.Link.forwardZone, .dname, .address].compactMap { name in
      guard let link = chain.links.first(where: { $0.link == name }) else { return nil }
      let words: HTML =
        switch (link.state, name) {
        case (.holds, .dname):
          "to <code title=\"\(chain.target)\">\(Self.short(chain.target))</code>"
        case (.holds, .forwardZone): "answers"
        case (.holds, .address): addresses(of: chain)
        case (.broken, _): "broken"
        case (.unknown, _): "not known"
        }
      return node("\(name.title)", NodeState(link.state), words)
    }
  }

  private func addresses(of chain: ChainRecord) -> HTML {
    let all = chain.addresses ?? []
    if all.isEmpty { return "as the masters say" }
    let shown = all.prefix(3).map { "<code>\($0)</code>" as HTML }.joined(separator: ", ")
    let more: HTML = all.count > 3 ? " and \(all.count - 3) more" : ""
    return "\(shown)\(more), as the masters say"
  }

  /// A name in which labels as long as a cluster's ID are shortened to their ends.
  static func short(_ name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false).map { label in
      label.count == ClusterID.textLength
        ? "\(label.prefix(6))\u{2026}\(label.suffix(4))" : String(label)
    }.joined(separator: ".")
  }

  // MARK: Clusters

  var clusters: HTML {
    let polled = (pass?.clusters ?? []).filter { !$0.reports.isEmpty }
    if polled.isEmpty { return "" }
    return section(
      "What the masters say",
      """
      <div class="wide"><table>
      <thead><tr><th>cluster</th><th>master</th><th>says</th><th>certificate</th></tr></thead>
      <tbody>
      \(polled.flatMap { cluster in cluster.reports.map { row($0, of: cluster) } }.joined(separator: "\n"))
      </tbody></table></div>
      """)
  }

  private func row(_ report: MasterRecord, of cluster: ClusterRecord) -> HTML {
    let end: HTML = report.certificateEnd.map(certificate) ?? ""
    let said: HTML
    if !report.isUp {
      said = "<span class=\"bad\">\u{2717} \(report.problems.joined(separator: "; "))</span>"
    } else if let id = report.id, id != cluster.id {
      said = "<span class=\"doubtful\">! another ID: \(id)</span>"
    } else if let masters = report.masters, Set(masters) != Set(cluster.masters) {
      said =
        "<span class=\"doubtful\">! other masters: \(masters.joined(separator: ", "))</span>"
    } else {
      said = "<span class=\"good\">\u{2713} the ID and the masters</span>"
    }
    let listed: HTML = report.isListedOnly == true ? " <small>(listed by others)</small>" : ""
    return """
      <tr><td>\(cluster.name)</td><td><code>\(report.master)</code>\(listed)</td><td>\(said)</td><td>\(end)</td></tr>
      """
  }

  private func certificate(endingAt end: Int64) -> HTML {
    if end <= status.time { return "<span class=\"bad\">\u{2717} ended \(moment(end))</span>" }
    let left = Age(of: status.time, at: end)
    let time = CivilTime(secondsSince1970: end)
    let isClose = end - status.time < 30 * 86_400
    return isClose
      ? "<span class=\"doubtful\">! <time title=\"\(time)\">ends in \(left)</time></span>"
      : "<time title=\"\(time)\">ends in \(left)</time>"
  }
}

/// How a link is drawn: by a sign, a word and a colour.
private enum NodeState {
  case good, doubtful, bad, unknown

  init(_ state: ChainRecord.State) {
    self =
      switch state {
      case .holds: .good
      case .broken: .bad
      case .unknown: .unknown
      }
  }

  var mark: String {
    switch self {
    case .good: "\u{2713}"
    case .doubtful: "!"
    case .bad: "\u{2717}"
    case .unknown: "?"
    }
  }

  var style: String {
    switch self {
    case .good: "good"
    case .doubtful: "doubtful"
    case .bad: "bad"
    case .unknown: "unknown"
    }
  }
}

extension ChainRecord.State {
  fileprivate var style: String { NodeState(self).style }
}

extension Chain.Link {
  fileprivate var title: String {
    switch self {
    case .dname: "DNAME"
    case .forwardZone: "forward zone"
    case .address: "address"
    }
  }
}
