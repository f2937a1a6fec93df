import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// The step `guard` of a pass: what an operator has to decide before a name can be lost.
struct AliasGuard {
  private let context: PlanContext

  init(_ context: PlanContext) { self.context = context }

  /// Why an alias cannot be put into a zone that named.conf has; nil if it can.
  func objection(to alias: Alias, in zone: Zone) -> Problem? {
    let subject = Subject.alias(alias.owner)
    let name = zone.name.withoutTrailingDot

    if let lender = zone.clauses.inView {
      return alias.held(
        "\(zone.location): \(zone.title) is borrowed from view \(lender), which is not chosen",
        "Choose view \(lender) as well: an alias there is seen here too")
    }
    if let cover = context.actual.cover(of: alias.owner, in: zone) {
      return alias.held(
        """
        \(cover.location): named asks other servers for \(cover.title) (static-stub), so nothing below it is answered \
        from zone \(name)
        """,
        "Choose an alias that is not below it")
    }
    guard zone.clauses.type == .primary else {
      return alias.held(
        "\(zone.location): zone \(name) is not a primary here, so an edit would be lost",
        "Run zonebridge where the zone is primary, or make a zone of its own for the alias")
    }
    if let made = context.desired.zones[zone.name]?.create {
      guard zone.block == MadeZone(name: zone.name, create: made).blockName else {
        return alias.held(
          "\(zone.location): zone \(name) is there already, and the configuration says create",
          "Remove `create` from the zone's settings")
      }
      guard zone.path == context.desired.bind.root.onHost(made.file) else {
        return alias.held(
          """
          zone \(name) was made with the file \(zone.path?.string ?? "none"), and the \
          configuration now says \(made.file)
          """,
          "Move the file and change the statement by hand, or restore the old value in the configuration"
        )
      }
    }
    if let limit = context.actual.tree.maxZoneTTL(of: zone.clauses), alias.ttl > limit {
      return alias.held(
        """
        \(zone.location): the alias has a TTL of \(alias.ttl) s, and zone \(name) allows at most \(limit) s \
        (max-zone-ttl): named would not load it, although named-checkzone accepts it
        """,
        "Give the alias a lower ttl")
    }
    // named writes a dynamic zone's file again whenever it syncs the journal; `rndc reload ZONE` is
    // refused. A record can be put in by DNS UPDATE (RFC 2136) only.
    if zone.isDynamic { return DynamicZoneGuard(context).objection(to: alias, in: zone) }
    if let format = zone.clauses.masterfileFormat, format != "text" {
      return alias.held(
        "\(zone.location): the file of zone \(name) is in the format \(format), which zonebridge cannot edit",
        "Convert it with named-compilezone -F text, and remove masterfile-format")
    }
    switch zone.text {
    case .success(let text):
      if let problem = objection(to: alias, in: zone, text) { return problem }
    case .failure(let error):
      return Problem(.failed, subject, error)
    case nil:
      return alias.held(
        "\(zone.location): zone \(name) has no file",
        "Give it a file, or make a zone of its own for the alias")
    }
    return nil
  }

  private func objection(
    to alias: Alias, in zone: Zone, _ text: ZoneText
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
      return alias.held(
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
      return alias.held(
        """
        \(soa.file.location(of: soa.record.range.lowerBound)): the SOA record with the zone's serial is in a file that \
        \(other) includes as well
        """,
        """
        Give each zone an SOA record of its own, or waive the safeguard in the alias's allow: \
        [\(Safeguard.sharedFile.rawValue)], if the serial of both may go up
        """)
    }
    if let problem = inheritance(of: alias, in: text) { return problem }
    // Keeping an existing DNAME right hides nothing more. But named never serves a DNAME that ended up below a
    // delegation, however often the zone is loaded.
    guard !isThere else { return OcclusionGuard(context).occlusion(of: alias, in: zone, text) }
    if let problem = RivalGuard(context).rival(of: alias, in: zone, text) { return problem }
    if let problem = OcclusionGuard(context).occlusion(of: alias, in: zone, text) { return problem }
    // Adopting a record that was written by hand hides no more than before.
    if text.unmarkedRecord(of: alias.owner) == nil,
      let problem = OcclusionGuard(context).occlusion(of: alias, above: zone.inView)
    {
      return problem
    }
    return alias.allow.contains(.hidesNames)
      ? nil : HidingGuard(context).objectionToHiding(by: alias, in: zone, text)
  }

  /// The zones that share a zone's file, including itself.
  ///
  /// - Parameters:
  ///   - zone: One of them.
  ///   - byPath: Whether only zones count that name the file by the same path. Those that reach it by other paths are
  ///     looked for only before a block is put in.
  /// - Returns: These zones.
  private func sharers(of zone: Zone, byPath: Bool) -> [Zone] {
    (byPath
      ? context.zonesByFile.indexes(byPathOf: zone) : context.zonesByFile.indexes(byFileOf: zone))
      .map { context.actual.zones[$0] }
  }

  /// A block that somebody moved to where the next record inherits its owner: changing the block would change that
  /// record's owner.
  private func inheritance(
    of alias: Alias, in text: ZoneText
  ) -> Problem? {
    for file in text.files {
      for block in file.blocks(of: alias) {
        guard
          let heir = context.actual.tree.heir(behind: block.range.upperBound, in: file, of: text)
        else { continue }
        return alias.held(
          """
          \(heir): the record there has no owner of its own, so it has the owner of the managed block before it
          """,
          "Move the block to the end of its file, or write the owner before that record")
      }
    }
    return nil
  }

  /// Why an alias cannot be put into a zone that is still to be made; nil if it can.
  func objection(to alias: Alias, in made: MadeZone, _ view: String?) -> Problem? {
    let zone = ZoneInView(name: made.name, view: view)
    return objection(to: alias, inFileOf: made) ?? OcclusionGuard(context).occlusion(
      of: alias, above: zone)
      ?? HidingGuard(context).objectionToNesting(alias)
  }

  /// Why a zone cannot be made in the file that the configuration names: the file belongs to another zone.
  ///
  /// A file that zonebridge made, and whose statement went missing, is used again.
  private func objection(
    to alias: Alias, inFileOf made: MadeZone
  ) -> Problem? {
    let file = context.actual.bind.root.onHost(made.create.file)
    let key = "zones.\(made.name.withoutTrailingDot).create.file"
    if let owner = context.actual.taken[file] {
      return alias.held("\(key): \(file) is \(owner)", "Name a file that nothing else uses")
    }
    switch context.actual.waiting[made.name] {
    case .success(let text)? where isOfOurMaking(text, made): return nil
    case nil: return nil
    case .failure(let error)?:
      return alias.held(
        "\(key): \(error.cause)", error.remedy ?? "Name a file that does not exist yet")
    case .success?:
      return alias.held(
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
