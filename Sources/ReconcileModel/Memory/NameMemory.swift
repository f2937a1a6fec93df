package import DNSNames

/// What passes remember of the names that people depend on.
package struct NameMemory: Equatable, Sendable {
  /// The names of the managed blocks that passes with this memory have handled: another configuration over the same
  /// files has others.
  package var blocks: Set<String> = []
  /// The highest serial of each zone that a pass has published: what secondaries have, whatever the zone file says now.
  package var serials: [ZoneInView: SerialNumber] = [:]
  /// Until when forward zones stay that nothing leads into.
  package var retained = RetainedZones()
  /// Where the DNAMEs of others stand for which forward zones stay.
  package var foreign: Set<ForeignDependent> = []
  /// The clusters' domains of which named may still answer out of its cache, because it was not told to forget them.
  package var unflushed: Set<DomainName> = []

  package init() {}
}
