import DNSNames
import Named
import ReconcileModel

/// What keeps an alias out of the zones that named has and named.conf does not.
struct UnlistedZoneGuard {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// The closest one around an alias, if it is closer than the zone that named.conf has, or will get.
  func unlistedZone(around alias: Alias, in view: String?, besides home: Placement.Home?)
    -> UnlistedZone?
  {
    let closest = context.actual.unlisted
      .filter { $0.zone.view == view && alias.owner.isSubdomain(of: $0.zone.name) }
      .max { $0.zone.name.labelCount < $1.zone.name.labelCount }
    guard let closest, let home, home.name.labelCount >= closest.zone.name.labelCount else {
      return closest
    }
    // named refuses a statement for what it has already, or asks only one of the two.
    return home.name == closest.zone.name ? closest : nil
  }

  /// Why an alias cannot be put into it, and what can be done.
  func objection(to alias: Alias, in unlisted: UnlistedZone) -> Problem {
    let title = "\(Subject.zone(unlisted.zone.name, view: unlisted.zone.view))"
    let noStatement = "no statement of \(context.actual.bind.namedConf) makes it"
    func file(_ status: ZoneStatus) -> String { status.files.first.map { " (file \($0))" } ?? "" }
    let reason =
      switch unlisted.origin {
      case .added(let status):
        """
        named has \(title)\(file(status)), and \(noStatement): it was added with rndc addzone, or its \
        statement was removed after named read it
        """
      case .catalog(let status, let catalogs):
        """
        named has \(title)\(file(status)), and \(noStatement): it is a member of \
        \(catalogs.count == 1 ? "the" : "a") catalog zone\(catalogs.isEmpty ? "" : " ")\
        \(catalogs.joined(separator: " or "))
        """
      case .unloaded:
        """
        named has \(title) without data, and \(noStatement): it was added with rndc addzone, or is a member of a \
        catalog zone, and named could not load it
        """
      case .database(let database):
        "named has \(title), and \(noStatement): its records come from the database of \(database)"
      }
    let isMade = context.desired.zones[unlisted.zone.name]?.create != nil
    return Problem(
      severity: .held, subject: .alias(alias.owner), reason: reason,
      remedy: remedy(for: unlisted)
        + (isMade
          ? ". Remove `create` from the zone's settings: named would no longer answer from that zone"
          : ""))
  }

  private func remedy(for unlisted: UnlistedZone) -> String {
    let primary = "Add the alias where the zone is primary"
    switch unlisted.origin {
    case .catalog: return primary
    case .unloaded:
      return """
        named's log says why it is not loaded. As it is, named answers no name in the zone. If nobody needs it, \
        take it out of the catalog zone, or: rndc delzone \(unlisted.zone.name.withoutTrailingDot)
        """
    case .database:
      return """
        zonebridge edits zone files, and zones of named.conf that accept DNS UPDATE. Add the DNAME to the database \
        with its own tools, or choose an alias in a zone that has a file
        """
    case .added(let status):
      guard status.type == "primary" || status.type == "master" else {
        // Of a static-stub zone, named asks other servers for all names.
        return status.type == "static-stub" ? "Choose an alias outside of it" : primary
      }
      let update =
        status.isDynamic ? ", or add the DNAME with nsupdate, because the zone is dynamic" : ""
      return """
        Move the zone into named.conf: rndc delzone \(unlisted.zone.name.withoutTrailingDot), which keeps its file, \
        then add a statement and rndc reconfig\(update)
        """
    }
  }
}
