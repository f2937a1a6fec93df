extension ManagedBlock {
  /// The edit that puts a new block at the end of a file.
  ///
  /// A file that ends without a line ending goes on doing so: one is put before the block and
  /// none behind it, by which `removals` knows what to take out again.
  static func insertion(
    of body: [String], named name: String, atEndOf bytes: [UInt8], comment: CommentSign,
    digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    let lineEnding = LineEnding(atEndOf: bytes)
    let block = try render(
      name: name, body: body, comment: comment, lineEnding: lineEnding, digest: digest)
    let end = bytes.count..<bytes.count
    if bytes.isEmpty || bytes.last == ASCII.lineFeed {
      return TextEdit(range: end, replacement: block)
    }
    let ending = lineEnding.bytes
    return TextEdit(range: end, replacement: ending + block.dropLast(ending.count))
  }

  /// The edit that gives a block another body, with its own indentation and line ending.
  static func replacement(
    of block: ManagedBlock, with body: [String], in bytes: [UInt8], comment: CommentSign,
    digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    let text = try render(
      name: block.name, body: body, comment: comment, indentation: block.indentation,
      lineEnding: block.lineEnding, digest: digest)
    // The END line's ending stays: the removal of a next block may have to take it.
    var end = block.range.upperBound
    if bytes[end - 1] == ASCII.lineFeed {
      end -= 1
      if bytes[end - 1] == ASCII.carriageReturn { end -= 1 }
    }
    return TextEdit(
      range: block.range.lowerBound..<end,
      replacement: text.dropLast(block.lineEnding.bytes.count))
  }

  /// The edits that take blocks out, so that the bytes before they were put in are back.
  ///
  /// Blocks that touch each other are one edit, since at the end of a file without a final line
  /// ending it is the one before the first of them that has to go.
  static func removals(of blocks: [ManagedBlock], in bytes: [UInt8]) -> [TextEdit] {
    var ranges: [Range<Int>] = []
    for block in blocks.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      if let last = ranges.last, last.upperBound == block.range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<block.range.upperBound
      } else {
        ranges.append(block.range)
      }
    }
    return ranges.map { range in
      var start = range.lowerBound
      if range.upperBound == bytes.count, bytes.last != ASCII.lineFeed, start > 0 {
        start -= 1
        if start > 0, bytes[start - 1] == ASCII.carriageReturn { start -= 1 }
      }
      return TextEdit(range: start..<range.upperBound, replacement: [])
    }
  }

  /// Throws if there is a block of this name already.
  static func refuseSecond(
    _ name: String, among blocks: [ManagedBlock], in bytes: [UInt8]
  ) throws(ManagedBlockError) {
    guard let first = blocks.first(where: { $0.name == name }) else { return }
    throw .duplicate(
      name: name, firstLine: SourceLocation(of: first.range.lowerBound, in: bytes).line,
      secondLine: SourceLocation(of: bytes.count, in: bytes).line)
  }
}
