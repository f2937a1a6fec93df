import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

// Zones that zonebridge made, when they are wanted no longer.
extension PlanContext {
  /// Takes out the zones that were made for aliases which are gone, statement and file, where nobody
  /// has added anything to them.
  ///
  /// - Returns: the zones that go.
  func planDepartingZones(
    _ filter: inout ChangeFilter, _ draft: inout PlanDraft
  ) -> Set<DomainName> {
    let needed = Set(placements.compactMap { $0.zone?.name })
    var departing: Set<DomainName> = []
    for file in actual.tree.files {
      for block in file.blocks {
        guard let name = MadeZone.zone(ofBlock: block.name), !needed.contains(name),
          operation.isWhole || removesAliases(of: name)
        else { continue }
        guard let file = untouchedFile(of: name) else {
          if departing.contains(name) { continue }
          draft.hold(
            .zone(name),
            """
            \(file.location(of: block.range.lowerBound)): zonebridge made this zone, it is wanted no \
            longer, and somebody has added to it
            """,
            remedy:
              "Take the block and the zone's file out by hand, or the markers only to keep the zone"
          )
          continue
        }
        if departing.contains(name) { continue }
        guard filter.admits(.zone(name), [], of: nil, &draft) else { continue }
        departing.insert(name)
        var change = Change(.zone(name), [], Reason.notWanted)
        change.edits =
          [FileEdit(file, as: .zone(name, view: nil), .takeAway)] + statementRemovals(of: name)
        change.takes = [.madeZone(name)]
        draft.changes.append(change)
      }
    }
    return departing
  }

  private func statementRemovals(of zone: DomainName) -> [FileEdit] {
    actual.tree.files.flatMap { file in
      file.blocks.filter { MadeZone.zone(ofBlock: $0.name) == zone }
        .map { FileEdit(file, as: .configuration, .removal($0)) }
    }
  }

  /// Whether all aliases of a zone are among those that a removal takes out.
  private func removesAliases(of zone: DomainName) -> Bool {
    let blocks = actual.zones.filter { $0.name == zone }
      .compactMap { try? $0.text?.get() }.flatMap(\.files).flatMap(\.blocks)
    return operation.isRemoval && !blocks.isEmpty
      && blocks.allSatisfy { operation.removes($0.name) }
  }

  /// The zone's file, if it is what it was made as: but for aliases' blocks and the serial.
  private func untouchedFile(of name: DomainName) -> ZoneTextFile? {
    let zone = actual.zones.first { $0.name == name && $0.text != nil }
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
