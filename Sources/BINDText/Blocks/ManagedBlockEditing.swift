/// A file of any kind to which managed blocks can be added and from which they can be removed.
///
/// Every edit refers to the file as it was read; all kinds of edits may be applied together.
public protocol ManagedBlockEditing: Sendable {
  /// The managed blocks, in file order.
  func blocks() throws(ManagedBlockError) -> [ManagedBlock]

  /// The edit that adds a new managed block at the end of the file.
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
