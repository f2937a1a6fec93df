package import DNSNames

/// A DNS UPDATE message (RFC 2136): what has to hold of a zone, and what then changes in it, all or
/// nothing.
package struct DynamicUpdate: Hashable, Sendable {
  /// RFC 2136 section 2.4.
  package enum Prerequisite: Hashable, Sendable {
    /// The RRset is this record and no other (section 2.4.2); the TTL does not count.
    case only(ZoneRecord)
    /// There is no such RRset (section 2.4.3).
    case absent(owner: DomainName, type: RecordType)
  }

  /// RFC 2136 section 2.5.
  package enum Change: Hashable, Sendable {
    case add(ZoneRecord, ttl: UInt32)
    case delete(ZoneRecord)
  }

  package var zone: DomainName
  package var prerequisites: [Prerequisite]
  package var changes: [Change]

  /// Makes a message.
  package init(zone: DomainName, prerequisites: [Prerequisite] = [], changes: [Change] = []) {
    self.zone = zone
    self.prerequisites = prerequisites
    self.changes = changes
  }

  /// One message for several, which are all made or none.
  package init(zone: DomainName, _ parts: [DynamicUpdate]) {
    self.init(
      zone: zone,
      prerequisites: parts.flatMap(\.prerequisites).reduce(into: []) { unique, prerequisite in
        if !unique.contains(prerequisite) { unique.append(prerequisite) }
      },
      changes: parts.flatMap(\.changes))
  }

  /// The message as nsupdate(1) reads it, a line each.
  package func script(for server: Endpoint) -> [String] {
    ["server \(server.host) \(server.port)", "zone \(zone)"]
      + prerequisites.map(\.script) + changes.map(\.script) + ["send"]
  }
}

/// A record without its TTL, class IN.
package struct ZoneRecord: Hashable, Sendable {
  package var owner: DomainName
  package var type: RecordType
  /// In presentation form.
  package var rdata: String

  package init(owner: DomainName, type: RecordType, rdata: String) {
    self.owner = owner
    self.type = type
    self.rdata = rdata
  }
}

extension DynamicUpdate.Prerequisite {
  fileprivate var script: String {
    switch self {
    case .only(let record): "prereq yxrrset \(record.owner) IN \(record.type) \(record.rdata)"
    case .absent(let owner, let type): "prereq nxrrset \(owner) IN \(type)"
    }
  }
}

extension DynamicUpdate.Change {
  fileprivate var script: String {
    switch self {
    case .add(let record, let ttl):
      "update add \(record.owner) \(ttl) IN \(record.type) \(record.rdata)"
    case .delete(let record): "update delete \(record.owner) IN \(record.type) \(record.rdata)"
    }
  }
}
