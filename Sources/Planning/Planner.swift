package import BINDText
import DCOS
import FileChange
package import ReconcileModel
import SystemPackage

/// The step `plan` of a pass, with its guards: pure, from what is wanted and what stands there to
/// what is to be done.
///
/// No clock, no disk: the same input gives the same plan.
package struct Planner {
  let desired: DesiredState
  let observations: [String: Observation]
  let actual: ActualState
  /// What was seen of the expectations that hold already, as far as it was looked at.
  let verdicts: [Expectation: Verdict]
  /// The zones that named would not load as they would be, with the reason.
  let refusals: [DomainName: String]
  /// What was seen of masters that are to become forwarders, by cluster.
  let findings: [String: ForwarderFinding]
  /// What is remembered of the clusters.
  let memories: ClusterMemories
  /// What was put back by passes before.
  let revertedChanges: RevertedChanges
  /// The clusters whose held changes an operator lets through.
  let accepted: Set<String>
  /// What the plan is for.
  let operation: Operation
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
  /// Without `verdicts` it is the plan of the files alone; its `settled` expectations are what to
  /// look at, and with what was seen the second plan has the commands that named owes us as well.
  package static func plan(
    desired: DesiredState, observations: [String: Observation], actual: ActualState,
    verdicts: [Expectation: Verdict] = [:], refusals: [DomainName: String] = [:],
    findings: [String: ForwarderFinding] = [:],
    memories: ClusterMemories = ClusterMemories(),
    revertedChanges: RevertedChanges = RevertedChanges(),
    accepted: Set<String> = [], operation: Operation = .reconcile,
    now: Int64
  ) throws(PlanError) -> Plan {
    var planner = Planner(
      desired: desired, observations: observations, actual: actual, verdicts: verdicts,
      refusals: refusals, findings: findings, memories: memories, revertedChanges: revertedChanges,
      accepted: accepted,
      operation: operation, now: now)
    try planner.make()
    return planner.result
  }

  private mutating func make() throws(PlanError) {
    ownedAfterwards = actual.owned
    result.revertedChanges = revertedChanges
    result.memories = memories
    if operation.isWhole {
      forgetObsoleteReverts()
      let names = Set(desired.clusters.map(\.name))
      result.memories.byName = memories.byName.filter { names.contains($0.key) }
    }
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
    result.problems += refusals.sorted { $0.key < $1.key }
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

  /// A placement in a zone that named would not load.
  private func refused(_ placement: Placement) -> Placement {
    guard let zone = placement.zone?.name, let reason = refusals[zone] else { return placement }
    var refused = placement
    refused.problem = refusal(of: zone, reason)
    return refused
  }

  private func refusal(of zone: DomainName, _ reason: String) -> Problem {
    Problem(
      severity: .failed, subject: .zone(zone), reason: reason, remedy: "")
  }

  func isRefused(_ zone: Zone) -> Bool { refusals[zone.name] != nil }

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
