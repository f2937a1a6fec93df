import BINDText
import DNSNames
import ReconcileModel

/// Finds a record at an alias's own name that its DNAME cannot stand beside.
struct RivalGuard {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// A record at the alias's own name that excludes a DNAME: a CNAME or a second DNAME (RFC 6672 section 2.4), or the
  /// NS records of a delegation, below which the zone has no authority.
  func rival(
    of alias: Alias, in zone: Zone, _ text: ZoneText
  ) -> Problem? {
    let types: [RecordType] =
      alias.owner == zone.name ? ["CNAME", "DNAME"] : ["CNAME", "DNAME", "NS"]
    for file in text.files {
      for record in file.outline.records(of: alias.owner) where types.contains(record.type) {
        if record.type == "DNAME" {
          if context.memory.owned.contains(record, in: file, of: zone) { continue }
          if context.operation.adopts(alias.cluster) {
            if let problem = objection(to: alias, adopting: record, in: file, of: text) {
              return problem
            }
            continue
          }
          return alias.held(
            "\(zone.location(of: record, in: file)): it has a DNAME record already",
            """
            If that record follows the DC/OS documentation, take it over with: zonebridge adopt \(alias.cluster)
            """)
        }
        return alias.held(
          """
          \(zone.location(of: record, in: file)): \(alias.blockName) has a \(record.type) record already, and a \
          DNAME cannot be beside it
          """,
          "Remove that record, or choose another alias")
      }
    }
    return nil
  }

  /// Why a record cannot be removed to make a block of it; nil if it can.
  private func objection(
    to alias: Alias, adopting record: ZoneFileRecord, in file: ZoneTextFile, of text: ZoneText
  ) -> Problem? {
    let location = file.location(of: record.range.lowerBound)
    let target = file.target(of: record)
    guard target?.leadsIntoCluster == true else {
      return alias.held(
        "\(location): its DNAME leads to \(target.map { "\($0)" } ?? "nowhere"), which belongs to no DC/OS cluster",
        "Remove that record, or choose another alias")
    }
    guard file.outline.removal(of: record) != nil else {
      return alias.held(
        "\(location): the record cannot be removed alone, because there is something else on its line",
        "Write it on a line of its own")
    }
    if record.ownerRange != nil,
      let heir = context.actual.tree.heir(behind: record.range.upperBound, in: file, of: text)
    {
      return alias.held(
        """
        \(heir): the record there has no owner of its own, and would get another one if the DNAME before it were removed
        """,
        "Write the owner before that record")
    }
    return nil
  }
}

extension Zone {
  /// The place of a record; for a dynamic zone, the file that was read is a temporary one that an operator does not
  /// have.
  func location(
    of record: ZoneFileRecord, in file: ZoneTextFile
  ) -> String {
    isDynamic ? location : file.location(of: record.range.lowerBound)
  }
}

extension OwnedRecords {
  /// Whether we put a record in by DNS UPDATE, when the zone was still dynamic.
  func contains(
    _ record: ZoneFileRecord, in file: ZoneTextFile, of zone: Zone
  ) -> Bool {
    file.target(of: record).map { target in
      records.contains(
        .init(zone: zone.inView, owner: record.owner, target: target))
    } ?? false
  }
}
