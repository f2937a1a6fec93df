import BINDText
import DCOS
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// The forward zones that a rollback would remove with the changes that wrote them, and those that stay for now.
///
/// A forward zone stays as long as something leads into it and, if an alias moves back, as long as resolvers may hold
/// the DNAME that leads there. If DNAMEs are removed altogether, there is nothing to wait for.
struct RollbackDepartures {
  private(set) var kept: [InstalledForwardZone] = []
  /// Whether some go, and named.conf gets no other zone in their place: then the zones can be loaded first.
  private(set) var goLast = false
  /// Until when the zones stay that only resolvers lead into.
  private(set) var retained = RetainedZones()
  /// What those that stay wait for.
  private(set) var hints: [Hint] = []

  /// Where something leads into a cluster in a view once the changes are reverted; nil for nowhere.
  typealias Dependence = (ClusterID, _ view: String?) -> String?

  /// Decides which forward zones stay.
  ///
  /// - Parameters:
  ///   - actual: what is installed.
  ///   - texts: what the changed files hold once the changes are reverted, by path.
  ///   - moved: the TTL of DNAMEs that move, by the cluster that they lead into now, in seconds.
  ///   - now: seconds since 1970.
  ///   - dependence: what leads into a cluster.
  init(
    _ actual: ActualState, texts: [FilePath: [UInt8]], moved: [ClusterID: Int64], now: Int64,
    dependence: Dependence
  ) {
    var isExtended = false
    var goes = false
    for file in actual.tree.files {
      guard let text = texts[file.snapshot.path], let outline = file.outline(of: text) else {
        continue
      }
      let before = Set(file.outline.zones.compactMap { file.outline.place(of: $0) })
      let after = Set(outline.zones.compactMap { outline.place(of: $0) })
      isExtended = isExtended || !after.isSubset(of: before)
      for zone in actual.installedForwardZones
      where zone.zone.source.snapshot.path == file.snapshot.path {
        guard let place = file.outline.place(of: zone.zone.statement), !after.contains(place) else {
          continue
        }
        if let location = dependence(zone.id, zone.zone.view) {
          keep(zone, "\(location) leads into it")
        } else if let ttl = moved[zone.id] {
          retained.retain(zone.id, for: ttl + Self.margin, from: now)
          let time = retained.until[zone.id] ?? now
          keep(
            zone,
            "resolvers may have a DNAME into it in their caches until \(CivilTime(secondsSince1970: time))"
          )
        } else {
          goes = true
        }
      }
    }
    goLast = goes && !isExtended
  }

  /// Allows for clocks that differ between resolvers and this host, and for answers in transit.
  private static let margin: Int64 = 5

  private mutating func keep(_ zone: InstalledForwardZone, _ reason: String) {
    // A statement that several views read is there once.
    let isTold = kept.contains {
      $0.zone.hasStatement(of: zone.zone)
        && $0.zone.source.snapshot.path == zone.zone.source.snapshot.path
    }
    guard !isTold else { return }
    kept.append(zone)
    hints.append(Hint(.cluster(zone.block), "the forward zone \(zone.id.domain) stays: \(reason)"))
  }

  /// Gives a configuration file back the forward zones that stay.
  ///
  /// - Parameters:
  ///   - text: what the file holds once the changes are reverted.
  ///   - path: the file.
  ///   - actual: what is installed.
  /// - Throws: what is wrong with the markers that would stand there.
  func restore(in text: inout PatchedText, of path: FilePath, _ actual: ActualState)
    throws(PlanError)
  {
    for zone in kept where zone.zone.source.snapshot.path == path {
      guard let outline = zone.zone.source.outline(of: text.bytes) else { continue }
      do throws(ManagedBlockError) {
        let edit = try outline.addition(of: zone)
        text.replace(edit.range, with: edit.replacement)
      } catch {
        throw PlanError("\(path)", error)
      }
    }
  }
}

extension ConfigurationFile {
  /// The outline of another text of the file; nil for one that named could not read either.
  fileprivate func outline(of text: [UInt8]) -> NamedConfOutline? {
    try? NamedConfOutline(parsing: text, context: outline.context)
  }
}

extension NamedConfOutline {
  /// A zone by its name, and the view in whose braces it stands.
  fileprivate func place(of zone: ZoneStatement) -> ZoneInView? {
    name(of: zone).map { ZoneInView(name: $0, view: zone.view.map { views[$0].name }) }
  }

  /// The edit that adds a forward zone to the block of its name, or creates the block.
  fileprivate func addition(of zone: InstalledForwardZone) throws(ManagedBlockError) -> TextEdit {
    let list = views.first { $0.name == zone.zone.view }?.list
    let blocks = try blocks()
    if let block = blocks.first(where: { $0.name == zone.block && stands($0, in: list) }) {
      let body = zones.filter { block.range.contains($0.range.lowerBound) }
        .flatMap { lines(of: $0, in: block) }
      return try replacement(of: block, with: body + zone.lines, digest: blockDigest)
    }
    guard let list else {
      return try insertion(of: zone.lines, named: zone.block, digest: blockDigest)
    }
    return try insertion(of: zone.lines, named: zone.block, in: list, digest: blockDigest)
  }
}

// MARK: - What leads into clusters afterwards

extension RollbackPlanner {
  /// The TTL of the DNAMEs that move, by the cluster that they lead into now.
  var movedTTLs: [ClusterID: Int64] {
    var former: [DomainName: RecordedAlias] = [:]
    for alias in entries.flatMap(\.aliases) {
      if let owner = try? DomainName(alias.owner) { former[owner] = alias }
    }
    var ttls: [ClusterID: Int64] = [:]
    for (owner, alias) in former {
      guard let old = alias.old.flatMap({ try? DomainName($0) }) else { continue }
      for current in standing(owner) {
        guard let id = current.target.clusterID, id != old.clusterID else { continue }
        ttls[id] = max(ttls[id] ?? 0, current.ttl)
      }
    }
    return ttls
  }

  /// Where the DNAMEs of a name lead now, and how long resolvers hold them, in seconds.
  ///
  /// - Parameters:
  ///   - owner: the name.
  ///   - views: those that count; nil for all.
  /// - Returns: one for each record.
  func standing(
    _ owner: DomainName, in views: [String?]? = nil
  ) -> [(target: DomainName, ttl: Int64)] {
    // For a record without a TTL: the longest that most resolvers hold one.
    let longest: Int64 = 86_400
    let zones = actual.zones.filter { views?.contains($0.view) ?? true }
    return zones.flatMap { zone -> [(target: DomainName, ttl: Int64)] in
      if case .success(let live)? = zone.dynamic {
        return live.aliases[owner].map { [($0.target, Int64($0.ttl))] } ?? []
      }
      guard case .success(let text)? = zone.text else { return [] }
      return text.files.flatMap { file in
        file.outline.records(of: owner).filter { $0.type == "DNAME" }.compactMap { record in
          file.target(of: record).map { ($0, record.ttl.map(Int64.init) ?? longest) }
        }
      }
    }
  }

  /// Where something leads into a cluster once the changes are reverted.
  ///
  /// - Parameters:
  ///   - id: the cluster.
  ///   - view: the view whose forward zone it is.
  ///   - texts: what the changed files hold then, by path.
  ///   - owned: our records in dynamic zones then.
  /// - Returns: its place; nil where nothing does.
  func dependence(
    on id: ClusterID, in view: String?, _ texts: [FilePath: [UInt8]], _ owned: OwnedRecords
  ) -> String? {
    let views = ZoneViews(of: actual.zones)
    for zone in actual.zones {
      guard !zone.isDynamic, case .success(let text)? = zone.text,
        views.having(zone).contains(view)
      else { continue }
      for file in text.files {
        let bytes = texts[file.snapshot.path] ?? file.snapshot.bytes
        let offset = bytes.offsets(ofLowercase: id.description).first { offset in
          let start = bytes[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
          return !bytes[start..<offset].contains(UInt8(ascii: ";"))
        }
        if let offset {
          return "\(file.snapshot.path):\(SourceLocation(of: offset, in: bytes).line)"
        }
      }
    }
    let undone = Set(entries.flatMap(\.updates).compactMap { try? DomainName($0.owner) })
    let undoneTargets = Set(
      entries.flatMap(\.updates).compactMap(\.new).compactMap { try? DomainName($0.target) })
    for zone in actual.zones where zone.view == view {
      guard case .success(let live)? = zone.dynamic else { continue }
      // Whatever has replaced the change's record stays.
      let stays = live.aliases.contains { owner, alias in
        alias.target.clusterID == id
          && !(undone.contains(owner) && undoneTargets.contains(alias.target))
      }
      if stays { return zone.location }
    }
    let record = owned.records.first { record in
      record.target.clusterID == id && record.zone.view == view
        && (undone.contains(record.owner) || mayStand(record))
    }
    if let record { return "the DNAME of \(record.owner.withoutTrailingDot)" }
    // Of the records that go by this change, those that stay with the target are among ours.
    return foreign[id]?.first {
      $0.view == view && $0.place != .unseen && $0.owner.map(undone.contains) != true
    }?.location
  }

  /// Whether a record of ours may be in its zone; named may have refused it.
  private func mayStand(_ record: OwnedRecords.Record) -> Bool {
    let zone = actual.zones.first { $0.inView == record.zone }
    guard case .success(let live)? = zone?.dynamic else { return true }
    return live.aliases[record.owner].map { $0.target == record.target } ?? false
  }
}
