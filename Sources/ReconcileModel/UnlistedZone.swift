package import Named

/// A zone that named has and no statement of named.conf makes: added with `rndc addzone`, or a catalog zone's member.
package struct UnlistedZone: Sendable {
  /// Where such a zone comes from, by what named says of it.
  package enum Origin: Sendable {
    /// `rndc addzone`, or a statement that was taken out since named read named.conf.
    case added
    /// A catalog zone (RFC 9432): named has it from a primary.
    case catalog
  }

  package var zone: ZoneInView
  package var status: ZoneStatus

  /// Nil for the empty zones that named makes by itself (RFC 6303), in whose place any other may come.
  package init?(_ zone: ZoneInView, _ status: ZoneStatus) {
    guard !status.files.isEmpty else { return nil }
    self.zone = zone
    self.status = status
  }

  package var origin: Origin {
    // So named calls the copies that it keeps of them (lib/dns/catz.c).
    status.files.contains { $0.contains("__catz__") } ? .catalog : .added
  }
}
