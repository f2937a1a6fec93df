import BINDText
import DNSNames
import ReconcileModel

/// Finds records above an alias that hide its DNAME from all clients, or from some.
struct OcclusionGuard {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// A delegation or a DNAME above the alias, within the zone: the zone does not answer for what is below it (RFC 1034
  /// section 4.2.1, RFC 6672 section 2.4), so that a DNAME there would never be seen.
  func occlusion(
    of alias: Alias, in zone: Zone, _ text: ZoneText
  ) -> Problem? {
    for above in alias.owner.ancestors(within: zone.name).dropFirst() {
      for file in text.files {
        for record in file.outline.records(of: above)
        where record.type == "DNAME" || record.type == "NS" && above != zone.name {
          if record.type == "DNAME", goes(record, in: file, of: zone) { continue }
          let place = zone.location(of: record, in: file)
          let what =
            record.type == "NS" ? "is delegated to other name servers" : "has a DNAME record"
          return alias.held(
            "\(place): \(above.withoutTrailingDot) \(what), so nothing below it is answered from this zone",
            record.type == "NS"
              ? "Put the alias where the delegated zone is primary, or choose one that is not below it"
              : "Choose an alias that is not below it")
        }
      }
    }
    return nil
  }

  /// A DNAME above the alias's zone, in a zone that encloses it.
  ///
  /// named itself answers out of the closest zone (RFC 1034 section 4.3.2). But a resolver that holds the DNAME applies
  /// it to all names below (RFC 6672 section 3.4.1), and so does a server that has the enclosing zone alone.
  func occlusion(
    of alias: Alias, above zone: ZoneInView
  ) -> Problem? {
    for parent in context.actual.overlying[zone] ?? [] {
      for above in zone.name.ancestors(within: parent.name) {
        guard let place = foreignAlias(at: above, in: parent) else { continue }
        return alias.held(
          """
          \(place): \(above.withoutTrailingDot) has a DNAME record in the enclosing \(parent.title), so resolvers that \
          have it in their caches ask elsewhere for all names below it, the alias's too
          """, "Remove that DNAME, or choose an alias that is not below it")
      }
    }
    return nil
  }

  /// Hints for aliases about to go into a zone that resolvers reach only through other name servers.
  ///
  /// It is not held: clients of this named get answers, and the other servers may delegate the zone back to it.
  func delegationHints(for placements: Placements) -> [Hint] {
    var seen: Set<ZoneInView> = []
    return placements.all.compactMap { placement in
      guard placement.problem == nil, let name = placement.zone?.name else { return nil }
      let zone = ZoneInView(name: name, view: placement.view)
      guard seen.insert(zone).inserted else { return nil }
      return delegation(above: zone)
    }
  }

  /// A zone cut between the zone's own and the apex of the zone around it.
  private func delegation(above zone: ZoneInView) -> Hint? {
    for parent in context.actual.overlying[zone] ?? [] {
      guard case .success(let text)? = parent.text else { continue }
      for above in zone.name.ancestors(within: parent.name).dropFirst() where above != parent.name {
        for file in text.files {
          guard let record = file.outline.records(of: above).first(where: { $0.type == "NS" })
          else { continue }
          return Hint(
            .zone(zone.name, view: zone.view),
            """
            \(parent.location(of: record, in: file)): \(above.withoutTrailingDot) is delegated to other name \
            servers: only clients that ask this one, or that they refer here, get an answer from the zone
            """)
        }
      }
    }
    return nil
  }

  /// The place of a name's DNAME that stays in a zone; nil if there is none.
  private func foreignAlias(at name: DomainName, in zone: Zone) -> String? {
    if case .success(let live)? = zone.dynamic {
      guard let alias = live.aliases[name] else { return nil }
      let record = OwnedRecords.Record(zone: zone.inView, owner: name, target: alias.target)
      return isUnwanted(name) && context.memory.owned.records.contains(record) ? nil : zone.location
    }
    guard case .success(let text)? = zone.text else { return nil }
    for file in text.files {
      for record in file.outline.records(of: name)
      where record.type == "DNAME" && !goes(record, in: file, of: zone) {
        return zone.location(of: record, in: file)
      }
    }
    return nil
  }

  /// Whether a DNAME belongs to an alias of ours that the configuration no longer has.
  private func goes(_ record: ZoneFileRecord, in file: ZoneTextFile, of zone: Zone) -> Bool {
    guard isUnwanted(record.owner) else { return false }
    return context.memory.owned.contains(record, in: file, of: zone)
      || file.blocks.contains { $0.range.contains(record.range.lowerBound) }
  }

  /// Whether an alias, if it is ours, is to be removed.
  private func isUnwanted(_ owner: DomainName) -> Bool {
    context.operation.removes(alias: owner.withoutTrailingDot)
      && !context.desired.aliases.contains { $0.owner == owner }
  }
}
