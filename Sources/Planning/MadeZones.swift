import BINDText
import ReconcileModel

// Zones that zonebridge makes since named.conf has none for an alias.
extension Planner {
  mutating func planMade(
    _ made: MadeZone, _ placed: [Placement]
  ) throws(PlanError) {
    var wanted: [(alias: Alias, target: DomainName)] = []
    for placement in placed where placement.problem == nil {
      guard let target = target(of: placement.alias),
        !wanted.contains(where: { $0.alias.owner == placement.alias.owner })
      else { continue }
      let (alias, body) = (placement.alias, Recipe.alias(placement.alias, target: target))
      if try isBackedOff(.alias(alias.owner), body, of: alias.cluster) { continue }
      wanted.append((alias, target))
      noteAttempt(.alias(alias.owner), body, reason(for: target, over: []))
    }
    guard !wanted.isEmpty else { return }
    // Several aliases may go into it, and each of them in each view.
    let views = placed.map(\.view).reduce(into: [String?]()) { views, view in
      if !views.contains(view) { views.append(view) }
    }
    try setStatement(of: made, in: views)
    let zone = ZoneInView(name: made.name, view: views.first ?? nil)
    switch actual.waiting[made.name] {
    case .success(let text):
      // The file is there, its statement went missing: what stands in it stays.
      try planText(of: zone, text, placed)
      changedZones.removeAll { $0 == zone }
    case .failure(let error):
      result.problems.append(
        Problem(
          severity: .failed, subject: .zone(made.name), reason: "\(error)",
          remedy: ""))
    case .none:
      let serial = (desired.zones[made.name]?.serial ?? .increment).next(
        after: SerialNumber(0), served: [], now: now)
      var contents = made.create.zoneFile(for: made.name, serial: serial)
      for (alias, target) in wanted {
        do throws(ManagedBlockError) {
          contents += try ManagedBlock.render(
            name: alias.blockName, body: Recipe.alias(alias, target: target), comment: .semicolon,
            digest: blockDigest)
        } catch {
          throw PlanError("\(Subject.alias(alias.owner))", error)
        }
      }
      draft.create(
        actual.bind.root.onHost(made.create.file), as: .zone(made.name, view: zone.view),
        contents: contents)
      let expectations = wanted.map { alias, target in
        Expectation.alias(owner: alias.owner, target: target, zone: made.name, view: zone.view)
      }
      noteVisibility(of: expectations)
      result.servedAfterwards += expectations
      result.servedAfterwards.append(.serial(zone: made.name, view: zone.view, serial))
    }
  }

  /// The first view gets the zone, the others borrow it: so they cannot differ, and the file belongs
  /// to one zone.
  private mutating func setStatement(
    of made: MadeZone, in views: [String?]
  ) throws(PlanError) {
    let file = actual.bind.root.asNamed(made.create.file)
    let sites = try actual.zoneSites(for: views)
    let home = sites.first?.views.first ?? nil
    let wanted = sites.map { site in
      site.views.contains(home)
        ? (site: site.site, body: Recipe.zoneStatement(made.name, file: file))
        : (site: site.site, body: Recipe.lentZone(made.name, from: home ?? ""))
    }
    _ = try setBlocks(made.blockName, wanted)
  }
}
