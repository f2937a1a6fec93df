import DNSNames
import Named
import ReconcileModel

/// Whether the other name servers of the zones have what this one serves.
struct SecondaryCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] { facts.secondaries.map(Self.judge) }

  /// What a name server's answer says of it.
  static func judge(_ probe: SecondaryProbe) -> Finding {
    let zone = probe.zone.name.withoutTrailingDot
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> Finding {
      let place = probe.server.flatMap { $0.host == probe.name ? nil : " (\($0.host))" } ?? ""
      return Finding(
        .secondaries, "\(zone): \(probe.name)\(place)", state, finding, remedy: remedy)
    }
    if probe.isThisHost { return link(.ok, "is this host") }
    guard probe.server != nil else {
      return link(
        .warning, "it is a name server of the zone, and named finds no address of it",
        "Take it out of the zone's NS records, or give it an address")
    }
    switch probe.answer {
    case nil: return link(.skipped, "not asked: too many others did not answer in time")
    case .failure(let failure)?:
      guard probe.origin == .nameServer else {
        return link(
          .skipped, "it is notified of the zone, and cannot be asked from here: \(failure.cause)")
      }
      return link(
        .warning, "it cannot be asked from here: \(failure.cause)",
        "Is it up, and may this host ask it? Clients that come to it get no answer else")
    case .success(let answer)?:
      guard answer.isAuthoritative, let other = answer.serial else {
        guard probe.origin == .nameServer else {
          return link(
            .skipped, "it is notified of the zone, and does not have it (\(answer.rcode))")
        }
        return link(
          .broken, "it answers \(answer.rcode) without authority: it does not have the zone",
          "Set the zone up there as secondary, or take the server out of the zone's NS records")
      }
      let (state, finding, remedy) = comparison(of: other, with: probe)
      return link(state, finding, remedy)
    }
  }

  private static func comparison(
    of other: SerialNumber, with probe: SecondaryProbe
  ) -> (Finding.State, String, String) {
    let (ours, zone) = (probe.serial, probe.zone.name.withoutTrailingDot)
    if other == ours { return (.ok, "has serial \(other)", "") }
    if ours.isNewer(than: other) {
      return (
        .warning, "has serial \(other), and \(ours) is served here",
        """
        Within seconds of a change that is as it should be; else see whether NOTIFY reaches it (notify, \
        also-notify here; allow-notify there) and it may transfer (allow-transfer), then there: rndc refresh
        """
      )
    }
    let finding =
      "has serial \(other), newer than \(ours), which is served here: it takes no change"
    let retransfer = "rndc retransfer \(zone)"
    return probe.serialAhead == nil
      ? (
        .broken, finding,
        "No serial can follow both (RFC 1982), so have it start anew, there: \(retransfer)"
      )
      : (
        .broken, finding,
        """
        The next change of zonebridge goes above \(other). To have it follow at once, raise the serial here above \
        \(other) and load it (rndc reload \(zone)), or there: \(retransfer)
        """
      )
  }
}
