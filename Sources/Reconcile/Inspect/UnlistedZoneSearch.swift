import BINDText
import DNSNames
import Named
import ReconcileModel

/// Asks named for zones that named.conf does not have, where an alias is to be put in: a statement for the same name
/// would be refused, and in the enclosing zone the alias would never be seen.
struct UnlistedZoneSearch {
  let desired: DesiredState
  let actual: ActualState
  let control: RemoteControl

  func zones() async -> [UnlistedZone] {
    guard case .success? = actual.named else { return [] }
    let found = await concurrentMap(candidates, atMost: 8) { zone -> UnlistedZone? in
      let status = try? await control.zoneStatus(
        zone: zone.name, view: zone.view)
      return status.flatMap { UnlistedZone(zone, $0) }
    }
    return found.compactMap(\.self)
  }

  /// The names from each alias that is not there up to its enclosing zone.
  private var candidates: [ZoneInView] {
    let views = actual.tree.views.filter(\.isInternetClass).map(\.name)
    var candidates: Set<ZoneInView> = []
    for alias in desired.aliases {
      for view in views.isEmpty ? [nil] : views.map(Optional.some) {
        let enclosing = actual.zone(enclosing: alias.owner, in: view)
        if let enclosing, enclosing.has(alias.owner) { continue }
        var name: DomainName? = alias.owner
        while let next = name, !next.isRoot, next != enclosing?.name {
          candidates.insert(ZoneInView(name: next, view: view))
          name = next.parent
        }
      }
    }
    let listed = Set(actual.zones.map(\.inView))
    return candidates.subtracting(listed).sorted { $0.name < $1.name }
  }
}

extension Zone {
  /// Whether an alias stands in it already.
  fileprivate func has(_ alias: DomainName) -> Bool {
    if case .success(let live)? = dynamic { return live.aliases[alias] != nil }
    guard case .success(let text)? = text else { return false }
    return text.files.flatMap(\.blocks).contains { (try? DomainName($0.name)) == alias }
  }
}
