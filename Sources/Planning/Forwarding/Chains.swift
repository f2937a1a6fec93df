import BINDText
package import DCOS
package import DNSNames
package import ReconcileModel

/// The present chains: for each alias and view the DNAME in a file or a dynamic zone, no matter who wrote it, and the
/// forward zone in named.conf that covers its target.
///
/// Every pass probes them, whatever the masters said and whatever is held: clients depend on what is there now.
package struct Chains {
  let desired: DesiredState
  let actual: ActualState
  /// What is believed about the clusters, by name, for those without a forward zone in named.conf.
  let believed: [String: ClusterView]
  /// What their masters agree on, but is not believed yet, by name.
  let announced: [String: ClusterView]
  /// Our records in dynamic zones, for a zone that cannot be read.
  let owned: OwnedRecords
  private let aliases: [DomainName: Alias]
  private let clusters: [String: Cluster]
  /// The configured clusters by the zone of their names: as named.conf has it, and as the masters say.
  private let installed: [DomainName: String]
  private let seen: [DomainName: String]
  private let ownView: AnsweringView
  /// The views in which named recurses for nobody.
  private let viewsWithoutRecursion: Set<String?>

  package init(
    of desired: DesiredState, on actual: ActualState, believed: [String: ClusterView] = [:],
    announced: [String: ClusterView] = [:], owned: OwnedRecords = OwnedRecords()
  ) {
    self.desired = desired
    self.actual = actual
    self.believed = believed
    self.announced = announced
    self.owned = owned
    aliases = Dictionary(desired.aliases.map { ($0.owner, $0) }) { first, _ in first }
    clusters = Dictionary(desired.clusters.map { ($0.name, $0) }) { first, _ in first }
    installed = Dictionary(
      desired.clusters.compactMap { cluster in
        actual.installedID(of: cluster.name).map { ($0.domain, cluster.name) }
      }
    ) { first, _ in first }
    seen = Dictionary(
      desired.clusters.compactMap { cluster in
        believed[cluster.name].map { ($0.id.domain, cluster.name) }
      }
    ) { first, _ in first }
    ownView = actual.ownView
    viewsWithoutRecursion = actual.viewsWithoutRecursion
  }

  /// In the order of the configuration, then those of aliases that it no longer has.
  package var questions: [ChainQuestion] {
    owners.flatMap { owner in views.flatMap { questions(of: owner, in: $0) } }
  }

  /// The question to probe for an alias in a view, once its DNAME leads to a target.
  ///
  /// - Parameters:
  ///   - owner: The alias.
  ///   - target: Where its DNAME leads.
  ///   - zone: The zone in which it stands.
  ///   - view: The view, where there are views.
  ///   - forwarders: Whom named asks below the target; nil for what the installed forward zone says.
  /// - Returns: The question.
  package func question(
    _ owner: DomainName, to target: DomainName, zone: DomainName, in view: String?,
    forwarders: [Forwarder]? = nil
  ) -> ChainQuestion {
    let cluster = cluster(of: target, in: view)
    let settings = cluster.flatMap { clusters[$0] }
    return ChainQuestion(
      owner: owner, zone: zone, view: view, target: target,
      cluster: cluster ?? aliases[owner]?.cluster ?? "",
      probe: settings?.probe ?? Cluster.defaultProbe,
      forwarders: forwarders ?? self.forwarders(of: target, in: view),
      sight: ownView.sight(of: view),
      forbidsRecursion: viewsWithoutRecursion.contains(view),
      successor: settings.flatMap { successor(of: $0, behind: target) })
  }

  // MARK: Aliases

  var views: [String?] {
    let views = actual.tree.views.filter(\.isInternetClass).map(\.name)
    return views.isEmpty ? [nil] : views
  }

  private var owners: [DomainName] {
    var owners = desired.aliases.map(\.owner)
    for zone in actual.zones {
      guard case .success(let text)? = zone.text else { continue }
      owners += text.blockOwners
    }
    return (owners + owned.records.map(\.owner).sorted()).unique()
  }

  private func questions(of owner: DomainName, in view: String?) -> [ChainQuestion] {
    guard let zone = actual.zone(enclosing: owner, in: view) else { return [] }
    let home = home(of: zone)
    let isWanted = aliases[owner] != nil && isChosen(view, for: zone.name)
    let targets = records(of: owner, in: home).filter { isWanted || $0.isOurs }.map(\.target)
    return targets.prefix(1).filter(\.leadsIntoCluster)
      .map { question(owner, to: $0, zone: zone.name, in: view) }
  }

  /// A zone that a view borrows is another view's (`in-view`).
  private func home(of zone: Zone) -> Zone {
    guard zone.clauses.type == .inView, let lender = zone.clauses.inView else { return zone }
    return actual.zones(zone.name, in: lender).first ?? zone
  }

  private func isChosen(_ view: String?, for zone: DomainName) -> Bool {
    guard let view, let names = desired.zones[zone]?.views ?? actual.bind.views, !names.isEmpty
    else {
      return true
    }
    return names.contains(view)
  }

  /// Where a name's DNAME records in a zone lead, and whether we put them there.
  private func records(
    of owner: DomainName, in zone: Zone
  ) -> [(target: DomainName, isOurs: Bool)] {
    if zone.isDynamic {
      let remembered = owned.records(in: zone.inView).filter { $0.owner == owner }.map(\.target)
      guard case .success(let live)? = zone.dynamic else { return remembered.map { ($0, true) } }
      return live.aliases[owner].map { [($0.target, remembered.contains($0.target))] } ?? []
    }
    guard let text = try? zone.text?.get() else { return [] }
    return text.files.flatMap { file in
      file.outline.records(of: owner).filter { $0.type == "DNAME" }.compactMap { record in
        file.target(of: record).map { target in
          (target, file.block(around: record.range.lowerBound) != nil)
        }
      }
    }
  }

  // MARK: Forward zones

  /// The name of the cluster that a target belongs to.
  private func cluster(of target: DomainName, in view: String?) -> String? {
    guard let domain = target.clusterDomain else { return nil }
    return installed[domain] ?? seen[domain]
      ?? actual.zones(domain, in: view).first?.block
  }

  /// The ID that a cluster has now, if the target belongs to another one.
  private func successor(of cluster: Cluster, behind target: DomainName) -> SuccessorID? {
    let id: ClusterID?
    let source: SuccessorID.Source
    switch cluster.source {
    case .fixed(let view): (id, source) = (view.id, .configuration)
    case .polled: (id, source) = ((announced[cluster.name] ?? believed[cluster.name])?.id, .masters)
    }
    guard let id, let former = target.clusterID, id != former else { return nil }
    let remedy =
      actual.zones.contains { $0.clusterID == id }
      ? "See zonebridge diff for what keeps the alias from being led there"
      : cluster.remedy(forNewID: id)
    return SuccessorID(id, of: former, from: source, remedy: remedy)
  }

  /// Whom named asks for names below a target: by the closest enclosing zone, if it is a forward zone.
  ///
  /// Another zone, or none, has named ask others; the masters are then still those to compare with.
  private func forwarders(of target: DomainName, in view: String?) -> [Forwarder] {
    if let zone = actual.statement(enclosing: target, in: view) {
      let forwarders = home(of: zone).forwarders
      if !forwarders.isEmpty { return forwarders }
    }
    guard let name = cluster(of: target, in: view), let cluster = clusters[name] else { return [] }
    let masters =
      if case .fixed(let view) = cluster.source { view.masters } else {
        believed[name]?.masters ?? []
      }
    return cluster.forwarders(of: masters).map { Forwarder($0, port: cluster.dnsPort) }
  }
}

extension ActualState {
  /// The view from which named answers this host.
  package var ownView: AnsweringView {
    let views = tree.views.filter(\.isInternetClass)
    guard views.count > 1 else { return views.first.map { .view($0.name) } ?? .only }
    // Without a socket the source address is unknown, unless the question stays on this host.
    guard let server = try? IPAddress(bind.query.host), server.isLoopback else { return .unknown }
    let matcher = ForwardingObstacles(in: tree).matcher
    // The kernel uses 127.0.0.1, or the server's own address if an interface has it.
    let clients =
      [server] + (server.family == .v4 ? [try? IPAddress("127.0.0.1")] : []).compactMap(\.self)
    let answering = Set(clients.map { tree.viewAnswering($0, at: server, matcher) })
    return answering.count == 1 ? answering.first ?? .unknown : .unknown
  }

  /// The views for which the view itself or `options` says that named recurses for nobody.
  fileprivate var viewsWithoutRecursion: Set<String?> {
    var statements = Dictionary(grouping: tree.views) { $0.name as String? }
    statements[nil] = []
    return Set(
      statements.filter { tree.setting("recursion", in: $0.key, $0.value)?.clause.isNo == true }
        .keys)
  }
}
