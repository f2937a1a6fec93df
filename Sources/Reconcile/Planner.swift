import BINDText
import DCOS
import FileChange
import SystemPackage

/// The step `plan` of a pass, with its guards: pure, from what is wanted and what stands there to
/// what is to be done.
///
/// No clock, no disk: the same input gives the same plan.
package struct Planner {
  let desired: DesiredState
  let sightings: [String: Sighting]
  let install: Install
  /// What was seen of the expectations that hold already, as far as it was looked at.
  let verdicts: [Expectation: Verdict]
  /// The clusters whose held changes an operator lets through.
  let accepted: Set<String>
  /// Seconds since 1970, for serials made of the time.
  let now: Int64

  var draft = Draft()
  var result = Plan()
  /// Where each alias goes, or why it cannot go anywhere.
  var placements: [Placement] = []
  /// The ID that each cluster's aliases lead to; absent where the aliases stay as they are.
  var targets: [String: ClusterID] = [:]
  /// The clusters whose block is written by this plan.
  var changedClusters: Set<String> = []
  /// The zones that named has loaded and whose text this plan changes.
  var changedZones: [DomainName] = []

  /// Makes the plan.
  ///
  /// Without `verdicts` it is the plan of the files alone; its `settled` expectations are what to
  /// look at, and with what was seen the second plan has the commands that named owes us as well.
  package static func plan(
    desired: DesiredState, sightings: [String: Sighting], install: Install,
    verdicts: [Expectation: Verdict] = [:], accepted: Set<String> = [], now: Int64
  ) throws(PlanError) -> Plan {
    var planner = Planner(
      desired: desired, sightings: sightings, install: install, verdicts: verdicts,
      accepted: accepted, now: now)
    try planner.make()
    return planner.result
  }

  private mutating func make() throws(PlanError) {
    guard let zonesIn = install.configurationForZones else {
      throw PlanError(
        """
        zones-in: \(install.bind.zonesIn) is not part of \(install.bind.namedConf), so that named \
        would never read what is written there. Include it, or name a file that is included
        """)
    }
    placements = desired.aliases.map { placement(of: $0) }
    for cluster in desired.clusters { try planCluster(cluster, in: zonesIn) }
    try planZones(in: zonesIn)
    removeStrayBlocks()
    do {
      result.files = try draft.plannedFiles()
    } catch {
      throw PlanError("the edits contradict each other, so nothing was changed: \(error)")
    }
    planCommands()
  }

  mutating func hold(_ subject: String, _ reason: String, cure: String) {
    result.problems.append(
      Problem(severity: .held, subject: subject, reason: reason, cure: cure))
  }

  /// Says that somebody edited inside a block, where its digest tells.
  mutating func noteHandEdit(of block: ManagedBlock, in text: some ManagedText) {
    guard block.isEdited(in: text.snapshot.bytes, digest: blockDigest) else { return }
    result.undoesHandEdits = true
    result.notes.append(
      """
      \(text.location(of: block.range.lowerBound)): the managed block \(block.name) was edited by \
      hand and is put right. What is to stay belongs outside the markers
      """)
  }
}

/// Why no plan can be made at all.
package struct PlanError: Error, CustomStringConvertible {
  package var description: String

  init(_ description: String) {
    self.description = description
  }
}
