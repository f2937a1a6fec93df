import DNSNames
import Glibc
import Named
import ReconcileModel

/// Whether the other name servers of the zones have what this one serves.
struct SecondaryCheck: LinkCheck {
  let facts: DiagnosisFacts
  /// Where they answer.
  var port: UInt16 = 53
  var timeout = DiagnosisFacts.patience

  init(facts: DiagnosisFacts) {
    self.facts = facts
  }

  /// One name server of a zone.
  private struct Server: Sendable {
    var probe: ZoneProbe
    var soa: SOA
    var name: DomainName
  }

  /// Looks up all name servers of all zones, and asks each for the SOA.
  var findings: [Finding] {
    get async {
      let own = LocalAddresses.all
      let client = facts.client
      let seen = await concurrentMap(servers, atMost: 32) { server in
        await links(of: server, own, client)
      }
      return seen.flatMap { $0 }
    }
  }

  private var servers: [Server] {
    // In views, what is served here is perhaps another view's.
    facts.zoneProbes.filter { $0.zone.view == nil }.flatMap { probe in
      probe.served.map { soa in
        probe.servers.sorted().map { Server(probe: probe, soa: soa, name: $0) }
      } ?? []
    }
  }

  private func links(
    of server: Server, _ own: Set<String>, _ client: DNSClient
  ) async -> [Finding] {
    let name = server.name.withoutTrailingDot
    let zone = server.probe.zone.name
    let subject = "\(zone.withoutTrailingDot): \(name)"
    async let four = client.result(of: server.name, .a, recursionDesired: true)
    async let six = client.result(of: server.name, .aaaa, recursionDesired: true)
    let answers = [try? await four.get(), try? await six.get()].compactMap(\.self)
    let addresses = answers.flatMap { $0.rdata(of: .a) + $0.rdata(of: .aaaa) }
    guard !addresses.isEmpty else {
      return [
        Finding(
          .secondaries, subject, .warning,
          "it is a name server of the zone, and named finds no address of it",
          remedy: "Take it out of the zone's NS records, or give it an address")
      ]
    }
    if addresses.contains(where: own.contains) {
      return [Finding(.secondaries, subject, .ok, "is this host")]
    }
    var links: [Finding] = []
    for address in addresses.sorted() {
      links.append(await link(address, "\(subject) (\(address))", zone, server.soa))
    }
    return links
  }

  private func link(
    _ address: String, _ subject: String, _ zone: DomainName, _ soa: SOA
  ) async -> Finding {
    guard let server = try? Endpoint(host: address, port: port) else {
      return Finding(.secondaries, subject, .skipped, "no address to be asked")
    }
    let answer = await DNSClient(server: server, timeout: timeout).result(of: zone, .soa)
    return Self.judge(answer, subject, serial: soa.serial)
  }

  /// What a name server's answer says of it.
  static func judge(
    _ result: Result<DNSAnswer, DNSError>, _ subject: String, serial: SerialNumber
  ) -> Finding {
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> Finding {
      Finding(.secondaries, subject, state, finding, remedy: remedy)
    }
    switch result {
    case .failure(let failure):
      return link(
        .warning, "it cannot be asked from here: \(failure.cause)",
        "Is it up, and may this host ask it? Clients that come to it get no answer else")
    case .success(let answer):
      guard answer.isAuthoritative, let other = answer.serial else {
        return link(
          .broken, "it answers \(answer.rcode) without authority: it does not have the zone",
          "Set the zone up there as secondary, or take the server out of the zone's NS records")
      }
      if other == serial { return link(.ok, "has serial \(other)") }
      if serial.isNewer(than: other) {
        return link(
          .warning, "has serial \(other), and \(serial) is served here",
          """
          Within seconds of a change that is as it should be; else see whether NOTIFY reaches it (notify, \
          also-notify here; allow-notify there) and it may transfer (allow-transfer), then there: rndc refresh
          """)
      }
      return link(
        .broken,
        "has serial \(other), newer than \(serial), which is served here: it takes no change",
        "Raise the serial here above \(other), or have the zone transferred anew there: rndc retransfer"
      )
    }
  }
}
