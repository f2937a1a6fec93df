import BINDText
import DCOS
import DNSNames
import Named
import ReconcileModel

/// Plans the commands that named gets, and what it has to serve after them.
struct CommandPlanner {
  private let context: PlanContext
  private let placements: Placements

  init(_ context: PlanContext, _ placements: Placements) {
    self.context = context
    self.placements = placements
  }

  /// The domains of which named has to forget what it has cached.
  ///
  /// - Parameters:
  ///   - plan: with its changes.
  ///   - clusters: where the clusters' aliases lead.
  ///   - flushed: the clusters whose names may be cached with answers that are now wrong.
  /// - Returns: each once: those that earlier passes owe, then the clusters' in the order of the configuration.
  func forgotten(by plan: Plan, _ clusters: ClusterPlan, flushed: Set<String>) -> [DomainName] {
    let changed = context.desired.clusters.filter { flushed.contains($0.name) }.flatMap {
      [context.actual.installedID(of: $0.name), clusters.targets[$0.name]].compactMap(\.?.domain)
    }
    // Cached names of a cluster would still be answered, and hide that nothing is forwarded any more.
    let gone = plan.changes.flatMap(\.takes).compactMap(\.clusterDomain).sorted()
    // A pass may have died after its change, or named not have obeyed.
    return (context.memory.unflushed.sorted() + changed + gone).unique()
  }

  /// The commands that make named load what is in the files.
  ///
  /// - Parameters:
  ///   - plan: with its files, its expectations, and the domains of which named has to forget what it has cached.
  ///   - changed: the zones that named has loaded and whose text the plan changes.
  ///   - removesFirst: whether named reads the zones before it reads a configuration without the forward zones that
  ///     they led into.
  /// - Returns: in the order in which they are sent.
  func commands(
    of plan: Plan, changed: [ZoneInView], removesFirst: Bool = false
  ) -> [NamedCommand] {
    guard case .rndc = context.actual.bind.reload else { return [] }
    var isReconfigurationDue = plan.files.contains { $0.kind == .configuration }
    var zones = changed
    // Level-triggered: if named does not serve what the files say, it has not loaded them. It was restarted with older
    // files, refused them once, or the last pass died before this point.
    let verdicts = context.evidence.verdicts ?? [:]
    for case (let expectation, .notServed) in plan.alreadyServed.map({ ($0, verdicts[$0]) }) {
      switch expectation {
      case .alias(_, _, let name, let view):
        let zone = ZoneInView(name: name, view: view)
        if plan.visibleInOtherViews.contains(expectation), !isBehind(zone) { continue }
        // named refuses to reload a dynamic zone, whose file is not what it serves anyway.
        if context.actual.isDynamic(zone) { continue }
        // A zone that named knows and failed to load needs the reload, one that it does not know
        // the reconfiguration first.
        if !context.actual.hasLoaded(name, in: view) { isReconfigurationDue = true }
        if !zones.contains(zone) { zones.append(zone) }
      case .forwarded:
        isReconfigurationDue = isReconfigurationDue || context.actual.isNewerThanLoaded
      case .serial(let name, let view, _):
        let zone = ZoneInView(name: name, view: view)
        if !zones.contains(zone) { zones.append(zone) }
      }
    }

    // One that came to named.conf, and that named was not told of, is not there to be reloaded.
    if case .success? = context.actual.named,
      changed.contains(where: { !context.actual.hasLoaded($0.name, in: $0.view) })
    {
      isReconfigurationDue = true
    }
    let reloads = zones.map { NamedCommand.reload(zone: $0.name, view: $0.view) }
    var commands = removesFirst ? reloads : []
    if isReconfigurationDue { commands.append(.reconfig) }
    commands += context.actual.flushes(of: plan.forgotten)
    return removesFirst ? commands : commands + reloads
  }

  /// Whether named has loaded a zone with another serial than its file has.
  private func isBehind(_ zone: ZoneInView) -> Bool {
    let installed = context.actual.zones(zone.name, in: zone.view).first
    guard let soa = context.actual.text(of: zone.name, in: zone.view)?.soa else { return false }
    return installed?.status?.serial != soa.record.serial
  }

  /// Expects a name through the forwarders, for each label that an alias leads to: nothing else shows that a forward
  /// zone is loaded.
  func expectForwarding(
    _ clusters: ClusterPlan, changed: Set<String>, in plan: inout Plan
  ) {
    // An alias that is held does not lead there yet.
    let owners = Set((plan.alreadyServed + plan.servedAfterwards).compactMap(\.alias))
    let standing = Dictionary(
      grouping: context.desired.aliases.filter { owners.contains($0.owner) }, by: \.cluster)
    for cluster in context.desired.clusters {
      guard let id = clusters.targets[cluster.name], clusters.believed.contains(cluster.name),
        context.operation.isWhole || changed.contains(cluster.name)
      else { continue }
      let labels = Set(standing[cluster.name, default: []].map(\.label))
      for label in labels.isEmpty ? ["mesos"] : labels.sorted() {
        guard let name = try? Recipe.target(label: label, id: id) else { continue }
        let expectation = Expectation.forwarded(name: name, cluster: cluster.name)
        if context.viewCount > 0, context.views.count < context.viewCount {
          plan.visibleInOtherViews.insert(expectation)
        }
        guard changed.contains(cluster.name) else {
          plan.alreadyServed.append(expectation)
          continue
        }
        plan.servedAfterwards.append(expectation)
        if let former = servedName(label, of: cluster) { plan.servedBefore.append(former) }
      }
    }
  }

  /// What named serves of a cluster before the change.
  private func servedName(_ label: String, of cluster: Cluster) -> Expectation? {
    guard let id = context.actual.installedID(of: cluster.name),
      let name = try? Recipe.target(label: label, id: id)
    else { return nil }
    return .forwarded(name: name, cluster: cluster.name)
  }
}

extension Requirement {
  /// The domain of the cluster whose forward zone it is.
  fileprivate var clusterDomain: DomainName? {
    guard case .forwardZone(let id, _) = self else { return nil }
    return id.domain
  }
}
