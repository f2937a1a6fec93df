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
package struct Planner {
  private let context: PlanContext
  private let placements: Placements

  /// Makes the plan.
  ///
  /// Without evidence it is a plan from the files alone, with questions. With the answers, the next plan also has the
  /// commands that named still needs.
  package static func plan(
    desired: DesiredState, beliefs: Beliefs, actual: ActualState, memory: PassMemory,
    request: PassRequest = PassRequest(), evidence: Evidence = Evidence(), now: Int64
  ) throws(PlanError) -> Plan {
    let context = try PlanContext(
      desired: desired.led(by: beliefs.courses ?? []), beliefs: beliefs, actual: actual,
      memory: memory,
      request: request, evidence: evidence, now: now)
    let placements = try Placer(context).placements()
    return try Planner(context: context, placements: placements).plan()
  }

  /// Independent changes first, as values; then the files, serials and commands of those that are left.
  private func plan() throws(PlanError) -> Plan {
    let forwardZones = ForwardZonePlanner(context, placements)
    let zonePlanner = ZoneFilePlanner(context, placements)
    let dynamicPlanner = DynamicZonePlanner(context, placements)
    let madeZones = MadeZonePlanner(context, placements)
    var filter = ChangeFilter(context)
    var draft = PlanDraft()
    draft.problems = context.evidence.refusals.sorted { $0.key < $1.key }.map(context.refusal)
    let clusters = try forwardZones.planClusters(&filter, &draft)
    draft.problems = (draft.problems + zonePlanner.placementProblems).unique()
    if context.operation.isWhole {
      draft.hints += OcclusionGuard(context).delegationHints(for: placements)
    }

    let departing = madeZones.departingZones(&draft)
    var (zoneFiles, dynamicZones) = try zonePlanner.planZones(
      besides: Set(departing.map(\.name)), clusters, &filter, &draft)
    zoneFiles += try madeZones.planMadeZones(clusters, &filter, &draft)

    // Removals are planned once it is known what replaces them.
    let removals = RemovalGuard(
      context, placements, removed: unwanted(departing, zoneFiles, dynamicZones),
      expected: standing(zoneFiles, dynamicZones, draft))
    for zone in departing { madeZones.planDeparture(of: zone, removals, &filter, &draft) }
    for index in zoneFiles.indices {
      zonePlanner.planRemovals(from: &zoneFiles[index], removals, &filter)
      draft.add(zoneFiles[index].draft)
    }
    for index in dynamicZones.indices {
      dynamicPlanner.planRemovals(from: &dynamicZones[index], removals)
      draft.add(dynamicPlanner.sendable(dynamicZones[index]))
    }

    // Forward zones last: they go only when nothing leads into them.
    let isExtended = draft.changes.contains { change in
      !(change.body.isEmpty && change.gives.isEmpty)
        && change.edits.contains { $0.kind == .configuration }
    }
    let departures = Departures(
      context, clusters, draft.changes, isConfigurationExtended: isExtended)
    draft.hints += departures.hints
    draft.problems += departures.problems
    try forwardZones.finishClusters(clusters, departures, &filter, &draft)
    forwardZones.planStrayBlocks(clusters, departures, &filter, &draft)
    if context.operation.isWhole || context.operation.isRemoval {
      try ExemptionPlanner(context).planExemptions(clusters, &filter, &draft)
    }

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
    let dynamic = dynamic.map(DynamicZonePlanner(context, placements).sendable)
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
    let courses = context.beliefs.courses ?? []
    plan.courses = context.beliefs.courses
    plan.explain(by: courses)
    plan.problems = (draft.problems + courses.compactMap(\.problem)).unique()
    plan.warnings = draft.warnings
    plan.hints = draft.hints + courses.compactMap(\.standingHint)
    plan.hidden = HidingGuard(context).namesThatCameLater(below: placements)
    plan.handEdits = draft.handEdits
    plan.revertedChanges = filter.revertedChanges
    plan.memories = context.beliefs.memories
    plan.targets = clusters.targets
    plan.alreadyServed = draft.alreadyServed
    plan.owned = OwnedRecords(
      records: context.memory.owned.records.subtracting(draft.disowned).union(draft.owned))
    for change in draft.changes {
      plan.servedAfterwards += change.expectations
      plan.servedBefore += change.servedBefore
    }
    plan.updates = DynamicZonePlanner(context, placements).updates(of: draft.changes)

    var files = PlannedFiles()
    for change in draft.changes {
      for file in change.newFiles {
        files.create(file.path, as: file.kind, contents: file.contents)
      }
      for edit in change.edits { files.add(edit) }
    }
    var reloaded: [ZoneInView] = []
    for zone in zoneFiles {
      let serial = zone.draft.changes.isEmpty ? nil : zone.raisedSerial(in: context)
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
    plan.warnings += ForeignEdits(context).foreignConfiguration(loadedWith: plan.files)
    let isExempted = draft.changes.contains { $0.subject == .exemption }
    // Answers that were cached under validation are still SERVFAIL.
    let flushed = clusters.changed.union(isExempted ? clusters.managed : [])
    let commands = CommandPlanner(context, placements)
    commands.expectForwarding(clusters, changed: flushed, in: &plan)
    plan.visibleInOtherViews.formUnion(
      placements.hidden(
        plan.alreadyServed + plan.servedAfterwards, among: context.viewCount))
    plan.forgotten = commands.forgotten(by: plan, clusters, flushed: flushed)
    plan.commands = commands.commands(of: plan, changed: reloaded, removesFirst: removesFirst)
    plan.newForwarders = LeapGuard(context).newForwarders(clusters, draft.changes)
    return plan
  }

  /// What named has to serve from a zone file, in all zones that use it.
  private func expect(_ zone: ZoneFilePlan, _ serial: SerialNumber?, in plan: inout Plan) {
    let serials = serial.map {
      [Expectation.serial(zone: zone.zone.name, view: zone.zone.view, $0)]
    }
    var expectations = zone.expectations + (serials ?? [])
    for other in zone.zones where other.inView != zone.zone {
      let owners = placements.placements(in: [other]).map(\.alias.owner)
      expectations += (zone.expectations + (serials ?? []))
        .compactMap { $0.moved(to: other.inView, having: owners) }
    }
    if serial == nil {
      plan.alreadyServed += expectations
      // What was taken out of a file is served until named reads it, and no alias of the zone shows that.
      let edits = ForeignEdits(context)
      plan.alreadyServed += zone.zones.compactMap { zone in
        edits.serialOwed(by: zone).map { .serial(zone: zone.name, view: zone.view, $0) }
      }
    } else {
      plan.servedAfterwards += expectations
    }
  }
}

extension Expectation {
  /// The same for another zone with the same file, if that should have the alias; a serial always applies.
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
