import BINDText
import DCOS
import DNSNames
import FileChange
package import ReconcileModel
import SystemPackage

/// The step `plan` of a pass, with its guards: a pure function from the desired and the actual state to a
/// plan.
///
/// No clock, no disk: the same input gives the same plan.
package enum Planner {
  /// Makes the plan.
  ///
  /// Without evidence it is the plan of the files alone, and has questions; with what was found out the
  /// next plan has the commands that named owes us as well.
  package static func plan(
    desired: DesiredState, beliefs: Beliefs, actual: ActualState, memory: PassMemory,
    request: PassRequest = PassRequest(), evidence: Evidence = Evidence(), now: Int64
  ) throws(PlanError) -> Plan {
    let context = try PlanContext(
      desired: desired.led(by: beliefs.courses ?? []), beliefs: beliefs, actual: actual,
      memory: memory,
      request: request, evidence: evidence, now: now)
    return try context.plan()
  }
}

extension PlanContext {
  /// Changes side by side, as values; then files, serials, commands of those that are left.
  fileprivate func plan() throws(PlanError) -> Plan {
    var filter = ChangeFilter(self)
    var draft = PlanDraft()
    draft.problems = evidence.refusals.sorted { $0.key < $1.key }.map(refusal)
    let clusters = try planClusters(&filter, &draft)
    draft.problems = (draft.problems + placementProblems).unique()
    if operation.isWhole { draft.hints += delegationHints }

    let departing = departingZones(&draft)
    var (zoneFiles, dynamicZones) = try planZones(
      besides: Set(departing.map(\.name)), clusters, &filter, &draft)
    zoneFiles += try planMadeZones(clusters, &filter, &draft)

    // What goes, once it is known what comes in its place.
    let removals = RemovalGuard(
      self, removed: unwanted(departing, zoneFiles, dynamicZones),
      expected: standing(zoneFiles, dynamicZones, draft))
    for zone in departing { planDeparture(of: zone, removals, &filter, &draft) }
    for index in zoneFiles.indices {
      planRemovals(from: &zoneFiles[index], removals, &filter)
      draft.add(zoneFiles[index].draft)
    }
    for index in dynamicZones.indices {
      planRemovals(from: &dynamicZones[index], removals)
      draft.add(sendable(dynamicZones[index]))
    }

    // Forward zones last: they go only when nothing leads into them.
    let isExtended = draft.changes.contains { change in
      !(change.body.isEmpty && change.gives.isEmpty)
        && change.edits.contains { $0.kind == .configuration }
    }
    let departures = Departures(
      self, clusters, draft.changes, isConfigurationExtended: isExtended)
    draft.hints += departures.hints
    draft.problems += departures.problems
    try finishClusters(clusters, departures, &filter, &draft)
    planStrayBlocks(clusters, departures, &filter, &draft)
    if operation.isWhole || operation.isRemoval { try planExemptions(clusters, &filter, &draft) }

    var plan = try assembled(
      draft, zoneFiles, clusters, filter,
      removesFirst: !isExtended && !departures.leaving.isEmpty)
    plan.departing = departures.departing
    plan.retained = departures.retained
    plan.replaced = draft.replaced
    plan.continues = departures.continues || !draft.replaced.isEmpty
    return plan
  }

  private func unwanted(
    _ departing: [DepartingZone], _ files: [ZoneFilePlan], _ dynamic: [DynamicZonePlan]
  ) -> Set<DomainName> {
    Set(
      departing.flatMap(\.owners)
        + files.flatMap(\.unwanted).compactMap(\.block.owner)
        + dynamic.flatMap { zone in
          zone.unwanted.filter { zone.live.aliases[$0.owner]?.target == $0.target }.map(\.owner)
        })
  }

  /// What named is to serve of the aliases of the configuration that stand once the plan is carried out.
  private func standing(
    _ files: [ZoneFilePlan], _ dynamic: [DynamicZonePlan], _ draft: PlanDraft
  ) -> [Expectation] {
    let dynamic = dynamic.map(sendable)
    return
      (files.flatMap(\.expectations) + dynamic.flatMap(\.alreadyServed)
      + (draft.changes + dynamic.flatMap(\.changes)).flatMap(\.expectations))
      .filter { $0.alias != nil }
  }

  private func assembled(
    _ draft: PlanDraft, _ zoneFiles: [ZoneFilePlan], _ clusters: ClusterPlan,
    _ filter: ChangeFilter, removesFirst: Bool
  ) throws(PlanError) -> Plan {
    var plan = Plan()
    plan.changes = draft.changes
    let courses = beliefs.courses ?? []
    plan.courses = beliefs.courses
    plan.explain(by: courses)
    plan.problems = (draft.problems + courses.compactMap(\.problem)).unique()
    plan.warnings = draft.warnings
    plan.hints = draft.hints + courses.compactMap(\.hint)
    plan.hidden = namesThatCameLater
    plan.handEdits = draft.handEdits
    plan.revertedChanges = filter.revertedChanges
    plan.memories = beliefs.memories
    plan.targets = clusters.targets
    plan.alreadyServed = draft.alreadyServed
    plan.owned = OwnedRecords(
      records: memory.owned.records.subtracting(draft.disowned).union(draft.owned))
    for change in draft.changes {
      plan.servedAfterwards += change.expectations
      plan.servedBefore += change.servedBefore
    }
    plan.updates = updates(of: draft.changes)

    var files = PlannedFiles()
    for change in draft.changes {
      for file in change.newFiles {
        files.create(file.path, as: file.kind, contents: file.contents)
      }
      for edit in change.edits { files.add(edit) }
    }
    var reloaded: [ZoneInView] = []
    for zone in zoneFiles {
      let serial = zone.draft.changes.isEmpty ? nil : raisedSerial(of: zone)
      if let serial {
        for edit in serial.edits { files.add(edit) }
        plan.serialEdits.append(SerialEdit(zone.zone, serial.edits, serial.serial))
        if let warning = serial.warning { plan.warnings.append(warning) }
        reloaded += zone.zones.map(\.inView)
      }
      expect(zone, serial?.serial, in: &plan)
    }
    do {
      plan.files = try files.inOrder()
    } catch {
      throw PlanError("the edits contradict each other, so nothing was changed", error)
    }
    plan.warnings += foreignConfiguration(loadedWith: plan.files)
    let isExempted = draft.changes.contains { $0.subject == .exemption }
    // What was cached under validation says SERVFAIL still.
    let flushed = clusters.changed.union(isExempted ? clusters.managed : [])
    expectForwarding(clusters, changed: flushed, in: &plan)
    plan.visibleInOtherViews.formUnion(hidden(plan.alreadyServed + plan.servedAfterwards))
    plan.commands = commands(
      of: plan, clusters, changed: reloaded, flushed: flushed, removesFirst: removesFirst)
    plan.newForwarders = newForwarders(clusters, draft.changes)
    return plan
  }

  /// What named has to serve of a zone file, in all zones that it is the file of.
  private func expect(_ zone: ZoneFilePlan, _ serial: SerialNumber?, in plan: inout Plan) {
    let serials = serial.map {
      [Expectation.serial(zone: zone.zone.name, view: zone.zone.view, $0)]
    }
    var expectations = zone.expectations + (serials ?? [])
    for other in zone.zones where other.inView != zone.zone {
      let owners = placements(in: [other]).map(\.alias.owner)
      expectations += (zone.expectations + (serials ?? []))
        .compactMap { $0.moved(to: other.inView, having: owners) }
    }
    if serial == nil {
      plan.alreadyServed += expectations
      // What was taken out of a file is served until named reads it, and no alias of the zone shows that.
      plan.alreadyServed += zone.zones.compactMap { zone in
        serialOwed(by: zone).map { .serial(zone: zone.name, view: zone.view, $0) }
      }
    } else {
      plan.servedAfterwards += expectations
    }
  }
}

extension Expectation {
  /// The same of another zone with the same file, if it has to have the alias; a serial it has in any
  /// case.
  fileprivate func moved(to zone: ZoneInView, having owners: [DomainName]) -> Expectation? {
    switch self {
    case .serial(_, _, let serial): .serial(zone: zone.name, view: zone.view, serial)
    case .alias(let owner, let target, _, _):
      owners.contains(owner)
        ? .alias(owner: owner, target: target, zone: zone.name, view: zone.view) : nil
    case .forwarded: nil
    }
  }
}
