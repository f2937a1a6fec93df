import BINDText
import DNSNames
import FileChange
import Named
import ReconcileModel
import SystemPackage

/// A dynamic zone, and the plan for it.
struct DynamicZonePlan {
  var zone: Zone
  var live: DynamicZone
  var draft = PlanDraft()
  /// Our records in it that are no longer wanted.
  var unwanted: [OwnedRecords.Record] = []

  init(zone: Zone, live: DynamicZone) {
    self.zone = zone
    self.live = live
  }
}

/// Plans the DNAME records in dynamic zones: named alone writes them, and takes a DNAME by DNS UPDATE (RFC 2136).
struct DynamicZonePlanner {
  private let context: PlanContext
  private let placements: Placements

  init(_ context: PlanContext, _ placements: Placements) {
    self.context = context
    self.placements = placements
  }

  /// What is added to a dynamic zone; nil if nothing can be planned.
  func planUpdate(
    of zone: Zone, _ clusters: ClusterPlan, _ filter: inout ChangeFilter,
    _ draft: inout PlanDraft
  ) -> DynamicZonePlan? {
    let placed = placements.placements(in: [zone])
    guard case .success(let live)? = zone.dynamic else {
      holdUnseenRecords(of: zone, besides: placed, &draft)
      return nil
    }
    var plan = DynamicZonePlan(zone: zone, live: live)
    var seen: Set<DomainName> = []
    for placement in placed where placement.problem == nil {
      guard let target = clusters.target(of: placement.alias),
        seen.insert(placement.alias.owner).inserted
      else { continue }
      let change = self.plan(
        placement.alias, to: target, in: zone, live, clusters, &filter, &plan.draft)
      if let change { plan.draft.changes.append(change) }
    }
    let kept = Set(placed.map(\.alias.owner))
    var records: Set<OwnedRecords.Record> = []
    plan.unwanted = ownedRecords(of: zone).filter { record in
      !kept.contains(record.owner)
        && context.operation.removes(alias: record.owner.withoutTrailingDot)
        && records.insert(record).inserted
    }
    return plan
  }

  /// Plans to remove our unwanted records from a dynamic zone, except those that are held.
  func planRemovals(from plan: inout DynamicZonePlan, _ removals: RemovalGuard) {
    for record in plan.unwanted {
      guard plan.live.aliases[record.owner]?.target == record.target else {
        plan.draft.disowned.insert(record)
        continue
      }
      let zone = plan.zone
      guard removals.admits(record.owner, at: zone.location, to: record.target, &plan.draft)
      else { continue }
      plan.draft.disowned.insert(record)
      var change = Change(.alias(record.owner), [], Reason.notWanted)
      change.zone = zone.inView
      change.update = UpdateRecipe(zone: zone, live: plan.live).removal(of: record)
      plan.draft.changes.append(change)
    }
  }

  private func plan(
    _ alias: Alias, to target: DomainName, in zone: Zone, _ live: DynamicZone,
    _ clusters: ClusterPlan, _ filter: inout ChangeFilter, _ draft: inout PlanDraft
  ) -> Change? {
    let (subject, body) = (
      Subject.alias(alias.owner), Recipe.alias(alias, target: target)
    )
    let recipe = UpdateRecipe(zone: zone, live: live)
    let expectation = Expectation.alias(
      owner: alias.owner, target: target, zone: zone.name, view: zone.view)
    let record = OwnedRecords.Record(zone: zone.inView, owner: alias.owner, target: target)
    let needs = clusters.needs(of: alias, in: [zone.view])
    guard let current = live.aliases[alias.owner] else {
      guard context.operation.isWhole, filter.admits(subject, body, of: alias.cluster, &draft),
        LeapGuard(context).canLead(alias, to: target, from: [], needs, clusters, &draft)
      else { return nil }
      var change = Change(subject, body, Reason.alias(for: target, over: [], ttl: alias.ttl))
      change.isNew = true
      change.zone = zone.inView
      change.needs = needs
      change.leadsAnew = true
      change.update = recipe.addition(of: alias, target)
      change.expectations = [expectation]
      draft.owned.insert(record)
      return change
    }
    let isOurs = ownedRecords(of: zone).contains {
      $0.owner == alias.owner && $0.target == current.target
    }
    if current == LiveAlias(target: target, ttl: alias.ttl) {
      if !isOurs, context.operation.adopts(alias.cluster) {
        draft.warnings.append(
          "\(subject): its DNAME in the dynamic \(zone.title) is taken over as it is")
        draft.owned.insert(record)
      }
      draft.alreadyServed.append(expectation)
      return nil
    }
    guard isOurs || canTakeOver(current, of: alias, in: zone, &draft),
      context.operation.isWhole || context.operation.adopts(alias.cluster),
      filter.admits(subject, body, of: alias.cluster, &draft),
      LeapGuard(context).canLead(alias, to: target, from: [current.target], needs, clusters, &draft)
    else { return nil }
    var change = Change(
      subject, body, Reason.alias(for: target, over: [current.target], ttl: alias.ttl, current.ttl))
    change.zone = zone.inView
    change.needs = needs
    change.leadsAnew = current.target != target
    change.update = recipe.replacement(of: current.target, by: alias, target)
    change.expectations = [expectation]
    change.servedBefore = [
      .alias(owner: alias.owner, target: current.target, zone: zone.name, view: zone.view)
    ]
    draft.owned.insert(record)
    return change
  }

  /// Whether a record that is not ours may be replaced.
  private func canTakeOver(
    _ current: LiveAlias, of alias: Alias, in zone: Zone, _ draft: inout PlanDraft
  ) -> Bool {
    guard current.target.leadsIntoCluster else {
      draft.hold(
        .alias(alias.owner),
        "\(zone.location): its DNAME leads to \(current.target), which belongs to no DC/OS cluster",
        remedy: "Remove that record, or choose another alias")
      return false
    }
    guard context.operation.adopts(alias.cluster) else {
      draft.hold(
        .alias(alias.owner),
        """
        \(zone.location): the dynamic \(zone.title) has a DNAME record for it already, to \(current.target) with a TTL \
        of \(current.ttl) s, that zonebridge did not add
        """,
        remedy: "Take it over with: zonebridge adopt \(alias.cluster)")
      return false
    }
    return true
  }

  /// The changes of a dynamic zone that can be sent; the others are held.
  ///
  /// An update that is not sent changes nothing about which records are ours: a record that is forgotten
  /// before it is removed would stay in the zone for ever.
  func sendable(_ plan: DynamicZonePlan) -> PlanDraft {
    let (zone, draft) = (plan.zone, plan.draft)
    guard !draft.changes.isEmpty else { return draft }
    var held = draft
    held.changes = []
    held.owned = []
    held.disowned = []
    if zone.status?.isFrozen == true {
      held.hold(
        zone.subject,
        "\(zone.location): it is frozen (rndc freeze): somebody may be editing its file",
        remedy: "Its aliases are updated after: rndc thaw \(zone.name.withoutTrailingDot)")
      return held
    }
    guard context.updateKey(of: zone) == nil else { return draft }
    // The guards have already held the additions.
    for part in draft.changes.compactMap(\.update) where part.new == nil {
      held.hold(
        .alias(part.owner),
        """
        \(zone.location): it has to be removed, but \(zone.title) is dynamic, and there is no key to sign a DNS UPDATE \
        with
        """,
        remedy: zone.updateKeyRemedy)
    }
    return held
  }

  /// The updates that carry out changes, one for each dynamic zone.
  func updates(of changes: [Change]) -> [ZoneUpdate] {
    context.actual.zones.compactMap { zone in
      guard zone.isDynamic, case .success(let live)? = zone.dynamic,
        let key = context.updateKey(of: zone)
      else { return nil }
      let parts = changes.filter { $0.zone == zone.inView }.compactMap(\.update)
      guard !parts.isEmpty else { return nil }
      return ZoneUpdate(
        zone: zone.name, view: zone.view, parts: parts, key: key, server: context.actual.bind.query,
        candidate: UpdateRecipe(zone: zone, live: live).candidate(with: parts))
    }
  }

  /// The records that may be ours: those that we remember, and those in a managed block of the file, from before the
  /// zone became dynamic and named rewrote it.
  private func ownedRecords(of zone: Zone) -> [OwnedRecords.Record] {
    var records = context.memory.owned.records(in: zone.inView)
    guard case .success(let text)? = zone.text else { return records }
    for file in text.files {
      for block in file.blocks {
        guard let owner = block.owner else { continue }
        for record in file.outline.records(of: owner)
        where record.type == "DNAME" && block.range.contains(record.range.lowerBound) {
          guard let target = file.target(of: record) else { continue }
          records.append(.init(zone: zone.inView, owner: owner, target: target))
        }
      }
    }
    return records
  }

  /// Holds removals from a zone that cannot be read.
  private func holdUnseenRecords(
    of zone: Zone, besides placed: [Placement], _ draft: inout PlanDraft
  ) {
    let kept = Set(placed.map(\.alias.owner))
    for record in ownedRecords(of: zone) where !kept.contains(record.owner) {
      guard context.operation.removes(alias: record.owner.withoutTrailingDot) else { continue }
      let unseen = UnseenZone(zone, in: context.actual)
      draft.hold(
        .alias(record.owner),
        """
        \(zone.location): it has to be removed, but the zone is dynamic: \(unseen.cause)
        """,
        remedy: unseen.remedy(
          "zonebridge removes it as soon as named can be asked; or remove it by hand with nsupdate")
      )
    }
  }
}
