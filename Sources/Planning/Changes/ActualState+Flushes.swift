import DNSNames
import ReconcileModel

extension ActualState {
  /// So many domains are forgotten one by one: rndc takes longer to start than named to forget a domain.
  private static let mostFlushes = 8

  /// The commands that make named forget what it has cached of clusters' domains.
  ///
  /// Many are forgotten at once, with the domain above them, but only if named has no other clusters: their masters may
  /// not answer at the moment, and then their names resolve out of the cache.
  func flushes(of domains: [DomainName]) -> [NamedCommand] {
    guard let above = DomainName.aboveClusters, domains.count > Self.mostFlushes,
      Set(zones.map(\.name).filter { $0.isSubdomain(of: above) }).isSubset(of: domains)
    else { return domains.map { .flushTree(domain: $0) } }
    return [.flushTree(domain: above)]
  }
}
