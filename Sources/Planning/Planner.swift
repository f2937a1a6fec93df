import BINDText
import DCOS
import FileChange
package import ReconcileModel
import SystemPackage

/// The step `plan` of a pass, with its guards: a pure function from the desired and the actual state to a
/// plan.
///
/// No clock, no disk: the same input gives the same plan.
package struct Planner {
  let desired: DesiredState
  let beliefs: Beliefs
  let actual: ActualState
  let memory: PassMemory
  let request: PassRequest
  let evidence: Evidence
  /// Seconds since 1970, for serials made of the time.
  let now: Int64

  /// The views that get the zone statements, and where in them.
  var views: [String?] = []
  var zoneSites: [ZoneSite] = []
  var draft = PlanDraft()
  var result = Plan()
  /// The zones with a file, by its path.
  var zonesByFile: [FilePath: [Int]] = [:]
  /// In how many views each alias has a place.
  var placeCounts: [DomainName: Int] = [:]
  /// Where each alias goes, or why it cannot go anywhere.
  var placements: [Placement] = []
  /// The ID that each cluster's aliases lead to; absent where the aliases stay as they are.
  var targets: [String: ClusterID] = [:]
  /// The addresses that each believed cluster's forward zone is to have.
  var forwarders: [String: [IPAddress]] = [:]
  /// The clusters of which something is believed.
  var believed: Set<String> = []
  /// The clusters whose forward zone is ours, or becomes so.
  var managedClusters: Set<String> = []
  /// The clusters whose block is written by this plan.
  var changedClusters: Set<String> = []
  /// The records in dynamic zones that are ours once the plan is carried out.
  var ownedAfterwards = OwnedRecords()
  /// The zones that named has loaded and whose text this plan changes.
  var changedZones: [ZoneInView] = []

  /// Makes the plan.
  ///
  /// Without evidence it is the plan of the files alone, and has questions; with what was found out the
  /// next plan has the commands that named owes us as well.
  package static func plan(
    desired: DesiredState, beliefs: Beliefs, actual: ActualState, memory: PassMemory,
    request: PassRequest = PassRequest(), evidence: Evidence = Evidence(), now: Int64
  ) throws(PlanError) -> Plan {
    var planner = Planner(
      desired: desired, beliefs: beliefs, actual: actual, memory: memory, request: request,
      evidence: evidence, now: now)
    try planner.make()
    return planner.result
  }

  private mutating func make() throws(PlanError) {
    ownedAfterwards = memory.owned
    result.revertedChanges = memory.revertedChanges
    result.memories = beliefs.memories
    if operation.isWhole { forgetObsoleteReverts() }
    views = try actual.chosenViews(actual.bind.views, key: "bind.views")
    zoneSites = try actual.zoneSites(for: views)
    for (index, zone) in actual.zones.enumerated() {
      guard let path = zone.path?.lexicallyNormalized() else { continue }
      zonesByFile[path, default: []].append(index)
    }
    for alias in desired.aliases { placements += try placements(of: alias).map(refused) }
    for placement in placements where placement.problem == nil {
      placeCounts[placement.alias.owner, default: 0] += 1
    }
    result.problems += evidence.refusals.sorted { $0.key < $1.key }
      .map { zone, reason in refusal(of: zone, reason) }
    for cluster in desired.clusters { try planCluster(cluster) }
    try planZones()
    if operation.isWhole || operation.isRemoval { try planExemptions() }
    try removeStrayBlocks()
    do {
      result.files = try draft.plannedFiles()
    } catch {
      throw PlanError("the edits contradict each other, so nothing was changed", error)
    }
    result.owned = ownedAfterwards
    noteForeignConfiguration()
    planCommands()
    result.newForwarders = newForwarders
    result.targets = targets
  }

  var operation: Operation { request.operation }

  /// A placement in a zone that named would not load.
  private func refused(_ placement: Placement) -> Placement {
    guard let zone = placement.zone?.name, let reason = evidence.refusals[zone] else {
      return placement
    }
    var refused = placement
    refused.problem = refusal(of: zone, reason)
    return refused
  }

  private func refusal(of zone: DomainName, _ reason: String) -> Problem {
    Problem(
      severity: .failed, subject: .zone(zone), reason: reason, remedy: "")
  }

  func isRefused(_ zone: Zone) -> Bool { evidence.refusals[zone.name] != nil }

  mutating func hold(_ subject: Subject, _ reason: String, remedy: String) {
    result.problems.append(
      Problem(severity: .held, subject: subject, reason: reason, remedy: remedy))
  }

  /// Says that somebody edited inside a block, where its digest tells.
  mutating func noteHandEdit(of block: ManagedBlock, in text: some ManagedText) {
    guard block.isEdited(in: text.snapshot.bytes, digest: blockDigest) else { return }
    result.undoesHandEdits = true
    result.warnings.append(
      """
      \(text.location(of: block.range.lowerBound)): the managed block \(block.name) was edited by \
      hand and is put right. What is to stay belongs outside the markers
      """)
  }
}
