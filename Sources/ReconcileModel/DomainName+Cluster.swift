import BINDText

extension DomainName {
  /// Whether it is a name that DC/OS serves: `….dcos.directory`.
  package var leadsIntoCluster: Bool {
    guard let domain = try? DomainName("dcos.directory") else { return false }
    return isBelow(domain)
  }
}
