import BINDText
import DNSNames
import ReconcileModel

// Who may have a question forwarded.
extension ForwardingObstacles {
  func clientObstacles(
    _ path: ForwardingPath, _ view: String?
  ) -> [ForwardingObstacle] {
    if let recursion = tree.setting("recursion", in: view), recursion.clause.isNo {
      return [
        ForwardingObstacle(
          .recursion, .certain, at: recursion.location,
          "recursion no: named answers with the DNAME, and never asks the masters for the address",
          remedy: """
            A forward zone needs recursion: write recursion yes, and allow-recursion with the clients that need the \
            clusters' names
            """)
      ]
    }
    var seen: Set<String> = []
    let lists = [
      tree.setting("blackhole", in: nil).map { (list: $0, isAllowing: false) },
      tree.setting("allow-query", in: view).map { ($0, true) },
      // Each of the first two defaults to the other, and both default to allow-query (named.conf(5)).
      first(["allow-recursion", "allow-query-cache", "allow-query"], in: view).map { ($0, true) },
      first(["allow-query-cache", "allow-recursion", "allow-query"], in: view).map { ($0, true) },
    ].compactMap(\.self).filter {
      seen.insert("\($0.list.location) \($0.list.clause)").inserted
    }
    return lists.compactMap { list, isAllowing in
      isAllowing
        ? exclusion(of: path.client, by: list) : ban(on: path.client, list)
    }
  }

  private func first(_ keywords: [String], in view: String?) -> PlacedClause? {
    keywords.lazy.compactMap { tree.setting($0, in: view) }.first
  }

  private func exclusion(
    of client: IPAddress?, by list: PlacedClause
  ) -> ForwardingObstacle? {
    let keyword = list.clause.words.first ?? ""
    if list.clause.list.allSatisfy({ $0.description == "none" }) {
      return ForwardingObstacle(
        .accessList, .certain, at: list.location,
        "\(list.clause): named asks the masters for no client",
        remedy: "Name the clients that need the clusters' names in \(keyword) { … }")
    }
    guard let client,
      [.rejected, .unmatched].contains(matcher.verdict(of: list.clause.list, on: client))
    else { return nil }
    return ForwardingObstacle(
      .accessList, .possible, at: list.location, "\(list.clause) leaves out \(client), this host",
      remedy:
        "Add \(client) to \(keyword) { … }: otherwise zonebridge can verify nothing from this host")
  }

  private func ban(
    on client: IPAddress?, _ list: PlacedClause
  ) -> ForwardingObstacle? {
    guard let client, matcher.verdict(of: list.clause.list, on: client) == .accepted else {
      return nil
    }
    return ForwardingObstacle(
      .accessList, .possible, at: list.location,
      "\(list.clause) contains \(client), this host: named does not answer it at all",
      remedy: "Put !\(client); first in blackhole { … }")
  }
}
