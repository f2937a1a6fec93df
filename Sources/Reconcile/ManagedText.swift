import BINDText
import FileChange

/// A file that managed blocks can stand in: a configuration file or a zone file.
protocol ManagedText {
  var snapshot: FileSnapshot { get }
  var blocks: [ManagedBlock] { get }

  func insertion(
    of body: [String], named name: String, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit

  func replacement(
    of block: ManagedBlock, with body: [String], digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit

  func removal(of blocks: [ManagedBlock]) -> [TextEdit]
}

extension ManagedText {
  /// The edit that makes a block say what it has to; nil where it does, digest and all.
  func correction(
    of block: ManagedBlock, to body: [String]
  ) throws(ManagedBlockError) -> TextEdit? {
    let edit = try replacement(of: block, with: body, digest: blockDigest)
    return snapshot.bytes[edit.range].elementsEqual(edit.replacement) ? nil : edit
  }

  /// `file:line`, as named's own messages have it.
  func location(of offset: Int) -> String {
    "\(snapshot.path):\(SourceLocation(of: offset, in: snapshot.bytes).line)"
  }
}

extension ConfigurationFile: ManagedText {
  func insertion(
    of body: [String], named name: String, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try outline.insertion(of: body, named: name, digest: digest)
  }

  func replacement(
    of block: ManagedBlock, with body: [String], digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try outline.replacement(of: block, with: body, digest: digest)
  }

  func removal(of blocks: [ManagedBlock]) -> [TextEdit] {
    outline.removal(of: blocks)
  }
}

extension ZoneTextFile: ManagedText {
  func insertion(
    of body: [String], named name: String, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try outline.insertion(of: body, named: name, digest: digest)
  }

  func replacement(
    of block: ManagedBlock, with body: [String], digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try outline.replacement(of: block, with: body, digest: digest)
  }

  func removal(of blocks: [ManagedBlock]) -> [TextEdit] {
    outline.removal(of: blocks)
  }
}
