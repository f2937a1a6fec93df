import BINDText
import DNSNames
import Named
import ReconcileModel

/// Reads what the zones around one say about the names between their apex and its own.
///
/// It runs only before an alias is added: the enclosing zone may be large.
struct OverlyingZoneReader {
  let actual: ActualState
  let texts: ZoneTextReader
  let client: DNSClient

  /// The zones around one in the same view, the closest first.
  func zones(above zone: ZoneInView) async -> [Zone] {
    let around = zone.name.parent.map { actual.zones(enclosing: $0, in: zone.view) } ?? []
    var zones: [Zone] = []
    for other in around where other.isInternetClass {
      if let read = await read(home(of: other), above: zone.name) { zones.append(read) }
    }
    return zones
  }

  /// A zone that a view borrows is another view's (`in-view`).
  private func home(of zone: Zone) -> Zone {
    guard let lender = zone.clauses.inView else { return zone }
    return actual.zones(zone.name, in: lender).first ?? zone
  }

  private func read(_ zone: Zone, above name: DomainName) async -> Zone? {
    var zone = zone
    switch zone.clauses.type {
    case .primary where !zone.isDynamic:
      zone.text = zone.text ?? texts.text(of: zone, isConcerned: true)
    case .primary, .secondary, .mirror:
      zone.dynamic = .success(DynamicZone(aliases: await aliases(of: zone, above: name)))
    default: return nil
    }
    return zone
  }

  /// The DNAME records that named has of the names in between; of the zone's own apex named answers out of the zone
  /// itself.
  private func aliases(of zone: Zone, above name: DomainName) async -> [DomainName: LiveAlias] {
    // From outside it is unknown which view would answer.
    guard case .success? = actual.named, zone.view == nil else { return [:] }
    var aliases: [DomainName: LiveAlias] = [:]
    for above in name.ancestors(within: zone.name).dropFirst() {
      guard let answer = try? await client.ask(above, .dname), answer.isAuthoritative else {
        continue
      }
      for record in answer.records(of: .dname, at: above) {
        aliases[above] = record.target.map {
          LiveAlias(target: $0, ttl: record.ttl)
        }
      }
    }
    return aliases
  }
}
