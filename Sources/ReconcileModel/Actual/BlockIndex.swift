package import DNSNames

/// The zones in whose files managed blocks stand, as the last pass left them.
///
/// It tells a pass where to search for blocks to remove, because a host may have more zone files than can be read in
/// each pass. It is only a hint: if it is missing or damaged, all zone files are searched, and it is written again.
package struct BlockIndex: Equatable, Sendable {
  package var zones: Set<DomainName>

  package init(zones: Set<DomainName>) {
    self.zones = zones
  }
}

extension ActualState {
  /// The zones that have managed blocks once a plan is carried out, or had some before, and those that named is told of.
  package func blockIndex(with plan: Plan) -> BlockIndex {
    var zones: Set<DomainName> = []
    for zone in self.zones {
      if case .success(let text)? = zone.text, text.files.contains(where: { !$0.blocks.isEmpty }) {
        zones.insert(zone.name)
      }
    }
    for case .zone(let zone, _) in plan.files.map(\.kind) { zones.insert(zone) }
    for case .reload(let zone, _) in plan.commands { zones.insert(zone) }
    return BlockIndex(zones: zones)
  }
}
