import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// A zone that was made and is no longer needed.
struct DepartingZone {
  var name: DomainName
  /// The name of the managed block with its statement.
  var block: String
  /// Where that stands.
  var location: String
  var file: ZoneTextFile
  /// The views that have it.
  var views: [String?]

  /// The aliases in it.
  var owners: [DomainName] { file.blocks.compactMap(\.owner) }
}

// Zones that zonebridge made and that are no longer needed.
extension MadeZonePlanner {
  /// The zones that were made for aliases that are gone, if nobody has added anything to them: they are removed,
  /// statement and file.
  func departingZones(_ draft: inout PlanDraft) -> [DepartingZone] {
    let needed = Set(placements.all.compactMap { $0.zone?.name })
    var departing: [DepartingZone] = []
    var held: Set<DomainName> = []
    for file in context.actual.tree.files {
      for block in file.blocks {
        guard let name = MadeZone.zone(ofBlock: block.name), !needed.contains(name),
          context.operation.isWhole || removesAliases(of: name),
          !departing.contains(where: { $0.name == name })
        else { continue }
        let location = file.location(of: block.range.lowerBound)
        guard let text = untouchedFile(of: name) else {
          guard held.insert(name).inserted else { continue }
          draft.hold(
            .zone(name),
            """
            \(location): zonebridge made this zone, which is no longer needed, and somebody has added to it
            """,
            remedy:
              "Remove the block and the zone's file by hand, or only the markers to keep the zone"
          )
          continue
        }
        let views = context.actual.zones.filter { $0.name == name }.map(\.view)
        departing.append(
          DepartingZone(
            name: name, block: block.name, location: location, file: text, views: views))
      }
    }
    return departing
  }

  /// Removes such a zone, if all of its aliases may go.
  func planDeparture(
    of zone: DepartingZone, _ removals: RemovalGuard, _ filter: inout ChangeFilter,
    _ draft: inout PlanDraft
  ) {
    var servedBefore: [Expectation] = []
    for owner in zone.owners {
      let target = zone.file.outline.records(of: owner).first { $0.type == "DNAME" }
        .flatMap(zone.file.target)
      guard removals.admits(owner, at: zone.location, to: target, &draft) else { return }
      if let target {
        servedBefore += zone.views.map {
          .alias(owner: owner, target: target, zone: zone.name, view: $0)
        }
      }
    }
    let subject = Subject.zone(zone.name)
    guard context.mayRemove(block: zone.block, at: zone.location, subject, &draft),
      filter.admits(subject, [], of: nil, &draft)
    else { return }
    var change = Change(subject, [], Reason.notWanted)
    change.edits =
      [FileEdit(zone.file, as: .zone(zone.name, view: nil), .takeAway)]
      + statementRemovals(of: zone.name)
    change.takes = [.madeZone(zone.name)]
    change.servedBefore = servedBefore
    draft.changes.append(change)
  }

  private func statementRemovals(of zone: DomainName) -> [FileEdit] {
    context.actual.tree.files.flatMap { file in
      file.blocks.filter { MadeZone.zone(ofBlock: $0.name) == zone }
        .map { FileEdit(file, as: .configuration, .removal($0)) }
    }
  }

  /// Whether all aliases of a zone are among those that a removal takes out.
  private func removesAliases(of zone: DomainName) -> Bool {
    let blocks = context.actual.zones.filter { $0.name == zone }
      .compactMap { try? $0.text?.get() }.flatMap(\.files).flatMap(\.blocks)
    return context.operation.isRemoval && !blocks.isEmpty
      && blocks.allSatisfy { context.operation.removes(alias: $0.name) }
  }

  /// The zone's file, if it is unchanged except for aliases' blocks and the serial.
  private func untouchedFile(of name: DomainName) -> ZoneTextFile? {
    let zone = context.actual.zones.first { $0.name == name && $0.text != nil }
    guard case .success(let text)? = zone?.text, text.files.count == 1, let file = text.files.first,
      let soa = file.outline.soa, let path = zone?.path
    else { return nil }
    let records = file.outline.records(of: name)
    let bytes = file.snapshot.bytes
    guard let record = records.first(where: { $0.type == "SOA" }) else { return nil }
    let fields = record.fields(in: bytes).prefix(2).map {
      String(decoding: bytes[$0], as: UTF8.self)
    }
    guard fields.count == 2, let primary = try? DomainName(fields[0], origin: name),
      let contact = try? DomainName(fields[1], origin: name),
      let bare = try? bytes.applying(file.outline.removal(of: file.blocks))
    else { return nil }
    let made = CreatedZone(file: path, primary: primary, contact: contact)
    return bare == made.zoneFile(for: name, serial: soa.serial) ? file : nil
  }
}
