import BINDText
import DCOS
import FileChange
import Named
import SystemPackage

/// Where an alias goes.
struct Placement: Sendable {
  enum Zone: Sendable {
    case installed(InstalledZone)
    /// A zone that named.conf does not have yet.
    case made(MadeZone)
  }

  var alias: Alias
  var zone: Zone?
  /// Why the alias cannot go there.
  var problem: Problem?
}

/// A zone to be made.
struct MadeZone: Sendable, Hashable {
  var name: DomainName
  var create: CreatedZone

  /// The name of the managed block that has the zone's statement.
  ///
  /// A cluster's name has no blank.
  var blockName: String { Self.prefix + name.withoutTrailingDot }

  private static let prefix = "zone "

  /// The zone whose statement stands in the block of this name, if it is such a block.
  static func zone(ofBlock name: String) -> DomainName? {
    guard name.hasPrefix(prefix) else { return nil }
    return try? DomainName(name.dropFirst(prefix.count))
  }
}

// The DNAME records, and the zones that they stand in.
extension Planner {
  /// The closest enclosing zone decides about a name (RFC 1034 section 4.3.2).
  func placement(of alias: Alias) -> Placement {
    let installed = install.zone(enclosing: alias.owner)
    let made =
      desired.zones
      .compactMap { name, settings in settings.create.map { MadeZone(name: name, create: $0) } }
      .filter { alias.owner.isSubdomain(of: $0.name) }
      .max { $0.name.labelCount < $1.name.labelCount }
    if let installed, installed.name.labelCount >= made?.name.labelCount ?? 0 {
      return Placement(
        alias: alias, zone: .installed(installed), problem: objection(to: alias, in: installed))
    }
    if let made {
      return Placement(
        alias: alias, zone: .made(made), problem: objection(to: alias, in: made))
    }
    return Placement(
      alias: alias,
      problem: Problem(
        severity: .failed, subject: "alias \(alias.blockName)",
        reason: "no zone in \(install.bind.namedConf) encloses it",
        cure: """
          Add the zone to named.conf, or let zonebridge make it: zones: … create, in its \
          configuration
          """))
  }

  mutating func planZones(in zonesIn: ConfigurationFile) throws(PlanError) {
    result.problems += placements.compactMap(\.problem)
    for zone in install.zones {
      guard case .success(let text) = zone.text else { continue }
      let placed = placements.filter {
        if case .installed(let other) = $0.zone { other.location == zone.location } else { false }
      }
      if zone.isDynamic {
        holdStrayBlocks(of: zone, text, besides: placed)
      } else {
        try planText(of: zone.name, text, placed, served: zone.status)
      }
    }
    var planned: Set<MadeZone> = []
    for case .made(let made) in placements.map(\.zone) where planned.insert(made).inserted {
      let placed = placements.filter {
        if case .made(let other) = $0.zone { other == made } else { false }
      }
      try planMade(made, placed, in: zonesIn)
    }
  }

  /// A zone that has become dynamic is named's to write, and so is its file.
  private mutating func holdStrayBlocks(
    of zone: InstalledZone, _ text: ZoneText, besides placed: [Placement]
  ) {
    let kept = Set(placed.map(\.alias.blockName))
    for file in text.files {
      for block in file.blocks where !kept.contains(block.name) {
        hold(
          "alias \(block.name)",
          """
          \(file.location(of: block.range.lowerBound)): it is to be taken out, and the zone has \
          become dynamic, so that its file cannot be edited
          """,
          cure: "Take the DNAME out with nsupdate")
      }
    }
  }

  /// The blocks of one zone's text: those that are wanted say what they have to, others go.
  private mutating func planText(
    of zone: DomainName, _ text: ZoneText, _ placed: [Placement], served: ZoneStatus?
  ) throws(PlanError) {
    guard let main = text.files.first else { return }
    var isChanged = false
    var wanted: [(alias: Alias, target: DomainName)] = []
    for placement in placed where placement.problem == nil {
      let alias = placement.alias
      guard let target = target(of: alias) else { continue }
      wanted.append((alias, target))
      let body = Recipe.alias(alias, target: target)
      let found = text.files.lazy.compactMap { file in
        file.blocks.first { $0.name == alias.blockName }.map { (file, $0) }
      }.first
      do throws(ManagedBlockError) {
        if let (file, block) = found {
          guard let edit = try file.correction(of: block, to: body) else { continue }
          noteHandEdit(of: block, in: file)
          draft.edit(file, as: .zone(zone), edit)
        } else {
          draft.edit(
            main, as: .zone(zone),
            try main.outline.insertion(of: body, named: alias.blockName, digest: blockDigest))
        }
      } catch {
        throw PlanError("zone \(zone.withoutTrailingDot): \(error)")
      }
      isChanged = true
    }
    let kept = Set(placed.map(\.alias.blockName))
    for file in text.files {
      for block in file.blocks where !kept.contains(block.name) {
        draft.remove(block, from: file, as: .zone(zone))
        isChanged = true
      }
    }
    let expectations = wanted.map {
      Expectation.alias(owner: $0.alias.owner, target: $0.target, zone: zone)
    }
    guard isChanged, let (file, record) = text.soa else {
      result.settled += expectations
      return
    }
    let serial = (desired.zones[zone]?.serial ?? .increment).next(
      after: record.serial,
      served: [served?.serial, served?.signedSerial].compactMap(\.self).map(SerialNumber.init),
      now: now)
    draft.edit(file, as: .zone(zone), record.serialEdit(to: serial))
    changedZones.append(zone)
    result.pending += expectations + [.serial(zone: zone, serial)]
  }

  private mutating func planMade(
    _ made: MadeZone, _ placed: [Placement], in zonesIn: ConfigurationFile
  ) throws(PlanError) {
    let wanted = placed.filter { $0.problem == nil }.compactMap { placement in
      target(of: placement.alias).map { (alias: placement.alias, target: $0) }
    }
    guard !wanted.isEmpty else { return }
    _ = try setBlock(
      made.blockName, body: Recipe.zoneStatement(made.name, file: made.create.file), in: zonesIn)
    switch install.waiting[made.name] {
    case .success(let text):
      // The file is there, its statement went missing: what stands in it stays.
      try planText(of: made.name, text, placed, served: nil)
      changedZones.removeAll { $0 == made.name }
    case .failure(let error):
      result.problems.append(
        Problem(
          severity: .failed, subject: "zone \(made.name.withoutTrailingDot)", reason: "\(error)",
          cure: ""))
    case .none:
      let serial = (desired.zones[made.name]?.serial ?? .increment).next(
        after: SerialNumber(0), served: [], now: now)
      var contents = made.create.zoneFile(for: made.name, serial: serial)
      for (alias, target) in wanted {
        do throws(ManagedBlockError) {
          contents += try ManagedBlock.render(
            name: alias.blockName, body: Recipe.alias(alias, target: target), comment: .semicolon,
            digest: blockDigest)
        } catch {
          throw PlanError("alias \(alias.blockName): \(error)")
        }
      }
      draft.create(made.create.file, as: .zone(made.name), contents: contents)
      result.pending += wanted.map {
        .alias(owner: $0.alias.owner, target: $0.target, zone: made.name)
      }
      result.pending.append(.serial(zone: made.name, serial))
    }
  }

  /// Where the alias's DNAME leads; nil while its cluster has not been seen, or not been let in.
  private func target(of alias: Alias) -> DomainName? {
    guard let id = targets[alias.cluster] else { return nil }
    return try? Recipe.target(label: alias.label, id: id)
  }
}
