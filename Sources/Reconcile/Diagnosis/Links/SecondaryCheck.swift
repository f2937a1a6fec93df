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
        .warning, "it is a name server of the zone, and named finds no address for it",
        "Remove it from the zone's NS records, or give it an address")
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
        "Check that it is up, and that this host may ask it. Otherwise clients that come to it get no answer"
      )
    case .success(let answer)?:
      guard answer.isAuthoritative, let other = answer.serial else {
        guard probe.origin == .nameServer else {
          return link(
            .skipped, "it is notified of the zone, and does not have it (\(answer.rcode))")
        }
        return link(
          .broken, "it answers \(answer.rcode) without authority: it does not have the zone",
          "Set up the zone there as secondary, or remove the server from the zone's NS records")
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
        This is normal within seconds of a change. Otherwise check that NOTIFY reaches it (notify, also-notify here; \
        allow-notify there) and that it may transfer (allow-transfer), then there: rndc refresh
        """
      )
    }
    let finding =
      "has serial \(other), newer than \(ours), which is served here: it accepts no change"
    let retransfer = "rndc retransfer \(zone)"
    return probe.serialAhead == nil
      ? (
        .broken, finding,
        "No serial can follow both (RFC 1982). Transfer the zone again, there: \(retransfer)"
      )
      : (
        .broken, finding,
        """
        The next change of zonebridge goes above \(other). To have it follow now, raise the serial here above \(other) \
        and load it (rndc reload \(zone)), or there: \(retransfer)
        """
      )
  }
}
