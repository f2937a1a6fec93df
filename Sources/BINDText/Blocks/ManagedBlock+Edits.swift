extension ManagedBlock {
  /// The edit that puts a new block at the end of a file.
  ///
  /// If the file has no final line ending, neither does the result: the line ending goes before the block instead of
  /// after it. `removals` recognizes this and removes it again.
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
  /// If the brace is the first thing on its line, the block goes before that line. Otherwise the BEGIN marker follows
  /// the text on that line, and the brace follows the block. Either way every inserted byte belongs to the block, so
  /// removing the block restores the original bytes.
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
    // The END line keeps its ending: removing the next block may have to remove that too.
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
  /// Adjacent blocks are removed in one edit: at the end of a file without a final line ending, the line ending to
  /// remove is the one before the first of them.
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

  /// Throws if the list that begins at `listStart` already has a block of this name.
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
  /// Where the line of a byte begins, if only blanks come before the byte; nil otherwise.
  func startOfLine(indenting offset: Int) -> Int? {
    var start = offset
    while start > 0, ASCII.isBlank(self[start - 1]) { start -= 1 }
    return start == 0 || self[start - 1] == ASCII.lineFeed ? start : nil
  }

  /// The blanks before a statement that begins its line; nil for one that does not.
  func indentation(ofStatementAt offset: Int) -> String? {
    startOfLine(indenting: offset).map { text(in: $0..<offset) }
  }

  /// The indentation of a new statement in a list.
  ///
  /// It is that of the last statement, or else that of the line of the closing brace plus a tab.
  func indentation(within list: StatementList) -> String {
    if let last = list.lastStatement, let blanks = indentation(ofStatementAt: last) {
      return blanks
    }
    var start = list.body.upperBound
    while start > 0, self[start - 1] != ASCII.lineFeed { start -= 1 }
    return text(in: start..<(self[start...].firstIndex { !ASCII.isBlank($0) } ?? start)) + "\t"
  }
}
