import DNSNames
import ReconcileModel

/// Where an alias goes in one view.
struct Placement: Sendable {
  enum Home: Sendable {
    case installed(Zone)
    /// A zone that named.conf does not have yet.
    case made(MadeZone)
  }

  var alias: Alias
  /// Nil in a configuration without views.
  var view: String?
  var zone: Home?
  /// Why the alias cannot go there.
  var problem: Problem?
}

extension Placement.Home {
  var name: DomainName {
    switch self {
    case .installed(let zone): zone.name
    case .made(let zone): zone.name
    }
  }
}
