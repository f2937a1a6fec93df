package import DNSNames

/// The cluster's masters as one source lists them.
package struct MemberList: Hashable, Sendable {
  package enum Source: Hashable, Sendable, CustomStringConvertible {
    /// Membership: a master that is down stays listed.
    case exhibitor
    /// Liveness: a master that is down drops out.
    case mesosDNS

    package var description: String {
      switch self {
      case .exhibitor: "Exhibitor"
      case .mesosDNS: "mesos-dns"
      }
    }
  }

  /// How many members a list may have.
  ///
  /// DC/OS has one, three or five masters, and by hand a few more. What is longer is no list of masters, and would
  /// have us turn to whomever it names.
  package static let limit = 64

  package let source: Source
  /// In ascending order, each once.
  package let addresses: [IPAddress]

  package init(source: Source, addresses: some Sequence<IPAddress>) {
    self.source = source
    self.addresses = Set(addresses).sorted()
  }
}
