import BINDText
import DNSNames
import FileChange
import Named
import ReconcileModel
import SystemPackage

/// A zone file, and the plan for it.
struct ZoneFilePlan {
  /// The zone that an alias goes into, which is the one that is checked and that messages name.
  var zone: ZoneInView
  /// All zones that named loads from this file; none for a file whose statement is still to be written.
  var zones: [Zone] = []
  /// The views that have them.
  var views: [String?]
  var text: ZoneText
  var draft = PlanDraft()
  /// The aliases in it once the plan is carried out.
  var expectations: [Expectation] = []
  /// The blocks in it that are no longer needed.
  var unwanted: [(file: ZoneTextFile, block: ManagedBlock)] = []
}

/// Plans the DNAME records in zone files.
struct ZoneFilePlanner {
  private let context: PlanContext
  private let placements: Placements

  init(_ context: PlanContext, _ placements: Placements) {
    self.context = context
    self.placements = placements
  }

  /// Plans additions to the zones in named.conf; removals are planned once the additions are known.
  func planZones(
    besides departing: Set<DomainName>, _ clusters: ClusterPlan, _ filter: inout ChangeFilter,
    _ draft: inout PlanDraft
  ) throws(PlanError) -> (files: [ZoneFilePlan], dynamic: [DynamicZonePlan]) {
    var files: [ZoneFilePlan] = []
    var dynamic: [DynamicZonePlan] = []
    var planned: Set<NodeID> = []
    let readers = Dictionary(
      grouping: context.actual.zones.filter { $0.mainFile != nil }, by: \.mainFile)
    for zone in context.actual.zones
    where !departing.contains(zone.name) && !context.isRefused(zone) {
      if zone.isDynamic, zone.clauses.type == .primary {
        if let plan = DynamicZonePlanner(context, placements).planUpdate(
          of: zone, clusters, &filter, &draft)
        {
          dynamic.append(plan)
        }
      } else if case .success(let text)? = zone.text,
        let file = text.files.first?.snapshot.identity.node,
        planned.insert(file).inserted
      {
        let zones = readers[file] ?? []
        guard !zones.contains(where: context.isRefused) else { continue }
        if let plan = try planFile(text, of: zones, clusters, &filter, &draft) {
          files.append(plan)
        }
        holdStrayRecords(of: zone, text, besides: placements.placements(in: [zone]), &draft)
      }
    }
    return (files, dynamic)
  }

  /// Plans a zone file, which several zones may share if an operator has waived the safeguard.
  private func planFile(
    _ text: ZoneText, of zones: [Zone], _ clusters: ClusterPlan, _ filter: inout ChangeFilter,
    _ draft: inout PlanDraft
  ) throws(PlanError) -> ZoneFilePlan? {
    let lead =
      zones.first { zone in placements.placements(in: [zone]).contains { $0.problem == nil } }
      ?? zones.first
    guard let lead else { return nil }
    let placed = placements.placements(in: zones)
    // Another view that reads the file, and was not chosen, has nothing to lose.
    let views = placed.filter { $0.problem == nil }.map(\.view).unique()
    var plan = ZoneFilePlan(zone: lead.inView, zones: zones, views: views, text: text)
    var admitting = filter
    try planBlocks(of: &plan, placed, clusters, &admitting)
    plan.unwanted = unwantedBlocks(in: text, besides: placed)
    let isChanged = !plan.draft.changes.isEmpty || !plan.unwanted.isEmpty
    if ForeignEdits(context).leavesAlone(lead, text, isChanged: isChanged, &draft) { return nil }
    filter = admitting
    return plan
  }

  /// The problems of placements that concern the plan's operation.
  var placementProblems: [Problem] { placements.all.filter(isToldOf).compactMap(\.problem) }

  private func isToldOf(_ placement: Placement) -> Bool {
    switch context.operation {
    case .reconcile: return true
    case .removal, .clearance: return false
    case .adoption:
      guard context.operation.adopts(placement.alias.cluster),
        case .installed(let zone)? = placement.zone, case .success(let text)? = zone.text
      else { return false }
      return text.unmarkedRecord(of: placement.alias.owner) != nil
    }
  }

  /// A zone that was dynamic and is no longer: what we put in stands in its file without markers.
  private func holdStrayRecords(
    of zone: Zone, _ text: ZoneText, besides placed: [Placement], _ draft: inout PlanDraft
  ) {
    let kept = Set(placed.map(\.alias.owner))
    for record in context.memory.owned.records(in: zone.inView) {
      guard let (file, found) = text.unmarkedRecord(of: record.owner),
        file.target(of: found) == record.target
      else {
        draft.disowned.insert(record)
        continue
      }
      let name = record.owner.withoutTrailingDot
      if kept.contains(record.owner) || !context.operation.removes(alias: name) { continue }
      draft.hold(
        .alias(record.owner),
        """
        \(file.location(of: found.range.lowerBound)): it has to be removed, but its DNAME was added by DNS UPDATE, so \
        no marker shows which record is ours
        """,
        remedy: "Remove the record by hand")
    }
  }

  /// Plans the wanted blocks of a zone file, with the right contents.
  func planBlocks(
    of plan: inout ZoneFilePlan, _ placed: [Placement], _ clusters: ClusterPlan,
    _ filter: inout ChangeFilter
  ) throws(PlanError) {
    let (zone, text) = (plan.zone, plan.text)
    var seen: Set<DomainName> = []
    for placement in placed where placement.problem == nil {
      let alias = placement.alias
      guard let target = clusters.target(of: alias), !seen.contains(alias.owner) else { continue }
      let body = Recipe.alias(alias, target: target)
      let edits = try recordEdits(of: alias, to: target, in: zone, text)
      guard
        filter.admits(
          .alias(alias.owner), body, of: alias.cluster, isChange: !edits.isEmpty, &plan.draft)
      else { continue }
      seen.insert(alias.owner)
      // If this plan does not write it and it is not there, named does not serve it.
      guard !edits.isEmpty || targets(of: alias.owner, in: text).contains(target) else { continue }
      plan.expectations.append(
        .alias(owner: alias.owner, target: target, zone: zone.name, view: zone.view))
      guard !edits.isEmpty else { continue }
      let before = targets(of: alias.owner, in: text)
      let needs = clusters.needs(of: alias, in: plan.views)
      guard
        LeapGuard(context).canLead(alias, to: target, from: before, needs, clusters, &plan.draft)
      else {
        plan.expectations.removeLast()
        continue
      }
      plan.draft.add(edits)
      let isOurs = text.hasBlock(of: alias)
      let reason =
        !edits.handEdits.isEmpty
        ? Reason.editedByHand
        : !isOurs && before.contains(target)
          ? Reason.takenOver
          : Reason.alias(for: target, over: before, ttl: alias.ttl, ttl(of: alias.owner, in: text))
      var change = Change(.alias(alias.owner), body, reason)
      change.isNew = before.isEmpty
      change.edits = edits.edits
      change.zone = zone
      change.needs = needs
      change.leadsAnew = !before.contains(target)
      change.servedBefore = served(alias.owner, in: zone, text)
      plan.draft.changes.append(change)
    }
  }

  /// The blocks of a zone file that no alias of the configuration has any more.
  private func unwantedBlocks(
    in text: ZoneText, besides placed: [Placement]
  ) -> [(file: ZoneTextFile, block: ManagedBlock)] {
    let kept = Set(placed.map(\.alias.owner))
    var files: Set<FilePath> = []
    // A file may be included twice.
    return text.files.filter { files.insert($0.snapshot.realPath).inserted }.flatMap { file in
      file.blocks.filter { block in
        let owner = block.owner
        return !(owner.map(kept.contains) ?? false) && context.operation.removes(alias: block.name)
      }.map { (file, $0) }
    }
  }

  /// Removes the blocks that are no longer needed from a zone file, except those that are held.
  func planRemovals(
    from plan: inout ZoneFilePlan, _ removals: RemovalGuard, _ filter: inout ChangeFilter
  ) {
    let (zone, text) = (plan.zone, plan.text)
    for (file, block) in plan.unwanted {
      let subject = Subject.alias(ofBlock: block.name)
      if let heir = context.actual.tree.heir(behind: block.range.upperBound, in: file, of: text) {
        plan.draft.hold(
          subject,
          """
          \(heir): the record there has its owner from the managed block before it, which has to be removed
          """,
          remedy: "Move the block to the end of its file, or write the owner before that record")
        continue
      }
      let owner = block.owner
      let location = file.location(of: block.range.lowerBound)
      if let owner {
        let target = targets(of: owner, in: text).first
        guard removals.admits(owner, at: location, to: target, &plan.draft) else { continue }
      }
      guard context.mayRemove(block: block.name, at: location, subject, &plan.draft),
        filter.admits(subject, [], of: nil, &plan.draft)
      else { continue }
      var change = Change(subject, [], Reason.notWanted)
      change.edits = [FileEdit(file, as: .zone(zone.name, view: zone.view), .removal(block))]
      change.zone = zone
      if let owner { change.servedBefore = served(owner, in: zone, text) }
      plan.draft.changes.append(change)
    }
  }

  /// Where an alias leads before it is changed.
  private func served(
    _ owner: DomainName, in zone: ZoneInView, _ text: ZoneText
  ) -> [Expectation] {
    targets(of: owner, in: text).map {
      .alias(owner: owner, target: $0, zone: zone.name, view: zone.view)
    }
  }

  /// Where the DNAME records of a name lead.
  private func targets(of owner: DomainName, in text: ZoneText) -> [DomainName] {
    text.files.flatMap { file in
      file.outline.records(of: owner).filter { $0.type == "DNAME" }.compactMap(file.target)
    }
  }

  /// The TTL that the DNAME record of a name is written with; nil where there is none.
  private func ttl(of owner: DomainName, in text: ZoneText) -> UInt32? {
    text.files.lazy.flatMap { $0.outline.records(of: owner) }.first { $0.type == "DNAME" }?.ttl
  }

  /// The edits that give an alias's block the right contents.
  private func recordEdits(
    of alias: Alias, to target: DomainName, in zone: ZoneInView, _ text: ZoneText
  ) throws(PlanError) -> BlockEdits {
    var result = BlockEdits()
    let kind = PlannedFile.Kind.zone(zone.name, view: zone.view)
    let body = Recipe.alias(alias, target: target)
    let found = text.files.lazy.compactMap { file in
      file.blocks(of: alias).first.map { (file, $0) }
    }.first
    do throws(ManagedBlockError) {
      if let (file, block) = found {
        guard context.operation.isWhole, let edit = try file.correction(of: block, to: body) else {
          return result
        }
        result.noteHandEdit(of: block, in: file)
        result.edits.append(FileEdit(file, as: kind, .edit(edit)))
        return result
      }
      let byHand = text.unmarkedRecord(of: alias.owner)
      guard let main = text.files.first,
        context.operation.isWhole || context.operation.adopts(alias.cluster) && byHand != nil
      else { return result }
      if let (file, record) = byHand {
        guard let removal = file.outline.removal(of: record) else { return result }
        result.edits.append(FileEdit(file, as: kind, .edit(removal)))
      }
      let insertion = try main.outline.insertion(
        of: body, named: alias.blockName, digest: blockDigest)
      result.edits.append(FileEdit(main, as: kind, .edit(insertion)))
      return result
    } catch {
      throw PlanError("\(Subject.zone(zone.name))", error)
    }
  }
}

extension Zone {
  /// The first file of its text, by whatever path; nil if its records do not go into a file.
  fileprivate var mainFile: NodeID? {
    guard !isDynamic, case .success(let text)? = text else { return nil }
    return text.files.first?.snapshot.identity.node
  }
}
