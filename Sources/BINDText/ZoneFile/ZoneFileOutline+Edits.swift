public import DNSNames

extension ZoneFileOutline: ManagedBlockEditing {
  /// The edit that puts a new managed block at the end of the file.
  ///
  /// No record inherits from it there. Its records should have absolute names and TTLs of their own.
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
    try ManagedBlock.refuseSecond(
      name, inListAt: 0, before: bytes.count, among: blocks(), in: bytes)
    return try ManagedBlock.insertion(
      of: body, named: name, atEndOf: bytes, comment: .semicolon, digest: digest)
  }

  /// The edit that gives a managed block of this file another body.
  public func replacement(
    of block: ManagedBlock, with body: [String], digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    try ManagedBlock.replacement(
      of: block, with: body, in: bytes, comment: .semicolon, digest: digest)
  }

  /// The edits that remove managed blocks from this file, all at once.
  public func removal(of blocks: [ManagedBlock]) -> [TextEdit] {
    ManagedBlock.removals(of: blocks, in: bytes)
  }

  /// The edit that removes a record, with its line if it has nothing else; a comment behind
  /// it stays.
  ///
  /// Nil for a record that a `$GENERATE` line makes, that does not begin its line, a parenthesis before it for one, or whose comment
  /// would be a marker on a line of its own.
  public func removal(of record: ZoneFileRecord) -> TextEdit? {
    guard record.startDepth == 0, !record.isGenerated,
      let lineStart = bytes.startOfLine(indenting: record.range.lowerBound)
    else { return nil }
    var end = record.range.upperBound
    while end < bytes.count, ASCII.isBlank(bytes[end]) { end += 1 }
    let comment = bytes[end...].drop { ASCII.isCommentSign($0) }.drop { ASCII.isBlank($0) }
    if ManagedBlockMarker.isSuspected(bytes, in: comment.startIndex..<comment.endIndex) {
      return nil
    }
    if end < bytes.count, bytes[end] == ASCII.carriageReturn { end += 1 }
    if end < bytes.count, bytes[end] == ASCII.lineFeed {
      end += 1
    } else if bytes[end - 1] == ASCII.carriageReturn {
      // To named a lone CR ends a line, and what follows would not be what it is at the start of one.
      return nil
    }
    return TextEdit(range: lineStart..<end, replacement: [])
  }

  /// The edit that gives the zone another serial; nil if this file has no SOA record.
  public func serialEdit(to serial: SerialNumber) -> TextEdit? {
    soa?.serialEdit(to: serial)
  }
}
