package import DNSNames

extension DomainName {
  /// The name below which DC/OS gives each cluster a domain, `dcos.directory`; it is never nil.
  package static let aboveClusters: DomainName? = try? DomainName("dcos.directory")

  /// Whether it is a name that DC/OS serves: `….dcos.directory`.
  package var leadsIntoCluster: Bool { Self.aboveClusters.map(isBelow) ?? false }

  /// The domain of the cluster that it belongs to, `<id>.dcos.directory`; nil for a name of no cluster.
  package var clusterDomain: DomainName? {
    guard leadsIntoCluster else { return nil }
    var domain = self
    while domain.labelCount > 3, let parent = domain.parent { domain = parent }
    return domain
  }
}

extension DomainName {
  /// The name and those above it, down to the apex of a zone.
  package func ancestors(within zone: DomainName) -> [DomainName] {
    var names: [DomainName] = []
    var name: DomainName? = self
    while let current = name, current.isSubdomain(of: zone) {
      names.append(current)
      name = current.parent
    }
    return names
  }
}
