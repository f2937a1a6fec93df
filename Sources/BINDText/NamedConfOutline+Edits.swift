extension NamedConfOutline {
  /// The edit that puts a new managed block at the end of the file.
  ///
  /// - Parameters:
  ///   - body: The lines between the markers, without line endings.
  ///   - name: What the block is called; a block of that name must not be there.
  ///   - digest: Gives the first 12 hexadecimal digits of a SHA-256.
  /// - Returns: An edit of this file; several of one file may be applied together.
  /// - Throws: What is wrong with the file's markers, the name or the lines.
  public func insertion(
    of body: [String], named name: String, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try ManagedBlock.refuseSecond(name, among: blocks(), in: bytes)
    return try ManagedBlock.insertion(
      of: body, named: name, atEndOf: bytes, comment: .slashes, digest: digest)
  }

  /// The edit that gives a managed block of this file another body.
  public func replacement(
    of block: ManagedBlock, with body: [String], digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try ManagedBlock.replacement(
      of: block, with: body, in: bytes, comment: .slashes, digest: digest)
  }

  /// The edits that take managed blocks out of this file, all in one go.
  public func removal(of blocks: [ManagedBlock]) -> [TextEdit] {
    ManagedBlock.removals(of: blocks, in: bytes)
  }
}
