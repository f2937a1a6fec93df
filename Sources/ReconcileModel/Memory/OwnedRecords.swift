package import DNSNames

/// The DNAME records that zonebridge has put into dynamic zones.
///
/// In a zone that named writes itself no marker can tell whose a record is, so it is remembered: what
/// is not among these is somebody else's, and stays. A record counts as ours while it leads where we
/// had it lead.
package struct OwnedRecords: Equatable, Sendable {
  package struct Record: Hashable, Sendable {
    package var zone: ZoneInView
    package var owner: DomainName
    package var target: DomainName

    package init(
      zone: ZoneInView, owner: DomainName, target: DomainName
    ) {
      self.zone = zone
      self.owner = owner
      self.target = target
    }
  }

  package var records: Set<Record> = []

  package init(
    records: Set<Record> = []
  ) {
    self.records = records
  }

  /// Those of one zone.
  package func records(in zone: ZoneInView) -> [Record] {
    records.filter { $0.zone == zone }.sorted { $0.owner < $1.owner }
  }
}
