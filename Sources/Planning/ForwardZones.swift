import BINDText
import DCOS
import FileChange
import ReconcileModel

// The clusters' forward zones in named.conf.
extension Planner {
  mutating func planCluster(_ cluster: Cluster) throws(PlanError) {
    let installed = actual.installedID(of: cluster.name)
    if installed != nil { managedClusters.insert(cluster.name) }
    if let problem = beliefs.problems[cluster.name] { result.problems.append(problem) }
    guard let view = beliefs.views[cluster.name] else {
      // What is written stays, and so does where the aliases lead.
      targets[cluster.name] = installed
      return
    }
    believed.insert(cluster.name)
    if operation.isWhole, installed == nil, let alias = unplaceableAlias(of: cluster) {
      result.warnings.append(
        """
        cluster \(cluster.name): its forward zone is not written before its alias \
        \(alias.blockName) can be
        """)
      return
    }
    if let taken = desired.clusters.first(where: { targets[$0.name] == view.id }) {
      hold(
        .cluster(cluster.name),
        "it is the same DC/OS cluster as \(taken.name), ID \(view.id); named takes one zone of a name",
        remedy: "Keep only one of the two in the configuration")
      return
    }
    let forwarders = cluster.forwarders ?? view.masters
    guard !forwarders.isEmpty else {
      // `forwarders { };` passes named-checkconf and turns forwarding off.
      hold(.cluster(cluster.name), "the list of its masters is empty", remedy: "")
      return
    }
    let body = Recipe.forwardZone(id: view.id, forwarders: forwarders, port: cluster.dnsPort)
    let blocks = zoneSites.map { ($0.site, body) }
    let isBackedOff = try isBackedOff(.cluster(cluster.name), body, of: cluster.name) {
      (trial) throws(PlanError) in try trial.setBlocks(cluster.name, blocks)
    }
    if isBackedOff || isUnanswered(cluster, forwarders) {
      targets[cluster.name] = installed
      return
    }
    targets[cluster.name] = view.id
    self.forwarders[cluster.name] = forwarders
    let handWritten = actual.handWrittenZones(named: view.id.domain, in: views)
    guard handWritten.isEmpty else {
      try planHandWritten(handWritten, of: cluster, body: body)
      return
    }
    guard operation.isWhole else { return }
    managedClusters.insert(cluster.name)
    if try setBlocks(cluster.name, blocks) {
      changedClusters.insert(cluster.name)
      noteAttempt(.cluster(cluster.name), body, reason(for: cluster, view.id, forwarders))
    }
  }

  /// A forward zone that somebody wrote by hand is never doubled: named refuses a zone that stands
  /// twice.
  private mutating func planHandWritten(
    _ zones: [Zone], of cluster: Cluster, body: [String]
  ) throws(PlanError) {
    let places = Set(zones.map(\.location)).sorted().joined(separator: ", ")
    guard operation.adopts(cluster.name) else {
      hold(
        .cluster(cluster.name),
        """
        \(places): zone "\(zones[0].name.withoutTrailingDot)" is written there by hand already, and \
        named refuses a zone that stands twice
        """,
        remedy: "Have it taken over with: zonebridge adopt \(cluster.name)")
      return
    }
    if let stranger = zones.first(where: { $0.clauses.type != .forward }) {
      hold(
        .cluster(cluster.name),
        "\(stranger.location): the zone is not of type forward, so that it is something else",
        remedy: "Take that statement out; the next pass writes the forward zone")
      return
    }
    try adopt(zones, of: cluster, body: body)
    managedClusters.insert(cluster.name)
    changedClusters.insert(cluster.name)
    noteAttempt(.cluster(cluster.name), body, "taken over from what was written by hand")
  }

  /// What makes a cluster's block another one.
  private func reason(
    for cluster: Cluster, _ id: ClusterID, _ forwarders: [IPAddress]
  ) -> String {
    guard let installed = actual.installedID(of: cluster.name) else { return "new" }
    if installed != id { return "ID \(id), it was \(installed)" }
    let before = actual.installedForwarders(of: cluster.name)
    let signs =
      forwarders.filter { !before.contains($0) }.map { "+\($0)" }
      + before.filter { !forwarders.contains($0) }.map { "-\($0)" }
    return signs.isEmpty ? Self.putRight : "forwarders \(signs.joined(separator: " "))"
  }

  /// Why a block goes.
  static let notWanted = "taken out, the configuration does not have it any more"
  /// Why a block is written anew that leads to the same.
  static let putRight = "put right, its text was another"

  /// The recipe goes in whole: where no alias of a cluster has a place, the cluster is not begun.
  private func unplaceableAlias(of cluster: Cluster) -> Alias? {
    let own = placements.filter { $0.alias.cluster == cluster.name }
    guard !own.contains(where: { $0.problem == nil }) else { return nil }
    return own.first { $0.problem?.severity == .failed }?.alias
  }

  /// Makes the managed blocks of a name in named.conf stand where they have to and say what they
  /// have to; those elsewhere go.
  ///
  /// - Returns: whether anything changes.
  mutating func setBlocks(
    _ name: String, _ wanted: [(site: BlockSite, body: [String])]
  ) throws(PlanError) -> Bool {
    var isChanged = false
    var missing = wanted
    for (index, file) in actual.tree.files.enumerated() {
      for block in file.blocks where block.name == name {
        let found = missing.firstIndex {
          $0.site.file == index && file.outline.stands(block, in: $0.site.list)
        }
        guard let found else {
          if !wanted.isEmpty {
            result.warnings.append(
              """
              \(file.location(of: block.range.lowerBound)): a managed block \(name) stands where none \
              belongs (zones-in, views), and is taken out
              """)
          }
          draft.remove(block, from: file, as: .configuration)
          isChanged = true
          continue
        }
        let body = missing.remove(at: found).body
        do throws(ManagedBlockError) {
          guard let edit = try file.correction(of: block, to: body) else { continue }
          noteHandEdit(of: block, in: file)
          draft.edit(file, as: .configuration, edit)
        } catch {
          throw PlanError("\(file.snapshot.path)", error)
        }
        isChanged = true
      }
    }
    for (site, body) in missing {
      try insert(body, named: name, at: site)
      isChanged = true
    }
    return isChanged
  }

  mutating func insert(
    _ body: [String], named name: String, at site: BlockSite
  ) throws(PlanError) {
    let file = actual.tree.files[site.file]
    do throws(ManagedBlockError) {
      let edit =
        if let list = site.list {
          try file.outline.insertion(of: body, named: name, in: list, digest: blockDigest)
        } else {
          try file.outline.insertion(of: body, named: name, digest: blockDigest)
        }
      draft.edit(file, as: .configuration, edit)
    } catch {
      throw PlanError("\(file.snapshot.path)", error)
    }
  }

  /// Takes out the blocks of clusters that the configuration no longer has.
  mutating func removeStrayBlocks() throws(PlanError) {
    let clusters = Set(desired.clusters.map(\.name))
    // A cluster may have been renamed: what stands under its old name answers until the new one is
    // written.
    let unseen = desired.clusters.first {
      targets[$0.name] == nil && actual.installedID(of: $0.name) == nil
    }
    for file in actual.tree.files {
      for block in file.blocks
      where !clusters.contains(block.name) && block.name != BlockNames.exemption
        && MadeZone.zone(ofBlock: block.name) == nil && operation.removes(block.name)
      {
        if operation.isWhole, let unseen {
          result.warnings.append(
            """
            \(file.location(of: block.range.lowerBound)): the managed block \(block.name) is no \
            longer wanted, and stays until cluster \(unseen.name) is written, which may be the same
            """)
          continue
        }
        let subject = Subject.cluster(block.name)
        if try isBackedOff(subject, [], of: nil) { continue }
        noteAttempt(subject, [], Self.notWanted)
        draft.remove(block, from: file, as: .configuration)
      }
    }
  }
}
