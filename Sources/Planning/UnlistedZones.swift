import DNSNames
import Named
import ReconcileModel

// Zones that named has and named.conf does not.
extension PlanContext {
  /// The closest one around an alias, if it is closer than the zone that named.conf has, or is to get.
  func unlistedZone(around alias: Alias, in view: String?, besides home: Placement.Home?)
    -> UnlistedZone?
  {
    let closest = actual.unlisted
      .filter { $0.zone.view == view && alias.owner.isSubdomain(of: $0.zone.name) }
      .max { $0.zone.name.labelCount < $1.zone.name.labelCount }
    guard let closest, let home, home.name.labelCount >= closest.zone.name.labelCount else {
      return closest
    }
    // named refuses a statement for what it has already.
    return home.name == closest.zone.name ? closest : nil
  }

  /// Why an alias cannot be put into it, and what can be done.
  func objection(to alias: Alias, in unlisted: UnlistedZone) -> Problem {
    let name = unlisted.zone.name.withoutTrailingDot
    let file = unlisted.status.files.first ?? ""
    let origin =
      switch unlisted.origin {
      case .added:
        "it was added with rndc addzone, or its statement was taken out since named read it"
      case .catalog: "it is a member of a catalog zone"
      }
    return Problem(
      severity: .held, subject: .alias(alias.owner),
      reason: """
        named has \(Subject.zone(unlisted.zone.name, view: unlisted.zone.view)) (file \(file)), and no statement of \
        \(actual.bind.namedConf) makes it: \(origin)
        """,
      remedy: remedy(for: unlisted, name)
        + (desired.zones[unlisted.zone.name]?.create == nil
          ? ""
          : ". Take `create` out of the zone's settings: named refuses a second zone of that name"))
  }

  private func remedy(for unlisted: UnlistedZone, _ name: String) -> String {
    switch unlisted.origin {
    case .catalog: return "Put the alias in where the zone is primary"
    case .added where unlisted.status.type == "secondary" || unlisted.status.type == "slave":
      return "Put the alias in where the zone is primary"
    case .added:
      let update =
        unlisted.status.isDynamic
        ? ", or put the DNAME in with nsupdate, for the zone is dynamic" : ""
      return """
        Let a statement of named.conf make the zone: rndc delzone \(name), which keeps its file, then write it there and \
        rndc reconfig\(update)
        """
    }
  }
}
