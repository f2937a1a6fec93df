/// What the masters' reports amount to.
///
/// A fact is what more than half of the masters *asked* say, so that neither one stray master nor
/// the silence of most makes one. The ID and the list are weighed apart: a master that does not know
/// the key yet may still list its peers.
package enum Agreement {
  package static func reached(
    among reports: [MasterReport]
  ) -> Result<ClusterView, Disagreement> {
    let id = majority(of: reports.map { try? $0.id.get() })
    // Two sources that list the same masters say the same.
    let masters = majority(of: reports.map { try? $0.members.get().addresses })
    guard let id, let masters else {
      return .failure(
        Disagreement(isAboutID: id == nil, isAboutMasters: masters == nil, reports: reports))
    }
    return .success(ClusterView(id: id, masters: masters))
  }

  /// Whether every master asked answered, and all said the same ID and the same masters.
  package static func isUnanimous(among reports: [MasterReport]) -> Bool {
    guard case .success(let view) = reached(among: reports) else {
      return false
    }
    return reports.allSatisfy { report in
      (try? report.id.get()) == view.id
        && (try? report.members.get().addresses) == view.masters
    }
  }

  private static func majority<Statement: Hashable>(of statements: [Statement?]) -> Statement? {
    var counts: [Statement: Int] = [:]
    for case let statement? in statements {
      counts[statement, default: 0] += 1
    }
    return counts.first { $0.value * 2 > statements.count }?.key
  }
}
