package import BINDText
package import DNSNames
package import FileChange

/// A file that managed blocks can stand in: a configuration file or a zone file.
package protocol ManagedText: Sendable {
  associatedtype Outline: ManagedBlockEditing

  var snapshot: FileSnapshot { get }
  var outline: Outline { get }
  var blocks: [ManagedBlock] { get }
}

extension ConfigurationFile: ManagedText {}
extension ZoneTextFile: ManagedText {}

extension ManagedBlock {
  /// The alias whose block it is; nil for a block of a zone file whose name is none.
  package var owner: DomainName? { try? DomainName(name) }

  /// Whether the block is that of an alias, whatever the case in which its name was written.
  package func isBlock(of alias: Alias) -> Bool {
    name == alias.blockName
      || name.utf8.count == alias.blockName.utf8.count
        && name.lowercased() == alias.blockName.lowercased()
  }
}

extension ManagedText {
  /// The edit that makes a block say what it has to; nil where it does, digest and all.
  package func correction(
    of block: ManagedBlock, to body: [String]
  ) throws(ManagedBlockError) -> TextEdit? {
    let edit = try outline.replacement(of: block, with: body, digest: blockDigest)
    return snapshot.bytes[edit.range].elementsEqual(edit.replacement) ? nil : edit
  }

  /// `file:line`, as named's own messages have it.
  package func location(of offset: Int) -> String {
    "\(snapshot.path):\(SourceLocation(of: offset, in: snapshot.bytes).line)"
  }
}
