package import DCOS
package import DNSNames

/// What to probe of one alias in one view: where it leads, and which servers named asks there.
///
/// It is made from what is there (the DNAME in a file or a dynamic zone, the forward zone in named.conf), or from what
/// a plan would write.
package struct ChainQuestion: Hashable, Sendable {
  /// Whether what named answers to this host is what it answers in the view.
  package enum Sight: Hashable, Sendable {
    /// No other view answers this host.
    case certain
    /// This view or another one answers this host: a link that holds may hold here, and one that does not says nothing.
    case possible
    /// Another view answers this host.
    case none
  }

  /// The alias: the DNAME's owner.
  package var owner: DomainName
  /// The zone in which it stands.
  package var zone: DomainName
  package var view: String?
  /// Where the DNAME leads.
  package var target: DomainName
  /// The cluster's name in the configuration; empty where the alias leads into one that it does not have.
  package var cluster: String
  /// A name that has an address in the cluster, relative to the target.
  package var probe: String
  /// Whom named asks for names below the target; empty where that is not known.
  package var forwarders: [Forwarder]
  package var sight: Sight
  /// Whether the view is configured not to recurse for anybody: then a forward zone is never asked.
  package var forbidsRecursion: Bool
  /// The ID that the cluster has now, if the target belongs to an earlier one; nil where it is the same, or not known.
  package var successor: SuccessorID?

  package init(
    owner: DomainName, zone: DomainName, view: String? = nil, target: DomainName, cluster: String,
    probe: String = Cluster.defaultProbe, forwarders: [Forwarder], sight: Sight = .certain,
    forbidsRecursion: Bool = false, successor: SuccessorID? = nil
  ) {
    self.owner = owner
    self.zone = zone
    self.view = view
    self.target = target
    self.cluster = cluster
    self.probe = probe
    self.forwarders = forwarders
    self.sight = sight
    self.forbidsRecursion = forbidsRecursion
    self.successor = successor
  }

  /// Whether it is about the names of a cluster itself, whatever leads there.
  package var isOfCluster: Bool { owner == target }

  /// The label under the cluster's domain that the target begins with, `mesos` usually; empty for the domain itself.
  package var label: String {
    let surplus = target.labelCount - (target.clusterDomain?.labelCount ?? 0)
    return target.labels.prefix(surplus).map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: ".")
  }
}

/// The ID that a cluster has now, while aliases still lead to an earlier one: it was reinstalled.
package struct SuccessorID: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    case masters, configuration
  }

  package var id: ClusterID
  /// The one that the alias leads to.
  package var former: ClusterID
  /// Who says so.
  package var source: Source
  /// How to lead the aliases there.
  package var remedy: String

  package init(_ id: ClusterID, of former: ClusterID, from source: Source, remedy: String) {
    self.id = id
    self.former = former
    self.source = source
    self.remedy = remedy
  }
}

/// A name server that named hands questions on to.
package struct Forwarder: Hashable, Sendable, CustomStringConvertible {
  package var address: IPAddress
  package var port: UInt16

  package init(_ address: IPAddress, port: UInt16 = 53) {
    self.address = address
    self.port = port
  }

  package var description: String {
    address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
  }
}
