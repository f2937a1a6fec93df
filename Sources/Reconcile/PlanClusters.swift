import BINDText
import DCOS
import FileChange

// The clusters' forward zones in named.conf.
extension Planner {
  mutating func planCluster(
    _ cluster: Cluster, in zonesIn: ConfigurationFile
  ) throws(PlanError) {
    let installed = install.installedID(of: cluster.name)
    guard let view = believedView(of: cluster, installed: installed) else {
      // What is written stays, and so does where the aliases lead.
      targets[cluster.name] = installed
      return
    }
    if installed == nil, let alias = unplaceableAlias(of: cluster) {
      result.notes.append(
        """
        cluster \(cluster.name): its forward zone is not written before its alias \
        \(alias.blockName) can be
        """)
      return
    }
    if let taken = desired.clusters.first(where: { targets[$0.name] == view.id }) {
      hold(
        "cluster \(cluster.name)",
        "it is the same DC/OS cluster as \(taken.name), ID \(view.id); named takes one zone of a name",
        cure: "Leave one of the two in the configuration")
      return
    }
    if let zone = install.handWrittenZone(named: view.id.domain) {
      hold(
        "cluster \(cluster.name)",
        """
        \(zone.location): zone "\(view.id.domain)" is written there by hand already, and named \
        refuses a zone that stands twice
        """,
        cure: "Take that statement out; the next pass writes it between its markers")
      targets[cluster.name] = view.id
      return
    }
    let forwarders = cluster.forwarders ?? view.masters
    guard !forwarders.isEmpty else {
      // `forwarders { };` passes named-checkconf and turns forwarding off.
      hold("cluster \(cluster.name)", "the list of its masters is empty", cure: "")
      return
    }
    targets[cluster.name] = view.id
    let body = Recipe.forwardZone(id: view.id, forwarders: forwarders, port: cluster.dnsPort)
    if try setBlock(cluster.name, body: body, in: zonesIn) {
      changedClusters.insert(cluster.name)
    }
  }

  /// The view to act on; nil where what is written stays, with the reason among the problems.
  private mutating func believedView(
    of cluster: Cluster, installed: ClusterID?
  ) -> ClusterView? {
    switch sightings[cluster.name] {
    case nil:
      return nil
    case .unknown(let disagreement):
      result.problems.append(
        Problem(
          severity: .failed, subject: "cluster \(cluster.name)", reason: "\(disagreement)",
          cure: ""))
      return nil
    case .agreed(let view, let isUnanimous):
      return isKnown(view, as: cluster, installed: installed, isUnanimous: isUnanimous) ? view : nil
    }
  }

  /// Another ID is another cluster (DC/OS makes a new key with every installation) until the
  /// operator says otherwise.
  ///
  /// What is pinned is the ID that the managed block has.
  private mutating func isKnown(
    _ view: ClusterView, as cluster: Cluster, installed: ClusterID?, isUnanimous: Bool
  ) -> Bool {
    if let pinned = cluster.pinnedID, pinned != view.id {
      hold(
        "cluster \(cluster.name)",
        "its masters say that their ID is \(view.id), and the configuration pins \(pinned)",
        cure: "If the cluster was reinstalled, write its new ID into cluster-id")
      return false
    }
    guard let installed, installed != view.id, cluster.pinnedID == nil,
      !accepted.contains(cluster.name), !(cluster.followsID && isUnanimous)
    else { return true }
    hold(
      "cluster \(cluster.name)",
      "its masters say that their ID is \(view.id); it was \(installed). That is another cluster",
      cure: """
        If it was reinstalled, let it through with: zonebridge run --once --accept \(cluster.name)
        """)
    return false
  }

  /// The recipe goes in whole: with an alias that has no place, its cluster is not begun.
  private func unplaceableAlias(of cluster: Cluster) -> Alias? {
    placements.first {
      $0.alias.cluster == cluster.name && $0.problem?.severity == .failed
    }?.alias
  }

  /// Makes a managed block of named.conf say what it has to, wherever it stands now.
  ///
  /// - Returns: whether anything changes.
  mutating func setBlock(
    _ name: String, body: [String], in target: ConfigurationFile
  ) throws(PlanError) -> Bool {
    var isChanged = false
    var current: ManagedBlock?
    for file in install.tree.files {
      for block in file.blocks where block.name == name {
        if file.snapshot.realPath == target.snapshot.realPath {
          current = block
        } else {
          draft.remove(block, from: file, as: .configuration)
          isChanged = true
        }
      }
    }
    do throws(ManagedBlockError) {
      if let current {
        guard let edit = try target.correction(of: current, to: body) else { return isChanged }
        noteHandEdit(of: current, in: target)
        draft.edit(target, as: .configuration, edit)
      } else {
        let edit = try target.outline.insertion(of: body, named: name, digest: blockDigest)
        draft.edit(target, as: .configuration, edit)
      }
    } catch {
      throw PlanError("\(target.snapshot.path): \(error)")
    }
    return true
  }

  /// Takes out the blocks of clusters that the configuration no longer has.
  mutating func removeStrayBlocks() {
    let clusters = Set(desired.clusters.map(\.name))
    for file in install.tree.files {
      for block in file.blocks where !clusters.contains(block.name) {
        guard let zone = MadeZone.zone(ofBlock: block.name) else {
          draft.remove(block, from: file, as: .configuration)
          continue
        }
        guard desired.zones[zone]?.create == nil else { continue }
        hold(
          "zone \(zone.withoutTrailingDot)",
          """
          \(file.location(of: block.range.lowerBound)): zonebridge made this zone, and the \
          configuration no longer says so
          """,
          cure: "Put `create` back, or take out the block and the zone's file by hand")
      }
    }
  }
}
