import BINDText
import DNSNames
import FileChange
import ReconcileModel

/// Finds the names that an alias's DNAME would hide, or hides.
struct HidingGuard {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// RFC 6672 section 2.4.
  ///
  /// Nothing may exist below a DNAME's owner: named answers NXDOMAIN for a name there, and named-checkzone
  /// does not warn.
  func objectionToHiding(
    by alias: Alias, in zone: Zone, _ text: ZoneText
  ) -> Problem? {
    let hidden = hiddenNames(by: alias, in: zone, text) { _ in true }
    guard hidden.count > 0 else { return objectionToNesting(alias) }
    let list = hidden.first.map { $0.isZone ? "\($0)" : $0.text }.joined(separator: ", ")
    let more = hidden.count > 5 ? " and \(hidden.count - 5) more" : ""
    return alias.held(
      "its DNAME would hide \(hidden.count) name\(hidden.count == 1 ? "" : "s") of the zone: \(list)\(more)",
      """
      Choose an alias with nothing below it, or waive the safeguard in the alias's allow: \
      [\(Safeguard.hidesNames.rawValue)]\(hidesNameServer(of: zone, text, by: alias)
        ? ". A name server of the zone is among them, so named would then refuse the zone: use one "
          + "elsewhere first" : "")
      """)
  }

  /// Names that were added below the aliases since those were written, by an ACME client or a colleague.
  ///
  /// Nothing is held: keeping the DNAME right hides no more than it already does.
  func namesThatCameLater(below placements: Placements) -> [HiddenNames] {
    placements.all.compactMap { placement in
      let alias = placement.alias
      guard !alias.allow.contains(.hidesNames), case .installed(let zone)? = placement.zone else {
        return nil
      }
      var hidden = HiddenNames(by: alias.owner, in: zone.inView)
      if zone.isDynamic {
        guard case .success(let live)? = zone.dynamic, live.aliases[alias.owner] != nil else {
          return nil
        }
        // The zone's file is named's own now, and its lines mean nothing to an operator.
        if let names = live.namesBelow[alias.owner] { hidden.add(names) { _ in zone.location } }
      } else {
        guard case .success(let text)? = zone.text, text.hasBlock(of: alias) else { return nil }
        hidden.add(text, below: alias)
      }
      // named looks in its own zones first, so names in zones whose data it has are still answered.
      addZones(to: &hidden, below: alias, in: zone) { !$0.holdsData }
      return hidden.count > 0 ? hidden : nil
    }
  }

  private func hiddenNames(
    by alias: Alias, in zone: Zone, _ text: ZoneText, zonesWhere isHidden: (Zone) -> Bool
  ) -> HiddenNames {
    var hidden = HiddenNames(by: alias.owner, in: zone.inView)
    hidden.add(text, below: alias)
    addZones(to: &hidden, below: alias, in: zone, where: isHidden)
    return hidden
  }

  private func addZones(
    to hidden: inout HiddenNames, below alias: Alias, in zone: Zone, where isHidden: (Zone) -> Bool
  ) {
    for other in context.zonesBelow[alias.owner] ?? []
    where other.view == zone.view && other.isInternetClass && isHidden(other) {
      hidden.count += 1
      guard hidden.first.count < 5 else { continue }
      hidden.first.append(
        HiddenNames.Name(other.name.withoutTrailingDot, at: other.location, isZone: true))
    }
  }

  /// Whether a name server of the zone lies below the alias: "below a DNAME (illegal)" says
  /// named-checkzone of its address.
  private func hidesNameServer(
    of zone: Zone, _ text: ZoneText, by alias: Alias
  ) -> Bool {
    text.files.contains { file in
      file.outline.records(of: zone.name).contains { record in
        record.type == "NS" && file.target(of: record)?.isBelow(alias.owner) ?? false
      }
    }
  }

  func objectionToNesting(
    _ alias: Alias
  ) -> Problem? {
    guard let other = context.aliasesBelow[alias.owner] else { return nil }
    return alias.held(
      "its DNAME would hide the alias \(other.blockName), which lies below it",
      "Keep only one of the two in the configuration")
  }
}

extension ActualState {
  /// The zones below each of some names.
  func zones(below names: Set<DomainName>) -> [DomainName: [Zone]] {
    var found: [DomainName: [Zone]] = [:]
    guard !names.isEmpty else { return found }
    for zone in zones {
      for name in sequence(first: zone.name, next: \.parent).dropFirst() where names.contains(name)
      {
        found[name, default: []].append(zone)
      }
    }
    return found
  }
}

extension HiddenNames {
  /// Adds the names in a zone's text.
  fileprivate mutating func add(_ text: ZoneText, below alias: Alias) {
    for file in text.files {
      add(file.outline.owners(below: alias.owner, first: 5)) { file.location(of: $0) }
    }
  }

  fileprivate mutating func add(_ names: OwnerNames, at location: (Int) -> String) {
    count += names.count
    first += zip(names.first, names.offsets).prefix(max(0, 5 - first.count)).map {
      Name($0.withoutTrailingDot, at: location($1))
    }
  }
}
