extension NamedConfOutline: ManagedBlockEditing {
  /// The edit that adds a new managed block at the end of the file.
  ///
  /// - Parameters:
  ///   - body: The lines between the markers, without line endings, indented relative to each other by tabs.
  ///   - name: The name of the block; the file must not have a block of that name yet.
  ///   - digest: Returns the first 12 hexadecimal digits of a SHA-256.
  /// - Returns: An edit of this file; several of one file may be applied together.
  /// - Throws: What is wrong with the file's markers, the name or the lines.
  public func insertion(
    of body: [String], named name: String, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try ManagedBlock.refuseSecond(
      name, inListAt: 0, before: bytes.count, among: blocks(), in: bytes)
    return try ManagedBlock.insertion(
      of: body, named: name, atEndOf: bytes, comment: .slashes,
      indentation: lastStatement.flatMap(bytes.indentation) ?? "", digest: digest)
  }

  /// The edit that adds a new managed block at the end of a list of statements of this file, before its closing brace.
  ///
  /// Blocks in different lists may have the same name.
  public func insertion(
    of body: [String], named name: String, in list: StatementList, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try ManagedBlock.refuseSecond(
      name, inListAt: list.body.lowerBound, before: list.body.upperBound, among: blocks(),
      in: bytes)
    // Somebody may have put markers around a whole view.
    if let outer = try blocks().first(where: { $0.range.contains(list.body.upperBound) }) {
      throw .nested(
        name: name, line: location(of: list.body.upperBound).line, within: outer.name,
        beginLine: location(of: outer.range.lowerBound).line)
    }
    return try ManagedBlock.insertion(
      of: body, named: name, atEndOf: list, in: bytes, comment: .slashes, digest: digest)
  }

  /// The edit that gives a managed block of this file another body.
  public func replacement(
    of block: ManagedBlock, with body: [String], digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try ManagedBlock.replacement(
      of: block, with: body, in: bytes, comment: .slashes, digest: digest)
  }

  /// The edits that remove managed blocks from this file, all at once.
  public func removal(of blocks: [ManagedBlock]) -> [TextEdit] {
    ManagedBlock.removals(of: blocks, in: bytes)
  }

  /// Whether a managed block of this file is directly in a list; with nil, whether it is at the top level of the file.
  public func stands(_ block: ManagedBlock, in list: StatementList?) -> Bool {
    block.listStart == list?.body.lowerBound ?? 0
  }
}
