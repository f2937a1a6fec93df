import DNSNames
package import Named

/// A zone that named has and no statement of named.conf makes: added with `rndc addzone`, a catalog zone's member, or
/// one of a database's.
package struct UnlistedZone: Sendable {
  /// Where such a zone comes from, by what named says of it.
  package enum Origin: Sendable {
    /// `rndc addzone`, or a statement that was removed since named read named.conf.
    case added(ZoneStatus)
    /// A catalog zone (RFC 9432): named has it from a primary. More than one name where named does not say which.
    case catalog(ZoneStatus, of: [String])
    /// One or the other: named has it, and no data of it, so that it tells nothing more.
    case unloaded
    /// A database behind a `dlz` or `dyndb` statement: its keyword, name and place.
    case database(String)
  }

  package var zone: ZoneInView
  package var origin: Origin

  package init(_ zone: ZoneInView, from origin: Origin) {
    self.zone = zone
    self.origin = origin
  }

  /// By what `rndc zonestatus` says; nil for the empty zones that named makes by itself (RFC 6303), in whose place any
  /// other may come.
  ///
  /// - Parameters:
  ///   - zone: Its name and view.
  ///   - status: What named says of it.
  ///   - catalogs: The view's catalog zones.
  package init?(_ zone: ZoneInView, _ status: ZoneStatus, catalogs: [String] = []) {
    guard !status.files.isEmpty || status.isReconfigurable else { return nil }
    self.zone = zone
    // So named calls the copies that it keeps of them (lib/dns/catz.c); with `in-memory` it keeps none.
    let isMember =
      status.files.contains { $0.contains("__catz__") }
      || !catalogs.isEmpty && status.files.isEmpty && status.isSecondary
    guard isMember else {
      origin = .added(status)
      return
    }
    // Where the name would be long it is a digest, which tells nothing.
    let named = catalogs.filter { catalog in
      let copy = "__catz__\(zone.view ?? "_default")_\(catalog)_\(zone.name.withoutTrailingDot).db"
      return status.files.contains { $0.lowercased().hasSuffix(copy.lowercased()) }
    }
    origin = .catalog(status, of: named.isEmpty ? catalogs : named)
  }
}
