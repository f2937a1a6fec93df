package import DNSNames

/// What questions for a cluster's names go through: a forward zone and its masters.
package struct ForwardingPath: Hashable, Sendable {
  /// The cluster, for messages.
  package var cluster: String
  /// The cluster's: `<id>.dcos.directory`.
  package var domain: DomainName
  /// The names that aliases lead to: `<label>.<id>.dcos.directory`.
  package var targets: [DomainName]
  package var forwarders: [IPAddress]
  /// The known addresses of the cluster's hosts: those of its masters.
  package var hosts: [IPAddress]
  /// The address that questions come from; nil where that is not known.
  package var client: IPAddress?

  package init(
    cluster: String, domain: DomainName, targets: [DomainName], forwarders: [IPAddress],
    hosts: [IPAddress], client: IPAddress? = nil
  ) {
    self.cluster = cluster
    self.domain = domain
    self.targets = targets
    self.forwarders = forwarders
    self.hosts = hosts
    self.client = client
  }
}

extension Endpoint {
  /// Where named is asked, and from which address of this host: to reach an address of its own the kernel uses that
  /// same one, and 127.0.0.1 for the whole loopback network.
  ///
  /// - Parameter ownAddresses: the addresses of this host.
  /// - Returns: the client is nil where named runs on another host.
  package func questionAddresses(
    from ownAddresses: Set<IPAddress>
  ) -> (client: IPAddress?, server: IPAddress?) {
    guard let server = try? IPAddress(host) else { return (nil, nil) }
    if server.isLoopback {
      return (try? IPAddress(server.family == .v4 ? "127.0.0.1" : "::1"), server)
    }
    return (ownAddresses.contains(server) ? server : nil, server)
  }
}
