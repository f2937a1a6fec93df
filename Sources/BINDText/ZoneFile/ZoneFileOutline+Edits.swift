public import DNSNames

extension ZoneFileOutline: ManagedBlockEditing {
  /// The edit that adds a new managed block at the end of the file.
  ///
  /// No record inherits an owner or a TTL from the block there. Its own records should have absolute names and explicit
  /// TTLs.
  ///
  /// - Parameters:
  ///   - body: The lines between the markers, without line endings.
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

  /// The edit that removes a record, with its line if nothing else is on it; a comment after it stays.
  ///
  /// Nil for a record that a `$GENERATE` line makes, that does not begin its line (because of a parenthesis before it,
  /// for example), or whose comment alone on the line would be a marker.
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
      // To named a lone CR ends a line, and the text after it would have another meaning at the start of a line.
      return nil
    }
    return TextEdit(range: lineStart..<end, replacement: [])
  }

  /// The edit that gives the zone another serial; nil if this file has no SOA record.
  public func serialEdit(to serial: SerialNumber) -> TextEdit? {
    soa?.serialEdit(to: serial)
  }
}
