import BINDText
import DNSNames
import ReconcileModel

extension PlanContext {
  /// Where an alias goes, in each view that is chosen for its zone.
  func placements(of alias: Alias) throws(PlanError) -> [Placement] {
    var placements: [Placement] = []
    // Views that somebody chose by name, and those that have or borrow the zone.
    var named = Set(actual.bind.views ?? [])
    var covered: Set<String> = []
    for view in try actual.chosenViews(nil, key: "views") {
      let home = closestZone(to: alias, in: view)
      if let unlisted = unlistedZone(around: alias, in: view, besides: home), views.contains(view) {
        if let view { covered.insert(view) }
        placements.append(
          Placement(alias: alias, view: view, problem: objection(to: alias, in: unlisted)))
        continue
      }
      guard let zone = home else { continue }
      var chosen = views
      if let names = desired.zones[zone.name]?.views {
        let key = "zones.\(zone.name.withoutTrailingDot).views"
        chosen = try actual.chosenViews(names, key: key)
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
            alias: alias, view: view, zone: zone, problem: objection(to: alias, in: installed)))
      case .made(let made):
        placements.append(
          Placement(
            alias: alias, view: view, zone: zone, problem: objection(to: alias, in: made, view)))
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
    let installed = actual.zone(enclosing: alias.owner, in: view)
    let made =
      desired.zones
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
      reason: "no zone in \(actual.bind.namedConf) encloses it\(list)",
      remedy: """
        Add the zone to named.conf, or let zonebridge make it: set create for it under zones in zonebridge's \
        configuration\(views.isEmpty ? "" : ". Or choose other views in zones: … views")
        """)
  }
}
