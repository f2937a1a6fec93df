import BINDText
import DCOS
import Named
import ReconcileModel

// What named is told, and what it has to serve afterwards.
extension Planner {
  mutating func planCommands() {
    expectForwarding()
    guard case .rndc = actual.bind.reload else { return }

    var isReconfigurationDue = result.files.contains { $0.kind == .configuration }
    var zones = changedZones
    // Level-triggered: what named does not serve although the files say so, it has not loaded. It
    // was restarted on older files, refused once, or the last pass died before it came to this.
    let verdicts = evidence.verdicts ?? [:]
    for case (let expectation, .notServed) in result.alreadyServed.map({ ($0, verdicts[$0]) }) {
      switch expectation {
      case .alias(_, _, let name, let view):
        let zone = ZoneInView(name: name, view: view)
        if result.visibleInOtherViews.contains(expectation), !isBehind(zone) { continue }
        // named refuses to reload a dynamic zone, whose file is not what it serves anyway.
        if actual.isDynamic(zone) { continue }
        // A zone that named knows and failed to load needs the reload, one that it does not know
        // the reconfiguration first.
        if !actual.hasLoaded(name, in: view) { isReconfigurationDue = true }
        if !zones.contains(zone) { zones.append(zone) }
      case .forwarded:
        isReconfigurationDue = isReconfigurationDue || actual.isNewerThanLoaded
      case .serial:
        break
      }
    }

    if isReconfigurationDue { result.commands.append(.reconfig) }
    for cluster in desired.clusters where changedClusters.contains(cluster.name) {
      let domains = [actual.installedID(of: cluster.name), targets[cluster.name]]
        .compactMap { $0?.domain }
      for domain in domains where !result.commands.contains(.flushTree(domain: domain)) {
        result.commands.append(.flushTree(domain: domain))
      }
    }
    result.commands += zones.map { .reload(zone: $0.name, view: $0.view) }
  }

  /// Takes down what named serves of a cluster before it is changed.
  private mutating func expectToStand(_ label: String, of cluster: Cluster) {
    guard let id = actual.installedID(of: cluster.name),
      let name = try? Recipe.target(label: label, id: id)
    else { return }
    result.servedBefore.append(.forwarded(name: name, cluster: cluster.name))
  }

  /// Whether named has another serial of a zone loaded than its file has.
  private func isBehind(_ zone: ZoneInView) -> Bool {
    let installed = actual.zones.first { $0.name == zone.name && $0.view == zone.view }
    guard let soa = actual.text(of: zone.name, in: zone.view)?.soa else { return false }
    return installed?.status?.serial != soa.record.serial.rawValue
  }

  /// A name through the forwarders, for each label that an alias leads to: that a forward zone is
  /// loaded can be seen in no other way.
  private mutating func expectForwarding() {
    for cluster in desired.clusters {
      guard let id = targets[cluster.name], believed.contains(cluster.name),
        operation.isWhole || changedClusters.contains(cluster.name)
      else { continue }
      let labels = Set(desired.aliases.filter { $0.cluster == cluster.name }.map(\.label))
      for label in labels.isEmpty ? ["mesos"] : labels.sorted() {
        guard let name = try? Recipe.target(label: label, id: id) else { continue }
        let expectation = Expectation.forwarded(name: name, cluster: cluster.name)
        let all = actual.tree.views.filter(\.isInternetClass).count
        if all > 0, views.count < all { result.visibleInOtherViews.insert(expectation) }
        if changedClusters.contains(cluster.name) {
          result.servedAfterwards.append(expectation)
          expectToStand(label, of: cluster)
        } else {
          result.alreadyServed.append(expectation)
        }
      }
    }
  }
}
