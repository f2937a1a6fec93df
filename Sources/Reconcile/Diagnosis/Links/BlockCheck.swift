import BINDText
import FileChange
import ReconcileModel

/// Whether the managed blocks are whole, unchanged, and needed by the configuration.
struct BlockCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    guard let actual = facts.actual else {
      return [
        Finding(
          .blocks, "\(facts.desired.bind.namedConf)", facts.failure == nil ? .skipped : .broken,
          facts.failure ?? "skipped: BIND's programs are missing",
          remedy: facts.failure == nil
            ? "" : "Fix what is reported there: named reads these files as well")
      ]
    }
    let damaged = actual.zones.compactMap { zone -> Finding? in
      guard case .failure(let error)? = zone.text else { return nil }
      return Finding(
        .blocks, zone.title, .broken, "\(error)",
        remedy:
          "Fix the file: zonebridge does not change its zone until then, and named may not load it")
    }
    var objections: [Finding] = []
    var count = 0
    for file in actual.tree.files {
      count += file.blocks.count
      objections += file.blocks.compactMap { objection(to: $0, in: file, isZone: false) }
    }
    var seen: Set<FileIdentity> = []
    for file in actual.zones.compactMap({ try? $0.text?.get() }).flatMap(\.files)
    where seen.insert(file.snapshot.identity).inserted {
      count += file.blocks.count
      objections += file.blocks.compactMap { objection(to: $0, in: file, isZone: true) }
    }
    if !damaged.isEmpty || !objections.isEmpty { return damaged + objections }
    return [
      Finding(
        .blocks, "managed blocks", .ok,
        count == 0 ? "none yet" : "all \(count) are intact")
    ]
  }

  private func objection(
    to block: ManagedBlock, in text: some ManagedText, isZone: Bool
  ) -> Finding? {
    let place = text.location(of: block.range.lowerBound)
    if block.isEdited(in: text.snapshot.bytes, digest: blockDigest) {
      return Finding(
        .blocks, place, .warning, "the managed block \(block.name) was edited by hand",
        remedy: """
          The next pass overwrites the edit (see zonebridge diff). Move what you want to keep outside the markers
          """)
    }
    guard !isConfigured(block.name, isZone: isZone) else { return nil }
    return Finding(
      .blocks, place, .warning,
      "the configuration has nothing for the managed block \(block.name)",
      remedy: "The next pass removes it. To keep it, add it to the configuration")
  }

  private func isConfigured(_ name: String, isZone: Bool) -> Bool {
    if isZone { return facts.desired.aliases.contains { $0.blockName == name } }
    if let zone = MadeZone.zone(ofBlock: name) {
      return facts.desired.zones[zone]?.create != nil
    }
    return name == BlockNames.exemption || facts.desired.clusters.contains { $0.name == name }
  }
}
