import BINDText
import DCOS
import DNSNames
import FileChange
import ReconcileModel

/// Plans the clusters' forward zones in named.conf.
struct ForwardZonePlanner {
  let context: PlanContext
  let placements: Placements

  init(_ context: PlanContext, _ placements: Placements) {
    self.context = context
    self.placements = placements
  }

  func planClusters(
    _ filter: inout ChangeFilter, _ draft: inout PlanDraft
  ) throws(PlanError) -> ClusterPlan {
    var plan = ClusterPlan()
    for cluster in context.desired.clusters.reversed() {
      guard let id = context.beliefs.views[cluster.name]?.id,
        context.actual.installedID(of: cluster.name) == id
      else { continue }
      plan.holders[id] = cluster
    }
    for cluster in context.desired.clusters {
      try self.plan(cluster, &plan, &filter, &draft)
      guard let id = plan.targets[cluster.name], plan.takers[id] == nil else { continue }
      plan.takers[id] = cluster
    }
    holdTakenIDs(&plan, &draft)
    for change in draft.changes { plan.standing.formUnion(change.gives) }
    return plan
  }

  /// The cluster that has an ID which a second one is believed to have as well: that whose block has it, else the first.
  private func holder(
    of id: ClusterID, besides cluster: Cluster, _ plan: ClusterPlan
  ) -> Cluster? {
    if let first = plan.takers[id] { return first }
    guard context.actual.installedID(of: cluster.name) != id else { return nil }
    return plan.holders[id]
  }

  /// The forward zone that another zonebridge has for an ID.
  private func foreignForwardZone(
    of id: ClusterID, besides cluster: Cluster
  ) -> (zone: Zone, block: String)? {
    for zone in context.views.lazy.flatMap({ context.actual.zones(id.domain, in: $0) })
    where zone.clauses.type == .forward {
      guard let block = zone.block, block != cluster.name, context.clusters[block] == nil,
        context.isForeign(block: block)
      else { continue }
      return (zone, block)
    }
    return nil
  }

  /// Holds a cluster whose new ID belongs to another cluster, which has to keep it for now.
  ///
  /// Two clusters may exchange IDs while only one of them is accepted, or a block may still have a former forward zone
  /// that resolvers lead into. named refuses a duplicate zone, and with it everything that the pass would change.
  private func holdTakenIDs(_ plan: inout ClusterPlan, _ draft: inout PlanDraft) {
    while let (cluster, other) = takenID(in: plan) {
      let subject = Subject.cluster(cluster)
      draft.changes.removeAll { $0.subject == subject }
      draft.hold(
        subject, "cluster \(other) still has the ID that this cluster would get",
        remedy: """
          Accept both at once: zonebridge run --once --accept \(cluster) --accept \(other)
          """)
      plan.changed.remove(cluster)
      plan.bodies[cluster] = nil
      plan.forwarders[cluster] = nil
      plan.targets[cluster] = context.actual.installedID(of: cluster)
    }
  }

  /// A cluster whose block is written, with an ID that another one keeps.
  private func takenID(in plan: ClusterPlan) -> (cluster: String, other: String)? {
    let standing = Dictionary(grouping: context.installedForwardZones, by: \.id)
    let keepers = context.desired.clusters.map(\.name).filter { !plan.changed.contains($0) }
    let targets = Dictionary(grouping: keepers) { plan.targets[$0] }
    for name in plan.changed.sorted() {
      guard let id = plan.targets[name] else { continue }
      let blocks = Set(standing[id, default: []].map(\.block))
      let other =
        targets[id]?.first
        ?? (blocks.isEmpty ? nil : keepers.first(where: blocks.contains))
      if let other { return (name, other) }
    }
    return nil
  }

  private func plan(
    _ cluster: Cluster, _ plan: inout ClusterPlan, _ filter: inout ChangeFilter,
    _ draft: inout PlanDraft
  ) throws(PlanError) {
    let installed = context.actual.installedID(of: cluster.name)
    if installed != nil { plan.managed.insert(cluster.name) }
    if let problem = context.beliefs.problems[cluster.name] { draft.problems.append(problem) }
    guard let view = context.beliefs.views[cluster.name] else {
      // What is written stays, and so does where the aliases lead.
      plan.targets[cluster.name] = installed
      return
    }
    plan.believed.insert(cluster.name)
    let handWritten = context.actual.handWrittenZones(named: view.id.domain, in: context.views)
    if context.operation.isWhole, installed == nil, handWritten.isEmpty,
      let alias = unplaceableAlias(of: cluster)
    {
      draft.warnings.append(
        """
        cluster \(cluster.name): waiting: the forward zone is written together with alias \
        \(alias.blockName), which cannot be written yet
        """)
      return
    }
    if let taken = holder(of: view.id, besides: cluster, plan) {
      draft.hold(
        .cluster(cluster.name),
        "it is the same DC/OS cluster as \(taken.name), ID \(view.id); named allows one zone of a name",
        remedy: "Keep only one of the two in the configuration")
      return
    }
    if let other = foreignForwardZone(of: view.id, besides: cluster) {
      draft.hold(
        .cluster(cluster.name),
        """
        \(other.zone.location): the forward zone of its ID stands in the managed block \(other.block), which was written \
        by another configuration or state directory; named takes one zone of a name
        """,
        remedy: """
          Let only one zonebridge manage these files. If the block is left over, remove it with: zonebridge remove \
          \(other.block)
          """)
      return
    }
    let forwarders = cluster.forwarders(of: view.masters)
    guard !forwarders.isEmpty else {
      // `forwarders { };` passes named-checkconf and turns forwarding off.
      draft.hold(.cluster(cluster.name), "the list of its masters is empty", remedy: "")
      return
    }
    let body = Recipe.forwardZone(id: view.id, forwarders: forwarders, port: cluster.dnsPort)
    // A former forward zone stays beside the new one as long as it is needed, which is known once the aliases are
    // planned.
    let blocks = try forwardZoneEdits(of: cluster.name, view.id, body, keeping: nil)
    // If only an alias would change, the alias is held.
    let isDue = !blocks.isEmpty && (handWritten.isEmpty || context.operation.adopts(cluster.name))
    guard
      filter.admits(
        .cluster(cluster.name), body, of: cluster.name, isChange: !blocks.isEmpty, &draft),
      !isDue || !LeapGuard(context).isUnanswered(cluster, &draft)
    else {
      plan.targets[cluster.name] = installed
      return
    }
    plan.targets[cluster.name] = view.id
    plan.forwarders[cluster.name] = forwarders
    var edits = blocks
    var reason =
      !blocks.handEdits.isEmpty ? Reason.editedByHand : reason(for: cluster, view.id, forwarders)
    if handWritten.isEmpty {
      guard context.operation.isWhole else { return }
      plan.managed.insert(cluster.name)
      plan.bodies[cluster.name] = body
    } else {
      guard canAdopt(handWritten, of: cluster, &draft) else { return }
      edits = BlockEdits(edits: try adoption(of: handWritten, of: cluster, body: body))
      reason = Reason.takenOver
      plan.managed.insert(cluster.name)
    }
    guard !edits.isEmpty || !handWritten.isEmpty else { return }
    plan.changed.insert(cluster.name)
    var change = Change(.cluster(cluster.name), body, reason)
    change.isNew = installed == nil && handWritten.isEmpty
    change.edits = edits.edits
    change.gives = Set(context.views.map { .forwardZone(view.id, view: $0) })
    draft.changes.append(change)
  }

  /// A forward zone that somebody wrote by hand is never doubled: named refuses a duplicate zone.
  private func canAdopt(_ zones: [Zone], of cluster: Cluster, _ draft: inout PlanDraft) -> Bool {
    let places = Set(zones.map(\.location)).sorted().joined(separator: ", ")
    guard context.operation.adopts(cluster.name) else {
      draft.hold(
        .cluster(cluster.name),
        """
        \(places): zone "\(zones[0].name.withoutTrailingDot)" is written there by hand already, and named refuses a \
        duplicate zone
        """,
        remedy: "Take it over with: zonebridge adopt \(cluster.name)")
      return false
    }
    if let stranger = zones.first(where: { $0.clauses.type != .forward }) {
      draft.hold(
        .cluster(cluster.name),
        "\(stranger.location): the zone there is not of type forward",
        remedy: "Remove that statement; the next pass writes the forward zone")
      return false
    }
    return true
  }

  /// Why a cluster's block changes.
  private func reason(
    for cluster: Cluster, _ id: ClusterID, _ forwarders: [IPAddress]
  ) -> String {
    guard let installed = context.actual.installedID(of: cluster.name) else { return "new" }
    let isAgreed = if case .polled = cluster.source { true } else { false }
    if installed != id {
      return "ID \(id), it was \(installed) (\(isAgreed ? "masters agree" : "configuration"))"
    }
    let before = context.actual.installedForwarders(of: cluster.name)
    let signs =
      forwarders.filter { !before.contains($0) }.map { "+\($0)" }
      + before.filter { !forwarders.contains($0) }.map { "-\($0)" }
    guard signs.isEmpty else {
      let source = isAgreed && cluster.forwarders == nil ? "masters agree" : "configuration"
      return "forwarders \(signs.joined(separator: " ")) (\(source))"
    }
    if let port = context.actual.installedForwarderPort(of: cluster.name), port != cluster.dnsPort {
      return "dns-port \(port) -> \(cluster.dnsPort) (configuration)"
    }
    return Reason.rewritten
  }

  /// The recipe is applied as a whole: if no alias of a cluster has a place, or all are held, nothing is written for
  /// the cluster.
  private func unplaceableAlias(of cluster: Cluster) -> Alias? {
    let own = placements.all.filter { $0.alias.cluster == cluster.name }
    guard !own.contains(where: { $0.problem == nil }) else { return nil }
    return own.first?.alias
  }

  /// The edits that give a cluster's blocks its forward zone, followed by former ones that stay.
  ///
  /// - Parameters:
  ///   - name: the name of the cluster and of its block.
  ///   - id: the ID that its forward zone has.
  ///   - body: the forward zone's lines.
  ///   - kept: the former ones that stay, and those in views that are not chosen; nil for all.
  /// - Returns: none if the blocks already have them.
  /// - Throws: lines that cannot stand in a block.
  func forwardZoneEdits(
    of name: String, _ id: ClusterID, _ body: [String], keeping kept: Set<Requirement>?
  ) throws(PlanError) -> BlockEdits {
    let installed = context.forwardZonesByBlock[name, default: []].filter { zone in
      kept?.contains(zone.requirement) ?? true
    }
    let places = Dictionary(grouping: installed.indices) { installed[$0].zone.view }
    let wanted = context.zoneSites.map { site in
      var lines = body
      var seen: Set<ClusterID> = [id]
      for place in Set(site.views).flatMap({ places[$0, default: []] }).sorted()
      where seen.insert(installed[place].id).inserted {
        lines += installed[place].lines
      }
      return (site: site.site, body: lines)
    }
    let needed = installed.filter { !context.views.contains($0.zone.view) }
    return try BlockEditor(context).blockEdits(name, wanted) { block, file in
      needed.contains { $0.isIn(block, of: file) }
    }
  }

  /// Gives each cluster's block the former forward zones that stay, and removes the others.
  func finishClusters(
    _ clusters: ClusterPlan, _ departures: Departures, _ filter: inout ChangeFilter,
    _ draft: inout PlanDraft
  ) throws(PlanError) {
    for (name, body) in clusters.bodies.sorted(by: { $0.key < $1.key }) {
      guard let id = clusters.targets[name] else { continue }
      let edits = try forwardZoneEdits(of: name, id, body, keeping: departures.kept)
      let left = context.forwardZonesByBlock[name, default: []].filter {
        departures.leaving.contains($0.requirement)
      }
      let takes = Set(left.map(\.requirement))
      if let index = draft.changes.firstIndex(where: { $0.subject == .cluster(name) }) {
        draft.add(edits)
        draft.changes[index].edits = edits.edits
        draft.changes[index].takes = takes
        continue
      }
      guard !edits.isEmpty, !left.isEmpty,
        filter.admits(.cluster(name), body, of: name, &draft)
      else { continue }
      draft.add(edits)
      let domains = Set(left.map(\.id.domain)).sorted().map(\.withoutTrailingDot).joined(
        separator: ", ")
      var change = Change(.cluster(name), body, "nothing leads into \(domains) any more")
      change.edits = edits.edits
      change.takes = takes
      draft.changes.append(change)
    }
  }

  /// Removes the blocks of clusters that the configuration no longer has.
  func planStrayBlocks(
    _ clusters: ClusterPlan, _ departures: Departures, _ filter: inout ChangeFilter,
    _ draft: inout PlanDraft
  ) {
    let names = Set(context.desired.clusters.map(\.name))
    // A cluster may have been renamed: the block under its old name answers until the new one is written.
    let unseen = context.desired.clusters.first {
      clusters.targets[$0.name] == nil && context.actual.installedID(of: $0.name) == nil
    }
    for file in context.actual.tree.files {
      for block in file.blocks
      where !names.contains(block.name) && block.name != BlockNames.exemption
        && MadeZone.zone(ofBlock: block.name) == nil && context.operation.removes(block.name)
      {
        let zones = context.forwardZonesByBlock[block.name, default: []].filter {
          $0.isIn(block, of: file)
        }
        let isTakenOver =
          !zones.isEmpty && zones.allSatisfy { clusters.standing.contains($0.requirement) }
        if context.operation.isWhole, !isTakenOver, let unseen {
          draft.warnings.append(
            """
            \(file.location(of: block.range.lowerBound)): the managed block \(block.name) is no longer needed, and \
            stays until cluster \(unseen.name), which may be the same one, is written
            """)
          continue
        }
        let subject = Subject.cluster(block.name)
        let location = file.location(of: block.range.lowerBound)
        guard context.mayRemove(block: block.name, at: location, subject, &draft),
          !zones.contains(where: { departures.kept.contains($0.requirement) }),
          filter.admits(subject, [], of: nil, &draft)
        else { continue }
        var change = Change(subject, [], Reason.notWanted)
        change.edits = [FileEdit(file, as: .configuration, .removal(block))]
        change.takes = Set(zones.map(\.requirement))
        draft.changes.append(change)
      }
    }
  }
}
