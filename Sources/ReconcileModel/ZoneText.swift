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
  /// The aliases whose managed blocks stand in it.
  package var blockOwners: [DomainName] { files.flatMap(\.blocks).compactMap(\.owner) }
}

/// One file of a zone's text.
package struct ZoneTextFile: Sendable {
  package var snapshot: FileSnapshot
  package var outline: ZoneFileOutline
  package var blocks: [ManagedBlock]

  package init(
    snapshot: FileSnapshot, outline: ZoneFileOutline, blocks: [ManagedBlock]
  ) {
    self.snapshot = snapshot
    self.outline = outline
    self.blocks = blocks
  }
}

extension ZoneTextFile {
  /// Where a DNAME leads that stands in full.
  package func target(of record: ZoneFileRecord) -> DomainName? {
    guard let word = record.words(in: snapshot.bytes).first else { return nil }
    return try? DomainName(word, in: 0..<word.count, origin: outline.origin)
  }
}
