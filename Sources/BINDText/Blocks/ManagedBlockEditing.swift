/// A file that managed blocks can be added to and removed from, whatever its kind.
///
/// Every edit is one of the file as it was read; edits of all kinds may be applied together.
public protocol ManagedBlockEditing: Sendable {
  /// The managed blocks, in the order in which they stand.
  func blocks() throws(ManagedBlockError) -> [ManagedBlock]

  /// The edit that puts a new managed block at the end of the file.
  func insertion(
    of body: [String], named name: String, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit

  /// The edit that gives a managed block another body.
  func replacement(
    of block: ManagedBlock, with body: [String], digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit

  /// The edits that remove managed blocks, all at once.
  func removal(of blocks: [ManagedBlock]) -> [TextEdit]
}
