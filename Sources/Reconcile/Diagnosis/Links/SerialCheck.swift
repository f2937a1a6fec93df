import BINDText
import DNSNames
import Named
import ReconcileModel
import SystemPackage

/// Whether the file, named and the answer over DNS have the same serial for each zone, and the zone's timers make
/// sense.
struct SerialCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    facts.zoneProbes.flatMap { probe in [serial(probe)] + timers(probe) }
  }

  // MARK: - Serials

  private func serial(_ probe: ZoneProbe) -> Finding {
    let zone = probe.zone
    let name = zone.name.withoutTrailingDot
    func link(_ state: Finding.State, _ finding: String, _ remedy: String = "") -> Finding {
      Finding(.zones, zone.title, state, finding, remedy: remedy)
    }
    guard facts.isControlOurs else {
      return link(.skipped, "skipped: the control channel belongs to another named")
    }
    guard let status = zone.status, let loaded = status.serial else {
      return link(
        .broken, "named has not loaded it",
        "See named's log, or run: named-checkzone \(name) \(zone.path?.string ?? "FILE")")
    }
    let reload = "rndc reload \(name)" + (zone.view.map { " IN \($0)" } ?? "")
    if !zone.isDynamic, case .success(let text)? = zone.text,
      let file = text.soa?.record.serial, file != loaded
    {
      return file.isNewer(than: loaded)
        ? link(.warning, "the file has serial \(file), and named \(loaded) loaded", reload)
        : link(
          .broken,
          "the file has serial \(file), which is older than \(loaded), what named has loaded",
          """
          A restart would go back and stop the secondaries: raise the serial in the file above \
          \(loaded), then \(reload)
          """)
    }
    // From outside it is unknown which view answers this host.
    guard zone.view == nil else { return link(.ok, "file and named have serial \(loaded)") }
    if let reason = facts.unasked {
      return link(.ok, "file and named have serial \(loaded); the answer over DNS is \(reason)")
    }
    guard let served = probe.served?.serial else {
      return link(
        .broken, "asked for its SOA, \(facts.desired.bind.query) gives no authoritative answer",
        "See whether this host may ask named (allow-query), and whether bind.query is that named")
    }
    guard served == status.servedSerial || zone.isDynamic else {
      return link(
        .broken,
        "named says serial \(status.servedSerial ?? loaded), and \(facts.desired.bind.query) answers \(served)",
        "They are not the same named: set bind.query and bind.rndc to the one whose files these are"
      )
    }
    let signed = status.signedSerial.map { ", signed \($0)" } ?? ""
    let source = zone.isDynamic ? "dynamic: named" : "file, named"
    return link(.ok, "\(source) and the answer have serial \(loaded)\(signed)")
  }

  // MARK: - Timers

  /// A day.
  private static let longRefresh: UInt32 = 86_400
  /// The recipe in the DC/OS documentation uses one second.
  private static let shortRefresh: UInt32 = 60
  private static let longNegative: UInt32 = 3600

  private func timers(_ probe: ZoneProbe) -> [Finding] {
    guard let soa = probe.served else { return [] }
    let objections = Self.objections(to: soa)
    guard !objections.isEmpty else {
      return [
        Finding(
          .zones, "\(probe.zone.title) timers", .ok,
          "refresh \(soa.refresh), retry \(soa.retry), expire \(soa.expire), negative TTL \(soa.minimum)"
        )
      ]
    }
    return objections.map { finding, remedy in
      Finding(.zones, "\(probe.zone.title) timers", .warning, finding, remedy: remedy)
    }
  }

  /// What is wrong with an SOA's numbers, each with its remedy (RIPE-203, RFC 2308 section 5).
  static func objections(to soa: SOA) -> [(String, String)] {
    var objections: [(String, String)] = []
    if soa.minimum > longNegative {
      objections.append(
        (
          "negative TTL \(soa.minimum) s: for that long a resolver that asked too early goes on answering that an alias does not exist",
          "Lower the last number of the SOA record, to 300 or 60"
        ))
    }
    if soa.refresh > longRefresh {
      objections.append(
        (
          "refresh \(soa.refresh) s: a secondary that missed a NOTIFY serves the old target for that long",
          "Lower the SOA's refresh, for example to 3600"
        ))
    }
    if soa.refresh < shortRefresh || soa.retry < shortRefresh {
      objections.append(
        (
          "refresh \(soa.refresh) s, retry \(soa.retry) s: secondaries ask all the time",
          "Write 3600 and 900; NOTIFY brings changes at once in any case"
        ))
    }
    if soa.expire <= soa.refresh {
      objections.append(
        (
          "expire \(soa.expire) s is not above refresh: a secondary stops serving the zone between two refreshes",
          "Write 1209600, two weeks"
        ))
    }
    return objections
  }
}
