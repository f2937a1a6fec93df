package import BINDText
package import DNSNames
import DCOS
package import ReconcileModel

/// A plan without some of its changes: what an automatic revert leaves of it.
package struct PlanReduction {
  /// The plan with the changes that stay, the files as they are to be then.
  ///
  /// Its expectations are those of the changes that stay.
  package private(set) var plan: Plan
  /// The subjects of the changes that do not stay.
  package private(set) var reverted: Set<Subject>

  /// Removes changes from a plan with whatever depends on them, and nothing else.
  ///
  /// - Parameters:
  ///   - plan: the plan that was carried out.
  ///   - blamed: the subjects of the changes to be reverted.
  ///   - serials: the serial that each zone's SOA record should get, if it differs from the planned one.
  /// - Throws: edits that contradict each other.
  package init(
    of plan: Plan, without blamed: Set<Subject>, serials: [ZoneInView: SerialNumber] = [:]
  ) throws(TextEditError) {
    let kept = plan.changes.independent(of: blamed)
    let keptSubjects = Set(kept.map(\.subject))
    let reverted = blamed.union(plan.changes.map(\.subject)).subtracting(keptSubjects)
    var reduced = plan
    reduced.changes = kept
    var files = PlannedFiles()
    for change in kept {
      for file in change.newFiles {
        files.create(file.path, as: file.kind, contents: file.contents)
      }
      for edit in change.edits { files.add(edit) }
    }
    let zones = Set(kept.compactMap(\.zone))
    reduced.serialEdits = plan.serialEdits.filter { zones.contains($0.zone) }.map { edit in
      serials[edit.zone].map(edit.changed) ?? edit
    }
    for edit in reduced.serialEdits.flatMap(\.edits) { files.add(edit) }
    reduced.files = try files.inOrder()
    reduced.updates = plan.updates.compactMap { update in
      var update = update
      let zone = ZoneInView(name: update.zone, view: update.view)
      update.parts.removeAll { part in
        !kept.contains { $0.subject == .alias(part.owner) && $0.zone == zone }
      }
      return update.parts.isEmpty ? nil : update
    }
    let left = Set(plan.changes.compactMap(\.zone)).subtracting(zones)
    func stays(_ expectation: Expectation) -> Bool {
      guard case .serial(let name, let view, _) = expectation else {
        return !reverted.contains(expectation.subject)
      }
      // A file may be that of zones in several views.
      return !left.contains(ZoneInView(name: name, view: view))
        && (zones.contains { $0.name == name } || !left.contains { $0.name == name })
    }
    reduced.servedAfterwards.removeAll { !stays($0) }
    reduced.servedBefore.removeAll { !stays($0) }
    self.plan = reduced
    self.reverted = reverted
  }
}

extension [Change] {
  /// The changes that neither belong to some subjects nor depend on one that does.
  fileprivate func independent(of blamed: Set<Subject>) -> [Change] {
    var (kept, dropped) = (
      filter { !blamed.contains($0.subject) }, filter { blamed.contains($0.subject) }
    )
    while let index = kept.firstIndex(where: { change in dropped.contains { change.restsOn($0) } })
    {
      dropped.append(kept.remove(at: index))
    }
    return kept
  }
}

extension Change {
  /// Whether the change cannot stay where another one is reverted.
  fileprivate func restsOn(_ reverted: Change) -> Bool {
    // A DNAME does not stay without what it leads into.
    if !needs.isDisjoint(with: reverted.gives) { return true }
    // A zone that is made has its aliases in its file, so that it goes with any of them.
    let made = reverted.needs.filter { if case .madeZone = $0 { true } else { false } }
    if !gives.isDisjoint(with: made) { return true }
    // What a DNAME led into before is needed again.
    return takes.contains { requirement in
      guard case .forwardZone(let id, _) = requirement else { return false }
      return reverted.servedBefore.contains { $0.leads(into: id) }
    }
  }
}

extension Expectation {
  fileprivate func leads(into id: ClusterID) -> Bool {
    guard case .alias(_, let target, _, _) = self else { return false }
    return target.isSubdomain(of: id.domain)
  }
}
