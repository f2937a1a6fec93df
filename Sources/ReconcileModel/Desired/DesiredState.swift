package import DCOS
package import DNSNames
package import FileChange
package import Named
package import SystemPackage

/// What an operator wants: the configuration as values that cannot be wrong in themselves.
package struct DesiredState: Sendable {
  package var bind: BINDSettings
  package var clusters: [Cluster]
  package var aliases: [Alias]
  package var zones: [DomainName: ZoneSettings]

  package init(
    bind: BINDSettings, clusters: [Cluster], aliases: [Alias],
    zones: [DomainName: ZoneSettings] = [:]
  ) {
    self.bind = bind
    self.clusters = clusters
    self.aliases = aliases
    self.zones = zones
  }
}

extension DesiredState {
  /// The names of the managed blocks that may stand for it.
  package var blockNames: Set<String> {
    Set(
      clusters.map(\.name) + aliases.map(\.blockName) + [BlockNames.exemption]
        + zones.compactMap { name, settings in
          settings.create.map { MadeZone(name: name, create: $0).blockName }
        })
  }
}

/// Where named's files are, and how to reach named.
package struct BINDSettings: Sendable {
  /// How named learns of a change.
  package enum Reload: Sendable, Hashable {
    /// Through its control channel.
    case rndc(RemoteControlSettings)
    /// Not at all: the files are written for a named that does not run (image builds).
    case none
  }

  /// The folder with BIND's programs, where the configuration names one.
  package var tools: FilePath?
  /// The file where named begins to read.
  package var namedConf: FilePath
  /// The file of the tree that gets the managed zone statements.
  package var zonesIn: FilePath
  /// The views that get the zone statements; nil for all of class IN.
  package var views: [String]?
  /// Where named answers, for the look after each change.
  package var query: Endpoint
  package var reload: Reload
  package var root: ServerRoot
  /// The user that named runs as, if the configuration says so.
  package var user: UnixUser?
  /// Whether the clusters' zones are excepted from DNSSEC validation, where it is on.
  package var exemptsFromValidation: Bool

  /// The paths may be named's or the host's, if named was chrooted.
  package init(
    tools: FilePath? = nil, namedConf: FilePath, zonesIn: FilePath, views: [String]? = nil,
    query: Endpoint, reload: Reload, root: ServerRoot = ServerRoot(), user: UnixUser? = nil,
    exemptsFromValidation: Bool = true
  ) {
    self.tools = tools
    self.namedConf = root.onHost(namedConf)
    self.zonesIn = root.onHost(zonesIn)
    self.views = views
    self.query = query
    self.reload = reload
    self.root = root
    self.user = user
    self.exemptsFromValidation = exemptsFromValidation
  }
}

/// One DC/OS cluster, and what named.conf should have of it.
package struct Cluster: Sendable {
  /// Where the cluster's ID and masters come from.
  package enum Source: Sendable {
    /// Asked of the masters in each pass.
    case polled(masters: [MasterEndpoint], trust: Trust)
    /// Given in the configuration.
    case fixed(ClusterView)
  }

  package var name: String
  package var source: Source
  /// The credentials for the masters.
  package var credentials: Credentials
  /// The only ID that the operator accepts for this cluster.
  package var pinnedID: ClusterID?
  /// Whether a new ID is followed once all masters agree on it.
  package var followsID: Bool
  /// How long masters have to agree on a list that has lost many of them before it is believed, in seconds.
  package var settleTime: Int64
  /// The forwarders to write instead of the masters' own addresses (NAT).
  package var forwarders: [IPAddress]?
  /// The port on which the masters answer DNS.
  package var dnsPort: UInt16
  /// A name that has an address in the cluster, relative to where an alias leads.
  package var probe: String

  /// What mesos-dns calls the leading master, in every cluster; while one is elected it has no address.
  package static let defaultProbe = "leader"

  package init(
    name: String, source: Source, credentials: Credentials = .none,
    pinnedID: ClusterID? = nil, followsID: Bool = false, settleTime: Int64 = 900,
    forwarders: [IPAddress]? = nil, dnsPort: UInt16 = 53, probe: String = defaultProbe
  ) {
    self.name = name
    self.source = source
    self.credentials = credentials
    self.pinnedID = pinnedID
    self.followsID = followsID
    self.settleTime = settleTime
    self.forwarders = forwarders
    self.dnsPort = dnsPort
    self.probe = probe
  }
}

/// A name of the operator's that leads into a cluster: the owner of a DNAME (RFC 6672).
package struct Alias: Sendable {
  package var owner: DomainName {
    didSet { blockName = owner.withoutTrailingDot }
  }
  /// The name under which the alias's managed block stands.
  package private(set) var blockName: String
  /// Where it leads; for an alias that follows health, the preferred cluster until that is decided.
  package var cluster: String
  /// How it follows the health of several clusters; nil where it has one.
  package var failover: Failover?
  /// The label under the cluster's domain that the DNAME's target begins with, `mesos` usually.
  package var label: String
  /// The DNAME's TTL in seconds.
  package var ttl: UInt32
  /// The safeguards that the operator waives for this alias.
  package var allow: Set<Safeguard>

  package init(
    owner: DomainName, cluster: String, label: String = "mesos", ttl: UInt32 = 60,
    allow: Set<Safeguard> = [], failover: Failover? = nil
  ) {
    self.owner = owner
    blockName = owner.withoutTrailingDot
    self.cluster = cluster
    self.label = label
    self.ttl = ttl
    self.allow = allow
    self.failover = failover
  }
}

extension Alias {
  /// Whether it leads to a cluster, or may move there.
  package func mayLead(to cluster: String) -> Bool {
    failover?.clusters.contains(cluster) ?? (self.cluster == cluster)
  }
}

/// A safeguard that an operator can waive for an alias, by the name it has in `allow`.
package enum Safeguard: String, Sendable, CaseIterable {
  /// The DNAME would hide names that exist below its owner (RFC 6672 section 2.4).
  case hidesNames = "hides-names"
  /// The zone's file is another zone's as well, such as the same zone's in another view: the alias is
  /// put into both.
  case sharedFile = "shared-file"
}

/// What the configuration says about a zone.
package struct ZoneSettings: Sendable {
  package var create: CreatedZone?
  package var serial: SerialPolicy
  /// The views in which the zone's aliases go; nil for those of `BINDSettings`.
  package var views: [String]?
  /// A file with the TSIG key that may change the zone by DNS UPDATE; nil for named's session key.
  package var updateKey: FilePath?

  package init(
    create: CreatedZone? = nil, serial: SerialPolicy = .increment, views: [String]? = nil,
    updateKey: FilePath? = nil
  ) {
    self.create = create
    self.serial = serial
    self.views = views
    self.updateKey = updateKey
  }
}
