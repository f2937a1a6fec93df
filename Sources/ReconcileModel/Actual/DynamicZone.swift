package import BINDText
package import DNSNames
import FileChange

/// What named has of a zone that it writes itself, because it accepts DNS UPDATE (RFC 2136).
package struct DynamicZone: Sendable {
  /// The DNAME records at the names that matter.
  package var aliases: [DomainName: LiveAlias]
  /// The whole zone with its journal, in canonical form; nil if no alias has to be added.
  package var content: ZoneText?
  /// The names below our aliases, by alias: DNS UPDATE adds them, and no question shows them (RFC 6672 section 2.4).
  package var namesBelow: [DomainName: OwnerNames]

  package init(
    aliases: [DomainName: LiveAlias], content: ZoneText? = nil,
    namesBelow: [DomainName: OwnerNames] = [:]
  ) {
    self.aliases = aliases
    self.content = content
    self.namesBelow = namesBelow
  }
}

/// A DNAME record that named serves.
package struct LiveAlias: Hashable, Sendable {
  package var target: DomainName
  /// In seconds.
  package var ttl: UInt32

  package init(
    target: DomainName, ttl: UInt32
  ) {
    self.target = target
    self.ttl = ttl
  }
}

extension DynamicZone {
  /// The SOA's rdata in presentation form: while it is the same, the zone has not been changed.
  package var authority: String? {
    guard let file = content?.files.first, let owner = file.outline.soa?.owner,
      let record = file.outline.records(of: owner).first(where: { $0.type == "SOA" })
    else { return nil }
    return record.fields(in: file.snapshot.bytes)
      .map { String(decoding: file.snapshot.bytes[$0], as: UTF8.self) }
      .joined(separator: " ")
  }
}
