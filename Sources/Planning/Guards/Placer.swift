import BINDText
import DNSNames
import ReconcileModel

/// Finds the zone that each alias goes into, view by view.
struct Placer {
  private let context: PlanContext
  private let aliasGuard: AliasGuard
  private let unlistedZones: UnlistedZoneGuard

  init(_ context: PlanContext) {
    self.context = context
    aliasGuard = AliasGuard(context)
    unlistedZones = UnlistedZoneGuard(context)
  }

  /// Where all aliases go.
  func placements() throws(PlanError) -> Placements {
    var placements: [Placement] = []
    for alias in context.desired.aliases {
      placements += try self.placements(of: alias).map(refused)
    }
    return Placements(placements)
  }

  /// A placement in a zone that named would not load.
  private func refused(_ placement: Placement) -> Placement {
    guard let zone = placement.zone?.name, let reason = context.evidence.refusals[zone] else {
      return placement
    }
    var refused = placement
    refused.problem = context.refusal(of: zone, reason)
    return refused
  }

  /// Where an alias goes, in each view that is chosen for its zone.
  private func placements(of alias: Alias) throws(PlanError) -> [Placement] {
    var placements: [Placement] = []
    // Views that somebody chose by name, and those that have or borrow the zone.
    var named = Set(context.actual.bind.views ?? [])
    var covered: Set<String> = []
    for view in try context.actual.chosenViews(nil, key: "views") {
      let home = closestZone(to: alias, in: view)
      if let unlisted = unlistedZones.unlistedZone(around: alias, in: view, besides: home),
        context.views.contains(view)
      {
        if let view { covered.insert(view) }
        placements.append(
          Placement(
            alias: alias, view: view, problem: unlistedZones.objection(to: alias, in: unlisted)))
        continue
      }
      guard let zone = home else { continue }
      var chosen = context.views
      if let names = context.desired.zones[zone.name]?.views {
        let key = "zones.\(zone.name.withoutTrailingDot).views"
        chosen = try context.actual.chosenViews(names, key: key)
        named = Set(names)
      }
      guard chosen.contains(view) else { continue }
      if let view { covered.insert(view) }
      switch zone {
      case .installed(let installed):
        // A zone that the view borrows is edited in the view that it belongs to.
        if installed.clauses.type == .inView, chosen.contains(installed.clauses.inView) { continue }
        placements.append(
          Placement(
            alias: alias, view: view, zone: zone,
            problem: aliasGuard.objection(to: alias, in: installed)))
      case .made(let made):
        placements.append(
          Placement(
            alias: alias, view: view, zone: zone,
            problem: aliasGuard.objection(to: alias, in: made, view)))
      }
    }
    let missing = named.subtracting(covered).sorted()
    if placements.isEmpty || !missing.isEmpty {
      placements.append(Placement(alias: alias, problem: noZone(for: alias, in: missing)))
    }
    return placements
  }

  /// The closest enclosing zone decides about a name (RFC 1034 section 4.3.2).
  private func closestZone(to alias: Alias, in view: String?) -> Placement.Home? {
    let installed = context.actual.zone(enclosing: alias.owner, in: view)
    let made =
      context.desired.zones
      .compactMap { name, settings in settings.create.map { MadeZone(name: name, create: $0) } }
      .filter { alias.owner.isSubdomain(of: $0.name) }
      .max { $0.name.labelCount < $1.name.labelCount }
    if let installed, installed.name.labelCount >= made?.name.labelCount ?? 0 {
      return .installed(installed)
    }
    return made.map { .made($0) }
  }

  private func noZone(for alias: Alias, in views: [String]) -> Problem {
    let list = views.isEmpty ? "" : " in view \(views.joined(separator: ", "))"
    return Problem(
      severity: .failed, subject: .alias(alias.owner),
      reason: "no zone in \(context.actual.bind.namedConf) encloses it\(list)",
      remedy: """
        Add the zone to named.conf, or let zonebridge make it: set create for it under zones in zonebridge's \
        configuration\(views.isEmpty ? "" : ". Or choose other views in zones: … views")
        """)
  }
}
