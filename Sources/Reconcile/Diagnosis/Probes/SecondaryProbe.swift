import DNSNames
import Named
import Planning
import ReconcileModel

/// What another name server of a zone answers for it.
struct SecondaryProbe: Sendable {
  /// How it is known that it is one.
  enum Origin: Sendable {
    /// By the zone's NS records.
    case nameServer
    /// By `also-notify`: it may be no secondary, and only want a NOTIFY.
    case notified
  }

  var zone: ZoneInView
  /// The serial that is served here.
  var serial: SerialNumber
  var origin: Origin
  /// Its name, or the address of one that has none.
  var name: String
  /// Nil where the name has no address, or none that can be asked.
  var server: Endpoint?
  /// Whether it is this host itself, so that it is not asked.
  var isThisHost = false
  /// Nil if it was not asked, because the time was up or the server is this host.
  var answer: Result<DNSAnswer, DNSError>?

  /// For all of them together: what was not asked by then is not known.
  private static let limit = DiagnosisFacts.patience * 3

  /// Looks up all other name servers of the zones, and asks each for the SOA.
  static func look(at facts: DiagnosisFacts) async -> [SecondaryProbe] {
    let deadline = ContinuousClock.now + limit
    // With views, the answer here may come from another view.
    let zones = facts.zoneProbes.filter { $0.zone.view == nil }
    let probes = await nameServers(of: zones, facts) + notifiedServers(of: zones, facts)
    return await concurrentMap(probes, atMost: 32) { probe in
      var probe = probe
      let left = ContinuousClock.now.duration(to: deadline)
      guard let server = probe.server, !probe.isThisHost, left > .milliseconds(10) else {
        return probe
      }
      let client = DNSClient(server: server, timeout: min(DiagnosisFacts.patience, left))
      probe.answer = await client.result(of: probe.zone.name, .soa)
      return probe
    }
  }

  private static func nameServers(
    of zones: [ZoneProbe], _ facts: DiagnosisFacts
  ) async -> [SecondaryProbe] {
    let names = Set(zones.flatMap(\.servers)).sorted()
    let client = facts.client
    let found = await concurrentMap(names, atMost: 32) { name in
      async let four = client.result(of: name, .a, recursionDesired: true)
      async let six = client.result(of: name, .aaaa, recursionDesired: true)
      return [try? await four.get().rdata(of: .a), try? await six.get().rdata(of: .aaaa)]
        .compactMap(\.self).flatMap(\.self).sorted()
    }
    let addresses = Dictionary(zip(names, found)) { first, _ in first }
    let own = LocalAddresses.all
    return zones.flatMap { zone -> [SecondaryProbe] in
      guard let serial = zone.served?.serial else { return [] }
      return zone.servers.sorted().flatMap { name -> [SecondaryProbe] in
        let known = addresses[name] ?? []
        var probe = SecondaryProbe(
          zone: zone.zone.inView, serial: serial, origin: .nameServer,
          name: name.withoutTrailingDot)
        probe.isThisHost = known.contains(where: own.contains)
        guard !known.isEmpty, !probe.isThisHost else { return [probe] }
        return known.map { address in
          var probe = probe
          probe.server = try? Endpoint(host: address, port: 53)
          return probe
        }
      }
    }
  }

  private static func notifiedServers(
    of zones: [ZoneProbe], _ facts: DiagnosisFacts
  ) -> [SecondaryProbe] {
    guard let actual = facts.actual else { return [] }
    return zones.flatMap { zone -> [SecondaryProbe] in
      guard let serial = zone.served?.serial else { return [] }
      return actual.notifiedServers(of: zone.zone).map { server in
        SecondaryProbe(
          zone: zone.zone.inView, serial: serial, origin: .notified, name: "\(server.address)",
          server: try? Endpoint(host: "\(server.address)", port: server.port))
      }
    }
  }

  /// The serial of a server that is ahead of this one, which takes no change below it; nil where it is not, or where
  /// no serial could follow its own for both it and those that are level with this one (RFC 1982 section 3.2).
  var serialAhead: SerialNumber? {
    guard case .success(let answer)? = answer, answer.isAuthoritative, let other = answer.serial
    else { return nil }
    return other.isNewer(than: serial) && other.incremented().isNewer(than: serial) ? other : nil
  }
}

extension [SecondaryProbe] {
  /// The highest serials that secondaries have and this server does not.
  var serialsAhead: [ZoneInView: SerialNumber] {
    reduce(into: [:]) { serials, probe in
      guard let serial = probe.serialAhead else { return }
      serials[probe.zone] =
        serials[probe.zone].map { $0.isNewer(than: serial) ? $0 : serial } ?? serial
    }
  }
}
