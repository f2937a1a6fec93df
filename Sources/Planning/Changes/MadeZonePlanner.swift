import BINDText
import DNSNames
import ReconcileModel

/// Plans the zones that zonebridge makes because named.conf has none for an alias.
struct MadeZonePlanner {
  let context: PlanContext
  let placements: Placements

  init(_ context: PlanContext, _ placements: Placements) {
    self.context = context
    self.placements = placements
  }

  /// Plans the zones to be made.
  ///
  /// - Returns: the zone files that exist already and whose statement went missing: their contents stay.
  func planMadeZones(
    _ clusters: ClusterPlan, _ filter: inout ChangeFilter, _ draft: inout PlanDraft
  ) throws(PlanError) -> [ZoneFilePlan] {
    guard context.operation.isWhole else { return [] }
    var waiting: [ZoneFilePlan] = []
    var made: Set<MadeZone> = []
    for case .made(let zone)? in placements.all.map(\.zone) where made.insert(zone).inserted {
      let placed = placements.all.filter {
        if case .made(let other) = $0.zone { other == zone } else { false }
      }
      if let plan = try planMade(zone, placed, clusters, &filter, &draft) { waiting.append(plan) }
    }
    return waiting
  }

  private func planMade(
    _ made: MadeZone, _ placed: [Placement], _ clusters: ClusterPlan,
    _ filter: inout ChangeFilter, _ draft: inout PlanDraft
  ) throws(PlanError) -> ZoneFilePlan? {
    // Several aliases may go into it, and each of them in each view.
    let views = placed.map(\.view).reduce(into: [String?]()) { views, view in
      if !views.contains(view) { views.append(view) }
    }
    let zone = ZoneInView(name: made.name, view: views.first ?? nil)
    var changes: [Change] = []
    var contents: [UInt8] = []
    for placement in placed where placement.problem == nil {
      let alias = placement.alias
      guard let target = clusters.target(of: alias),
        !changes.contains(where: { $0.subject == .alias(alias.owner) })
      else { continue }
      let body = Recipe.alias(alias, target: target)
      let needs = clusters.needs(of: alias, in: views)
      guard filter.admits(.alias(alias.owner), body, of: alias.cluster, &draft),
        LeapGuard(context).canLead(alias, to: target, from: [], needs, clusters, &draft)
      else { continue }
      var change = Change(
        .alias(alias.owner), body, Reason.alias(for: target, over: [], ttl: alias.ttl))
      change.isNew = true
      change.zone = zone
      change.needs = needs.union([.madeZone(made.name)])
      change.leadsAnew = true
      change.expectations = [
        .alias(owner: alias.owner, target: target, zone: made.name, view: zone.view)
      ]
      changes.append(change)
      do throws(ManagedBlockError) {
        contents += try ManagedBlock.render(
          name: alias.blockName, body: body, comment: .semicolon, digest: blockDigest)
      } catch {
        throw PlanError("\(Subject.alias(alias.owner))", error)
      }
    }
    guard !changes.isEmpty else { return nil }
    let statement = try statementEdits(of: made, in: views)
    draft.add(statement)
    var change = Change(.zone(made.name), [], "made for its aliases")
    change.isNew = true
    change.edits = statement.edits
    change.gives = [.madeZone(made.name)]
    switch context.actual.waiting[made.name] {
    case .success(let text)?:
      draft.changes.append(change)
      var plan = ZoneFilePlan(zone: zone, views: views, text: text)
      try ZoneFilePlanner(context, placements).planBlocks(of: &plan, placed, clusters, &filter)
      return plan
    case .failure(let error)?:
      draft.problems.append(Problem(.failed, .zone(made.name), error))
      return nil
    case nil:
      let serial = (context.desired.zones[made.name]?.serial ?? .increment).next(
        after: SerialNumber(0), served: [], now: context.now)
      change.newFiles = [
        NewFile(
          context.actual.bind.root.onHost(made.create.file), as: .zone(made.name, view: zone.view),
          made.create.zoneFile(for: made.name, serial: serial) + contents)
      ]
      change.expectations = [.serial(zone: made.name, view: zone.view, serial)]
      draft.changes += changes + [change]
      return nil
    }
  }

  /// The first view gets the zone, the others borrow it: so they cannot differ, and the file belongs
  /// to one zone.
  private func statementEdits(
    of made: MadeZone, in views: [String?]
  ) throws(PlanError) -> BlockEdits {
    let file = context.actual.bind.root.asNamed(made.create.file)
    let sites = try context.actual.zoneSites(for: views)
    let home = sites.first?.views.first ?? nil
    let wanted = sites.map { site in
      site.views.contains(home)
        ? (site: site.site, body: Recipe.zoneStatement(made.name, file: file))
        : (site: site.site, body: Recipe.lentZone(made.name, from: home ?? ""))
    }
    return try BlockEditor(context).blockEdits(made.blockName, wanted)
  }
}
