import BINDText
import DNSNames
import ReconcileModel
import SystemPackage

/// What keeps an alias out of a dynamic zone.
struct DynamicZoneGuard {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// Why an alias cannot be put into a dynamic zone; nil if it can.
  func objection(to alias: Alias, in zone: Zone) -> Problem? {
    let rivals = context.actual.zones.filter {
      $0.name == zone.name && $0.view != zone.view && $0.clauses.type != .inView
    }
    if let rival = rivals.first {
      return alias.held(
        """
        \(zone.location): \(zone.title) is dynamic, and \(rival.title) has the same name: match-clients decides which \
        of the two a DNS UPDATE from here reaches
        """,
        "Add the DNAME with nsupdate, with a key or from an address that the view accepts")
    }
    guard case .success(let live)? = zone.dynamic else {
      let unseen = UnseenZone(zone, in: context.actual)
      return alias.held(
        "\(zone.location): \(zone.title) is dynamic, and accepts a DNAME only by DNS UPDATE: "
          + unseen.cause,
        unseen.remedy("zonebridge adds it as soon as named can be asked"))
    }
    guard context.updateKey(of: zone) != nil else {
      return alias.held(
        """
        \(zone.location): \(zone.title) is dynamic, and there is no key to sign a DNS UPDATE with: \
        named's session key, for update-policy local, was not found
        """,
        zone.updateKeyRemedy)
    }
    guard live.aliases[alias.owner] == nil, let content = live.content else { return nil }
    if let problem = RivalGuard(context).rival(of: alias, in: zone, content) { return problem }
    if let problem = OcclusionGuard(context).occlusion(of: alias, in: zone, content) {
      return problem
    }
    if let problem = OcclusionGuard(context).occlusion(of: alias, above: zone.inView) {
      return problem
    }
    return alias.allow.contains(.hidesNames)
      ? nil : HidingGuard(context).objectionToHiding(by: alias, in: zone, content)
  }
}

extension PlanContext {
  /// The key that signs what is sent to a dynamic zone; nil where there is none.
  func updateKey(of zone: Zone) -> FilePath? {
    desired.zones[zone.name]?.updateKey ?? actual.sessionKey
  }
}

extension Zone {
  /// What gives zonebridge a key for the zone.
  var updateKeyRemedy: String {
    """
    Set update-key in zones: \(name.withoutTrailingDot) to a key that may update the zone, or set session-keyfile \
    in the options of named.conf
    """
  }
}
