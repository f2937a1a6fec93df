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

extension MemberList {
  /// Makes sure that each member's address leads to it from here as well as from where the list comes from.
  ///
  /// A loopback, link-local or reserved address is believed only of a master that was itself asked at such an address, as
  /// in a lab on one host. From any other, `127.0.0.1` would have named forward the cluster's names to itself.
  ///
  /// - Parameters:
  ///   - addresses: the members'.
  ///   - master: where the list comes from; nil where that is not known.
  /// - Throws: which of them does not.
  static func expectReachable(
    _ addresses: [IPAddress], from master: IPAddress?
  ) throws(ObservationError.Reason) {
    for address in addresses {
      switch address.reach {
      case .routed: continue
      case .loopback, .link, .reserved: if address.reach == master?.reach { continue }
      case .none: break
      }
      throw .unreachableMember(address)
    }
  }
}
