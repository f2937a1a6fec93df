import DNSNames
import Named
import ReconcileModel

/// What named serves of a zone with aliases, and its name servers.
struct ZoneProbe: Sendable {
  var zone: Zone
  /// The SOA over DNS, from where named is asked.
  var authority: Result<DNSAnswer, DNSError>
  /// The names in its NS records, as served.
  var servers: [DomainName]

  /// Looks at the zones; none where named is not asked.
  static func look(at facts: DiagnosisFacts) async -> [ZoneProbe] {
    guard facts.asksNamed else { return [] }
    let client = facts.client
    return await concurrentMap(facts.aliasZones, atMost: 32) { zone in
      let authority = await client.result(of: zone.name, .soa)
      let servers = await client.result(of: zone.name, .ns)
      let names = (try? servers.get())?.answers.filter { $0.type == .ns }.compactMap(\.target)
      return ZoneProbe(zone: zone, authority: authority, servers: names ?? [])
    }
  }

  /// What is served over DNS; nil where it cannot be seen, or is not the zone of this view for certain.
  var served: SOA? {
    guard let answer = try? authority.get(), answer.isAuthoritative,
      let record = answer.answers.first(where: { $0.type == .soa })
    else { return nil }
    return SOA(record.fields)
  }
}

/// The numbers of an SOA record (RFC 1035 section 3.3.13).
struct SOA: Hashable, Sendable {
  var serial: SerialNumber
  var refresh: UInt32
  var retry: UInt32
  var expire: UInt32
  /// How long it is held that a name does not exist (RFC 2308).
  var minimum: UInt32

  /// Nil for what are not the fields of one.
  init?(_ fields: [String]) {
    let numbers = fields.dropFirst(2).compactMap { UInt32($0) }
    guard fields.count == 7, numbers.count == 5 else { return nil }
    (serial, refresh, retry, expire, minimum) = (
      SerialNumber(numbers[0]), numbers[1], numbers[2], numbers[3], numbers[4]
    )
  }
}
