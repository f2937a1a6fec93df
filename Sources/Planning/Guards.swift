import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

// The step `guard` of a pass: what an operator has to decide before a name can be lost.
extension PlanContext {
  /// Why an alias cannot be put into a zone that named.conf has; nil if it can.
  func objection(to alias: Alias, in zone: Zone) -> Problem? {
    let subject = Subject.alias(alias.owner)
    func held(_ reason: String, _ remedy: String) -> Problem {
      Problem(severity: .held, subject: subject, reason: reason, remedy: remedy)
    }
    let name = zone.name.withoutTrailingDot

    if let lender = zone.clauses.inView {
      return held(
        "\(zone.location): \(zone.title) is borrowed from view \(lender), which is not chosen",
        "Choose view \(lender) as well: an alias there is seen here too")
    }
    guard zone.clauses.type == .primary else {
      return held(
        "\(zone.location): zone \(name) is not a primary here, so that an edit would be lost",
        "Run zonebridge where the zone is primary, or make a zone of its own for the alias")
    }
    if let made = desired.zones[zone.name]?.create {
      guard zone.block == MadeZone(name: zone.name, create: made).blockName else {
        return held(
          "\(zone.location): zone \(name) stands there already, and the configuration says create",
          "Take `create` out of the zone's settings")
      }
      guard zone.path == desired.bind.root.onHost(made.file) else {
        return held(
          """
          zone \(name) was made with the file \(zone.path?.string ?? "none"), and the \
          configuration now says \(made.file)
          """,
          "Move the file and change the statement by hand, or put the configuration back")
      }
    }
    if let limit = actual.tree.maxZoneTTL(of: zone.clauses), alias.ttl > limit {
      return held(
        """
        \(zone.location): the alias has a TTL of \(alias.ttl) s, and zone \(name) takes \(limit) s at \
        most (max-zone-ttl): named would not load it, although named-checkzone does not mind
        """,
        "Give the alias a lower ttl")
    }
    // named writes a dynamic zone's file anew whenever it syncs the journal; `rndc reload ZONE` is
    // refused. A record can be put in by DNS UPDATE (RFC 2136) only.
    if zone.isDynamic { return objection(toDynamic: zone, for: alias, held) }
    if let format = zone.clauses.masterfileFormat, format != "text" {
      return held(
        "\(zone.location): the file of zone \(name) is in the format \(format), which no text can be put into",
        "Convert it with named-compilezone -F text, and take masterfile-format out")
    }
    switch zone.text {
    case .success(let text):
      if let problem = objection(to: alias, in: zone, text, held) { return problem }
    case .failure(let error):
      return Problem(.failed, subject, error)
    case nil:
      return held(
        "\(zone.location): zone \(name) has no file",
        "Give it a file, or make a zone of its own for the alias")
    }
    return nil
  }

  private func objection(
    to alias: Alias, in zone: Zone, _ text: ZoneText,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    guard text.soa != nil else {
      return Problem(
        severity: .failed, subject: .alias(alias.owner),
        reason: "\(zone.path?.string ?? zone.location): there is no SOA record in it",
        remedy: "Mend the zone: named does not load it")
    }
    // Our own block in a file of several zones would be a stranger's record in the others.
    if !alias.allow.contains(.sharedFile),
      let other = sharers(of: zone).first(where: { !$0.isSame(as: zone) })
    {
      return held(
        """
        \(zone.location): the file \(zone.path?.string ?? "") is \(other.title)'s as well \
        (\(other.location))
        """,
        """
        Give each zone a file of its own, or waive the safeguard in the alias's allow: \
        [\(Safeguard.sharedFile.rawValue)], if both are to have the alias
        """)
    }
    if !alias.allow.contains(.sharedFile), let other = zone.authoritySharer,
      let soa = text.soa
    {
      return held(
        """
        \(soa.file.location(of: soa.record.range.lowerBound)): the SOA record with the zone's serial \
        stands in a file that \(other) includes as well
        """,
        """
        Give each zone an SOA record of its own, or waive the safeguard in the alias's allow: \
        [\(Safeguard.sharedFile.rawValue)], if the serial of both may move on
        """)
    }
    if let problem = inheritance(of: alias, in: text, held) { return problem }
    // What was hidden by the DNAME that is there already is not hidden by keeping it right.
    let isThere = text.files.contains { $0.blocks.contains { $0.isBlock(of: alias) } }
    guard !isThere else { return nil }
    if let problem = rival(of: alias, in: zone, text, held) { return problem }
    if let problem = occlusion(of: alias, in: zone, text, held) { return problem }
    return alias.allow.contains(.hidesNames) ? nil : hiddenNames(by: alias, in: zone, text, held)
  }

  /// The zones that have the file of one, itself among them.
  private func sharers(of zone: Zone) -> [Zone] {
    guard let path = zone.path?.lexicallyNormalized() else { return [] }
    return (zonesByFile[path] ?? []).map { actual.zones[$0] }
  }

  /// A block that somebody moved to where the next record has its owner from it: to change the block
  /// would change whose record that is.
  private func inheritance(
    of alias: Alias, in text: ZoneText,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    for file in text.files {
      for block in file.blocks where block.isBlock(of: alias) {
        guard let heir = heir(behind: block.range.upperBound, in: file, of: text) else { continue }
        return held(
          """
          \(heir): the record there has no owner of its own, and so has that of the managed block \
          before it
          """,
          "Move the block to the end of its file, or write the owner before that record")
      }
    }
    return nil
  }

  /// Where a record stands that has its owner from what stands before a place, in the file or in one
  /// that it includes there; nil if there is none.
  func heir(behind offset: Int, in file: ZoneTextFile, of text: ZoneText) -> String? {
    for include in file.outline.includesInheriting(behind: offset) {
      let path = actual.tree.onHost(FilePath(include.path))
      let included = text.files.first { $0.snapshot.path == path }
      if let included, included.outline.beginsWithoutOwner { return included.location(of: 0) }
    }
    return file.outline.recordInheriting(behind: offset).map {
      file.location(of: $0.range.lowerBound)
    }
  }

  /// A record at the alias's own name beside which a DNAME cannot be: a CNAME or a second DNAME
  /// (RFC 6672 section 2.4), or the NS records of a delegation, below which the zone has no say.
  func rival(
    of alias: Alias, in zone: Zone, _ text: ZoneText,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    let types: [RecordType] =
      alias.owner == zone.name ? ["CNAME", "DNAME"] : ["CNAME", "DNAME", "NS"]
    for file in text.files {
      for record in file.outline.records(of: alias.owner) where types.contains(record.type) {
        if record.type == "DNAME" {
          if isOwned(record, in: file, of: zone) { continue }
          if operation.adopts(alias.cluster) {
            if let problem = objection(toAdopting: record, in: file, of: text, held) {
              return problem
            }
            continue
          }
          return held(
            "\(location(of: record, in: file, of: zone)): it has a DNAME record already",
            """
            If that record is the one after the documentation, have it taken over with: zonebridge \
            adopt \(alias.cluster)
            """)
        }
        return held(
          """
          \(location(of: record, in: file, of: zone)): \(alias.blockName) has a \(record.type) \
          record already, beside which its DNAME cannot stand
          """,
          "Take that record out, or choose another alias")
      }
    }
    return nil
  }

  /// A delegation or a DNAME above the alias, within the zone: what stands below it is not the zone's to answer
  /// (RFC 1034 section 4.2.1, RFC 6672 section 2.4), so that a DNAME there would never be seen.
  func occlusion(
    of alias: Alias, in zone: Zone, _ text: ZoneText,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    var name = alias.owner.parent
    while let above = name, above.isSubdomain(of: zone.name) {
      name = above.parent
      for file in text.files {
        for record in file.outline.records(of: above)
        where record.type == "DNAME" || record.type == "NS" && above != zone.name {
          if record.type == "DNAME", goes(record, in: file, of: zone) { continue }
          let place = location(of: record, in: file, of: zone)
          let what =
            record.type == "NS" ? "is delegated to other name servers" : "has a DNAME record"
          return held(
            "\(place): \(above.withoutTrailingDot) \(what), so that nothing below it is answered out of this zone",
            record.type == "NS"
              ? "Put the alias where the delegated zone is primary, or choose one that is not below it"
              : "Choose an alias that is not below it")
        }
      }
    }
    return nil
  }

  /// Whether a DNAME is that of an alias of ours which the configuration does not have any more.
  private func goes(_ record: ZoneFileRecord, in file: ZoneTextFile, of zone: Zone) -> Bool {
    guard operation.removes(alias: record.owner.withoutTrailingDot),
      !desired.aliases.contains(where: { $0.owner == record.owner })
    else { return false }
    return isOwned(record, in: file, of: zone)
      || file.blocks.contains { $0.range.contains(record.range.lowerBound) }
  }

  /// Where a record stands; of a dynamic zone, what was looked into is nothing that an operator has.
  private func location(
    of record: ZoneFileRecord, in file: ZoneTextFile, of zone: Zone
  ) -> String {
    zone.isDynamic ? zone.location : file.location(of: record.range.lowerBound)
  }

  /// Whether we put a record in by DNS UPDATE, when the zone was still dynamic.
  private func isOwned(
    _ record: ZoneFileRecord, in file: ZoneTextFile, of zone: Zone
  ) -> Bool {
    file.target(of: record).map { target in
      memory.owned.records.contains(
        .init(zone: zone.inView, owner: record.owner, target: target))
    } ?? false
  }

  /// Why a record cannot be taken out to make a block of it; nil if it can.
  private func objection(
    toAdopting record: ZoneFileRecord, in file: ZoneTextFile, of text: ZoneText,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    let location = file.location(of: record.range.lowerBound)
    let target = file.target(of: record)
    guard target?.leadsIntoCluster == true else {
      return held(
        "\(location): its DNAME leads to \(target.map { "\($0)" } ?? "nowhere"), which is no DC/OS cluster's",
        "Take that record out, or choose another alias")
    }
    guard file.outline.removal(of: record) != nil else {
      return held(
        "\(location): the record cannot be taken out alone, for what else stands on its line",
        "Write it on a line of its own")
    }
    if record.ownerRange != nil,
      let heir = heir(behind: record.range.upperBound, in: file, of: text)
    {
      return held(
        """
        \(heir): the record there has no owner of its own, and \
        would get another one if the DNAME before it is taken out
        """,
        "Write the owner before that record")
    }
    return nil
  }

  /// Why an alias cannot be put into a zone that is still to be made; nil if it can.
  func objection(to alias: Alias, in made: MadeZone) -> Problem? {
    objectionToNesting(alias) { reason, remedy in
      Problem(severity: .held, subject: .alias(alias.owner), reason: reason, remedy: remedy)
    }
  }
}
