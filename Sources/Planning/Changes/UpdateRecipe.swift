import BINDText
import DNSNames
import FileChange
import Named
import ReconcileModel

/// How DNS UPDATE adds, changes or removes an alias's DNAME in a dynamic zone (RFC 2136).
struct UpdateRecipe {
  let zone: Zone
  let live: DynamicZone

  /// Adds a record that is not there.
  ///
  /// Beside a CNAME, named would silently ignore the change (RFC 2136 section 3.4.2.2). The zone was seen with this SOA
  /// to have nothing below the alias, so the SOA has to be the same still.
  func addition(of alias: Alias, _ target: DomainName) -> AliasUpdate {
    var types: [RecordType] = [.dname, .cname]
    if alias.owner != zone.name { types.append(.ns) }
    var prerequisites = types.map {
      DynamicUpdate.Prerequisite.absent(owner: alias.owner, type: $0)
    }
    if let authority = live.authority {
      prerequisites.append(
        .only(ZoneRecord(owner: zone.name, type: .soa, rdata: authority)))
    }
    return update(
      alias.owner, prerequisites, [.add(record(alias.owner, target), ttl: alias.ttl)],
      new: LiveAlias(target: target, ttl: alias.ttl))
  }

  func replacement(
    of old: DomainName, by alias: Alias, _ target: DomainName
  ) -> AliasUpdate {
    let former = record(alias.owner, old)
    return update(
      alias.owner, [.only(former)],
      [.delete(former), .add(record(alias.owner, target), ttl: alias.ttl)],
      new: LiveAlias(target: target, ttl: alias.ttl))
  }

  /// Removes a record, if nobody has changed it.
  func removal(of owned: OwnedRecords.Record) -> AliasUpdate {
    let record = record(owned.owner, owned.target)
    return update(owned.owner, [.only(record)], [.delete(record)])
  }

  /// The zone for named-checkzone to judge; nil if nothing new is added.
  func candidate(with parts: [AliasUpdate]) -> DynamicCandidate? {
    guard let content = live.content, parts.contains(where: { $0.old == nil && $0.new != nil })
    else { return nil }
    let end = content.files.first?.snapshot.bytes.count ?? 0
    var edits: [TextEdit] = []
    for part in parts {
      if part.old != nil { edits += removals(of: part.owner, from: content) }
      guard let new = part.new else { continue }
      let line = "\(part.owner) \(new.ttl) IN DNAME \(new.target)\n"
      edits.append(TextEdit(range: end..<end, replacement: Array(line.utf8)))
    }
    return DynamicCandidate(content: content, edits: edits)
  }

  private func removals(of owner: DomainName, from content: ZoneText) -> [TextEdit] {
    content.files.flatMap { file in
      file.outline.records(of: owner).filter { $0.type == "DNAME" }
        .compactMap(file.outline.removal)
    }
  }

  private func update(
    _ owner: DomainName, _ prerequisites: [DynamicUpdate.Prerequisite],
    _ changes: [DynamicUpdate.Change], new: LiveAlias? = nil
  ) -> AliasUpdate {
    AliasUpdate(
      owner: owner,
      message: DynamicUpdate(
        zone: zone.name, prerequisites: prerequisites, changes: changes),
      old: live.aliases[owner], new: new)
  }

  private func record(_ owner: DomainName, _ target: DomainName) -> ZoneRecord {
    ZoneRecord(owner: owner, type: .dname, rdata: "\(target)")
  }
}
