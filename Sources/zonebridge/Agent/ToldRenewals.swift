import Reconcile

/// The tokens that were not renewed because the login was refused: each is reported once, when it is refused and not
/// when it ends.
struct ToldRenewals {
  /// The clusters, by name.
  private var told: Set<String> = []

  /// What to report after a pass.
  mutating func events(_ pass: PassRecord) -> [Event] {
    // What it shows of the clusters is then of an earlier pass.
    guard pass.failure == nil else { return [] }
    let refused = pass.clusters.filter { $0.refusedRenewal != nil }
    let news = refused.filter { !told.contains($0.name) }
    told = Set(refused.map(\.name))
    return news.compactMap { cluster in
      cluster.refusedRenewal.map { Event(refusedRenewal: $0, of: cluster) }
    }
  }
}
