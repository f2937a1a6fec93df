package import BINDText
package import DNSNames
package import FileChange

/// A zone file and the files that it includes.
package struct ZoneText: Sendable {
  /// The zone's own file first.
  package var files: [ZoneTextFile]

  package init(
    files: [ZoneTextFile]
  ) {
    self.files = files
  }

  /// The file in which the SOA record stands, and the record.
  package var soa: (file: ZoneTextFile, record: StartOfAuthority)? {
    for file in files {
      if let record = file.outline.soa { return (file, record) }
    }
    return nil
  }

  /// The SOA record each time that it stands in the text with the zone's serial.
  package var authorities: [(file: ZoneTextFile, record: StartOfAuthority)] {
    guard let first = soa?.record else { return [] }
    return files.flatMap { file in
      file.outline.authorities.filter { $0.owner == first.owner && $0.serial == first.serial }
        .map { (file, $0) }
    }
  }
}

extension ZoneText {
  /// Whether an alias's managed block stands in it.
  package func hasBlock(of alias: Alias) -> Bool {
    files.contains { !$0.blocks(of: alias).isEmpty }
  }

  /// The aliases whose managed blocks stand in it.
  package var blockOwners: [DomainName] { files.flatMap(\.blocks).compactMap(\.owner) }
}

/// One file of a zone's text.
package struct ZoneTextFile: Sendable {
  package var snapshot: FileSnapshot
  package var outline: ZoneFileOutline
  package let blocks: [ManagedBlock]
  /// Where the blocks of each name stand among them, by the name in lower case.
  private let blockPlaces: [String: [Int]]

  package init(
    snapshot: FileSnapshot, outline: ZoneFileOutline, blocks: [ManagedBlock]
  ) {
    self.snapshot = snapshot
    self.outline = outline
    self.blocks = blocks
    blockPlaces = Dictionary(grouping: blocks.indices) { blocks[$0].name.lowercased() }
  }

  /// The blocks of an alias, whatever the case in which its name was written.
  package func blocks(of alias: Alias) -> [ManagedBlock] {
    (blockPlaces[alias.blockName.lowercased()] ?? []).map { blocks[$0] }
  }
}

extension ZoneTextFile {
  /// Where a DNAME leads, or the server of an NS record.
  package func target(of record: ZoneFileRecord) -> DomainName? {
    record.target(in: snapshot.bytes)
  }
}
