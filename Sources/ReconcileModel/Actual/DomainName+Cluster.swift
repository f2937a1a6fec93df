package import DNSNames

extension DomainName {
  /// Whether it is a name that DC/OS serves: `….dcos.directory`.
  package var leadsIntoCluster: Bool {
    guard let domain = try? DomainName("dcos.directory") else { return false }
    return isBelow(domain)
  }

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
