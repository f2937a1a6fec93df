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
    if let cover = actual.cover(of: alias.owner, in: zone) {
      return held(
        """
        \(cover.location): named asks other servers for \(cover.title) (static-stub), so nothing below it is answered \
        from zone \(name)
        """,
        "Choose an alias that is not below it")
    }
    guard zone.clauses.type == .primary else {
      return held(
        "\(zone.location): zone \(name) is not a primary here, so an edit would be lost",
        "Run zonebridge where the zone is primary, or make a zone of its own for the alias")
    }
    if let made = desired.zones[zone.name]?.create {
      guard zone.block == MadeZone(name: zone.name, create: made).blockName else {
        return held(
          "\(zone.location): zone \(name) is there already, and the configuration says create",
          "Remove `create` from the zone's settings")
      }
      guard zone.path == desired.bind.root.onHost(made.file) else {
        return held(
          """
          zone \(name) was made with the file \(zone.path?.string ?? "none"), and the \
          configuration now says \(made.file)
          """,
          "Move the file and change the statement by hand, or restore the old value in the configuration"
        )
      }
    }
    if let limit = actual.tree.maxZoneTTL(of: zone.clauses), alias.ttl > limit {
      return held(
        """
        \(zone.location): the alias has a TTL of \(alias.ttl) s, and zone \(name) allows at most \(limit) s \
        (max-zone-ttl): named would not load it, although named-checkzone accepts it
        """,
        "Give the alias a lower ttl")
    }
    // named writes a dynamic zone's file again whenever it syncs the journal; `rndc reload ZONE` is
    // refused. A record can be put in by DNS UPDATE (RFC 2136) only.
    if zone.isDynamic { return objection(toDynamic: zone, for: alias, held) }
    if let format = zone.clauses.masterfileFormat, format != "text" {
      return held(
        "\(zone.location): the file of zone \(name) is in the format \(format), which zonebridge cannot edit",
        "Convert it with named-compilezone -F text, and remove masterfile-format")
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
        remedy: "Fix the zone: named does not load it")
    }
    let isThere = text.hasBlock(of: alias)
    // Our block in a file that several zones share would be a foreign record in the others.
    if !alias.allow.contains(.sharedFile),
      let other = sharers(of: zone, byPath: isThere).first(where: { !$0.isSame(as: zone) })
    {
      let file = zone.path?.string ?? ""
      let name =
        other.sharesPath(with: zone) ? "" : ", there by the name of \(other.path?.string ?? "")"
      return held(
        """
        \(zone.location): the file \(file) belongs to \(other.title) as well (\(other.location))\(name)
        """,
        """
        Give each zone a file of its own, or waive the safeguard in the alias's allow: \
        [\(Safeguard.sharedFile.rawValue)], if both should have the alias
        """)
    }
    if !alias.allow.contains(.sharedFile), let other = zone.authoritySharer,
      let soa = text.soa
    {
      return held(
        """
        \(soa.file.location(of: soa.record.range.lowerBound)): the SOA record with the zone's serial is in a file that \
        \(other) includes as well
        """,
        """
        Give each zone an SOA record of its own, or waive the safeguard in the alias's allow: \
        [\(Safeguard.sharedFile.rawValue)], if the serial of both may go up
        """)
    }
    if let problem = inheritance(of: alias, in: text, held) { return problem }
    // Keeping an existing DNAME right hides nothing more. But named never serves a DNAME that ended up below a
    // delegation, however often the zone is loaded.
    guard !isThere else { return occlusion(of: alias, in: zone, text, held) }
    if let problem = rival(of: alias, in: zone, text, held) { return problem }
    if let problem = occlusion(of: alias, in: zone, text, held) { return problem }
    // Adopting a record that was written by hand hides no more than before.
    if unmarkedRecord(of: alias.owner, in: text) == nil,
      let problem = occlusion(of: alias, above: zone.inView, held)
    {
      return problem
    }
    return alias.allow.contains(.hidesNames)
      ? nil : objectionToHiding(by: alias, in: zone, text, held)
  }

  /// The zones that share a zone's file, including itself.
  ///
  /// - Parameters:
  ///   - zone: One of them.
  ///   - byPath: Whether only zones count that name the file by the same path. Those that reach it by other paths are
  ///     looked for only before a block is put in.
  /// - Returns: These zones.
  private func sharers(of zone: Zone, byPath: Bool) -> [Zone] {
    (byPath ? zonesByFile.indexes(byPathOf: zone) : zonesByFile.indexes(byFileOf: zone))
      .map { actual.zones[$0] }
  }

  /// A block that somebody moved to where the next record inherits its owner: changing the block would change that
  /// record's owner.
  private func inheritance(
    of alias: Alias, in text: ZoneText,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    for file in text.files {
      for block in file.blocks(of: alias) {
        guard let heir = heir(behind: block.range.upperBound, in: file, of: text) else { continue }
        return held(
          """
          \(heir): the record there has no owner of its own, so it has the owner of the managed block before it
          """,
          "Move the block to the end of its file, or write the owner before that record")
      }
    }
    return nil
  }

  /// The place of a record that inherits its owner from before an offset, in the file or in one that it includes there;
  /// nil if there is none.
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

  /// A record at the alias's own name that excludes a DNAME: a CNAME or a second DNAME (RFC 6672 section 2.4), or the
  /// NS records of a delegation, below which the zone has no authority.
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
            If that record follows the DC/OS documentation, take it over with: zonebridge adopt \(alias.cluster)
            """)
        }
        return held(
          """
          \(location(of: record, in: file, of: zone)): \(alias.blockName) has a \(record.type) record already, and a \
          DNAME cannot be beside it
          """,
          "Remove that record, or choose another alias")
      }
    }
    return nil
  }

  /// The place of a record; for a dynamic zone, the file that was read is a temporary one that an operator does not
  /// have.
  func location(
    of record: ZoneFileRecord, in file: ZoneTextFile, of zone: Zone
  ) -> String {
    zone.isDynamic ? zone.location : file.location(of: record.range.lowerBound)
  }

  /// Whether we put a record in by DNS UPDATE, when the zone was still dynamic.
  func isOwned(
    _ record: ZoneFileRecord, in file: ZoneTextFile, of zone: Zone
  ) -> Bool {
    file.target(of: record).map { target in
      memory.owned.records.contains(
        .init(zone: zone.inView, owner: record.owner, target: target))
    } ?? false
  }

  /// Why a record cannot be removed to make a block of it; nil if it can.
  private func objection(
    toAdopting record: ZoneFileRecord, in file: ZoneTextFile, of text: ZoneText,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    let location = file.location(of: record.range.lowerBound)
    let target = file.target(of: record)
    guard target?.leadsIntoCluster == true else {
      return held(
        "\(location): its DNAME leads to \(target.map { "\($0)" } ?? "nowhere"), which belongs to no DC/OS cluster",
        "Remove that record, or choose another alias")
    }
    guard file.outline.removal(of: record) != nil else {
      return held(
        "\(location): the record cannot be removed alone, because there is something else on its line",
        "Write it on a line of its own")
    }
    if record.ownerRange != nil,
      let heir = heir(behind: record.range.upperBound, in: file, of: text)
    {
      return held(
        """
        \(heir): the record there has no owner of its own, and would get another one if the DNAME before it were removed
        """,
        "Write the owner before that record")
    }
    return nil
  }

  /// Why an alias cannot be put into a zone that is still to be made; nil if it can.
  func objection(to alias: Alias, in made: MadeZone, _ view: String?) -> Problem? {
    func held(_ reason: String, _ remedy: String) -> Problem {
      Problem(severity: .held, subject: .alias(alias.owner), reason: reason, remedy: remedy)
    }
    let zone = ZoneInView(name: made.name, view: view)
    return objection(toFileOf: made, held) ?? occlusion(of: alias, above: zone, held)
      ?? objectionToNesting(alias, held)
  }

  /// Why a zone cannot be made in the file that the configuration names: the file belongs to another zone.
  ///
  /// A file that zonebridge made, and whose statement went missing, is used again.
  private func objection(
    toFileOf made: MadeZone, _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    let file = actual.bind.root.onHost(made.create.file)
    let key = "zones.\(made.name.withoutTrailingDot).create.file"
    if let owner = actual.taken[file] {
      return held("\(key): \(file) is \(owner)", "Name a file that nothing else uses")
    }
    switch actual.waiting[made.name] {
    case .success(let text)? where isOfOurMaking(text, made): return nil
    case nil: return nil
    case .failure(let error)?:
      return held("\(key): \(error.cause)", error.remedy ?? "Name a file that does not exist yet")
    case .success?:
      return held(
        "\(key): \(file) exists already, and zonebridge did not make it as the file of this zone",
        """
        Name a file that does not exist yet. If it is the zone's own, write its zone statement into named.conf and \
        remove `create`
        """)
    }
  }

  /// Whether a file begins as those that are made for a zone do, whatever was added to it since.
  private func isOfOurMaking(_ text: ZoneText, _ made: MadeZone) -> Bool {
    guard let file = text.files.first, file.outline.soa?.owner == made.name else { return false }
    let title = made.create.zoneFile(for: made.name, serial: SerialNumber(0))
      .prefix { $0 != UInt8(ascii: "\n") }
    return file.snapshot.bytes.starts(with: title)
  }
}
