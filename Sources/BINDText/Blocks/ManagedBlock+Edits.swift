extension ManagedBlock {
  /// The edit that puts a new block at the end of a file.
  ///
  /// A file that ends without a line ending goes on doing so: one is put before the block and
  /// none behind it, by which `removals` knows what to remove.
  static func insertion(
    of body: [String], named name: String, atEndOf bytes: [UInt8], comment: CommentSign,
    indentation: String = "", digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    let lineEnding = LineEnding(atEndOf: bytes)
    let block = try render(
      name: name, body: body, comment: comment, indentation: indentation, lineEnding: lineEnding,
      digest: digest)
    let end = bytes.count..<bytes.count
    if bytes.isEmpty || bytes.last == ASCII.lineFeed {
      return TextEdit(range: end, replacement: block)
    }
    let ending = lineEnding.bytes
    return TextEdit(range: end, replacement: ending + block.dropLast(ending.count))
  }

  /// The edit that puts a new block before the closing brace of a list.
  ///
  /// Where the brace begins its line, the block goes before that line. Else the BEGIN marker stands
  /// behind what the line has, and the brace behind the block: so nothing is put in that is not of
  /// the block, and taking it out gives every byte back.
  static func insertion(
    of body: [String], named name: String, atEndOf list: StatementList, in bytes: [UInt8],
    comment: CommentSign, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    let brace = list.body.upperBound
    let block = try render(
      name: name, body: body, comment: comment, indentation: bytes.indentation(within: list),
      lineEnding: LineEnding(at: brace, of: bytes), digest: digest)
    if let lineStart = bytes.startOfLine(indenting: brace) {
      return TextEdit(range: lineStart..<lineStart, replacement: block)
    }
    return TextEdit(
      range: brace..<brace, replacement: Array(block.drop { ASCII.isBlank($0) }))
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
      replacement: Array(block.lead.utf8)
        + text.dropLast(block.lineEnding.bytes.count).drop { ASCII.isBlank($0) })
  }

  /// The edits that remove blocks, and restore the bytes from before they were added.
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
      if range.upperBound == bytes.count, bytes.last != ASCII.lineFeed, start > 0,
        bytes[start - 1] == ASCII.lineFeed
      {
        start -= 1
        if start > 0, bytes[start - 1] == ASCII.carriageReturn { start -= 1 }
      }
      return TextEdit(range: start..<range.upperBound, replacement: [])
    }
  }

  /// Throws if there is a block of this name already in the list that begins at a place.
  static func refuseSecond(
    _ name: String, inListAt listStart: Int, before end: Int, among blocks: [ManagedBlock],
    in bytes: [UInt8]
  ) throws(ManagedBlockError) {
    guard let first = blocks.first(where: { $0.name == name && $0.listStart == listStart }) else {
      return
    }
    throw .duplicate(
      name: name, firstLine: SourceLocation(of: first.range.lowerBound, in: bytes).line,
      secondLine: SourceLocation(of: end, in: bytes).line)
  }
}

extension [UInt8] {
  /// Where a line begins that has nothing but blanks before a byte; nil if it has.
  func startOfLine(indenting offset: Int) -> Int? {
    var start = offset
    while start > 0, ASCII.isBlank(self[start - 1]) { start -= 1 }
    return start == 0 || self[start - 1] == ASCII.lineFeed ? start : nil
  }

  /// The blanks before a statement that begins its line; nil for one that does not.
  func indentation(ofStatementAt offset: Int) -> String? {
    startOfLine(indenting: offset).map { text(in: $0..<offset) }
  }

  /// How a new statement of a list is indented: as the one before it is, else by a tab more than
  /// the line of the closing brace.
  func indentation(within list: StatementList) -> String {
    if let last = list.lastStatement, let blanks = indentation(ofStatementAt: last) {
      return blanks
    }
    var start = list.body.upperBound
    while start > 0, self[start - 1] != ASCII.lineFeed { start -= 1 }
    return text(in: start..<(self[start...].firstIndex { !ASCII.isBlank($0) } ?? start)) + "\t"
  }
}
