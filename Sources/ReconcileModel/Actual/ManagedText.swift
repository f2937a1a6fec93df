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
}

extension ManagedText {
  /// The managed block in which a byte stands.
  package func block(around offset: Int) -> ManagedBlock? {
    // They are in the order in which they stand.
    let next = blocks.partitioningIndex { $0.range.lowerBound > offset }
    guard next > 0, blocks[next - 1].range.contains(offset) else { return nil }
    return blocks[next - 1]
  }

  /// The edit that gives a block the right contents; nil if it has them, digest included.
  package func correction(
    of block: ManagedBlock, to body: [String]
  ) throws(ManagedBlockError) -> TextEdit? {
    let edit = try outline.replacement(of: block, with: body, digest: blockDigest)
    return snapshot.bytes[edit.range].elementsEqual(edit.replacement) ? nil : edit
  }

  /// The same for many places in ascending order: the file is read once.
  package func locations(of offsets: [Int]) -> [String] {
    var line = 1
    var counted = 0
    return offsets.map { offset in
      for byte in snapshot.bytes[counted..<max(offset, counted)] where byte == UInt8(ascii: "\n") {
        line += 1
      }
      counted = max(offset, counted)
      return "\(snapshot.path):\(line)"
    }
  }

  /// `file:line`, as named's own messages have it.
  package func location(of offset: Int) -> String {
    "\(snapshot.path):\(SourceLocation(of: offset, in: snapshot.bytes).line)"
  }
}
