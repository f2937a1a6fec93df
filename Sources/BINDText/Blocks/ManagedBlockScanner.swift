/// Pairs the markers of a file into blocks while a reader goes through its comments.
struct ManagedBlockScanner: Sendable {
  /// A marker's line.
  private struct Line {
    let marker: ManagedBlockMarker
    let range: Range<Int>
    let lineEnding: LineEnding
    let indentation: Range<Int>
    let list: Int?
  }

  /// A block's name and the list of statements that contains it: each view may have a block for the same cluster.
  private struct Place: Hashable {
    let name: String
    let list: Int?
  }

  /// A BEGIN whose END has not been found yet.
  private struct Opening {
    let line: Line
    /// The BEGIN line of a complete block found inside.
    var inner: Line?
  }

  private var blocks: [ManagedBlock] = []
  private var indexes: [Place: Int] = [:]
  private var openings: [Opening] = []
  private var error: ManagedBlockError?

  /// Whether a block has begun and not ended yet.
  var isInBlock: Bool { !openings.isEmpty }

  /// How many complete blocks have been found so far.
  var blockCount: Int { blocks.count }

  /// The blocks found, or the first error.
  var result: Result<[ManagedBlock], ManagedBlockError> {
    if let error { .failure(error) } else { .success(blocks) }
  }

  /// Examines a line comment.
  ///
  /// - Parameters:
  ///   - comment: The comment with its sign, without the line feed.
  ///   - signLength: The length of the comment sign in bytes.
  ///   - bytes: The file.
  ///   - list: Where the list of statements around the comment begins; nil if the comment is within a statement. A
  ///     block has to begin and end in the same list.
  ///   - takesMidLine: Whether a BEGIN may follow other text on its line, as it does before the closing brace of a list
  ///     written on one line.
  mutating func look(
    at comment: Range<Int>, signLength: Int, in bytes: [UInt8], list: Int?,
    takesMidLine: Bool = false
  ) {
    var text = comment.lowerBound + signLength..<comment.upperBound
    while let first = text.first, ASCII.isBlank(bytes[first]) { text.removeFirst() }
    guard error == nil, ManagedBlockMarker.isSuspected(bytes, in: text) else { return }

    var lineStart = comment.lowerBound
    while lineStart > 0, ASCII.isBlank(bytes[lineStart - 1]) { lineStart -= 1 }
    let isMidLine = lineStart > 0 && bytes[lineStart - 1] != ASCII.lineFeed

    var lineEnding = LineEnding.lineFeed
    if let last = text.last, bytes[last] == ASCII.carriageReturn {
      lineEnding = .carriageReturnLineFeed
    }
    // If the last line ended with a lone CR, a block added after it gave the line a second one.
    while let last = text.last, ASCII.isBlank(bytes[last]) || bytes[last] == ASCII.carriageReturn {
      text.removeLast()
    }
    guard let marker = ManagedBlockMarker(bytes.text(in: text)) else {
      if !isMidLine {
        error = .unreadable(text: bytes.text(in: text), line: number(lineStart, bytes))
      }
      return
    }
    let start = isMidLine ? comment.lowerBound : lineStart
    let line = Line(
      marker: marker, range: start..<min(comment.upperBound + 1, bytes.count),
      lineEnding: lineEnding, indentation: start..<comment.lowerBound, list: list)
    switch marker {
    case .begin(let name):
      if !isMidLine || takesMidLine && list != nil { begin(name, at: line, in: bytes) }
    case .end(let name, let digest):
      if !isMidLine { end(name, digest: digest, at: line, in: bytes) }
    }
  }

  /// Examines a block comment.
  ///
  /// To named a block that somebody commented out does not exist, and zonebridge must not write it a second time.
  mutating func look(inComment comment: Range<Int>, in bytes: [UInt8]) {
    if let (name, line) = marker(within: comment, of: bytes) {
      error = .commentedOut(name: name, line: line, commentLine: number(comment.lowerBound, bytes))
    }
  }

  /// Examines a quoted string: a stray quote can start one that spans several lines and swallows a block.
  mutating func look(inString string: Range<Int>, in bytes: [UInt8]) {
    guard bytes[string].contains(ASCII.lineFeed) else { return }
    if let (name, line) = marker(within: string, of: bytes) {
      error = .quoted(name: name, line: line, stringLine: number(string.lowerBound, bytes))
    }
  }

  /// The first marker on a line of its own within a comment or string, and its line.
  private func marker(
    within range: Range<Int>, of bytes: [UInt8]
  ) -> (name: String, line: Int)? {
    guard error == nil else { return nil }
    for line in bytes[range].split(separator: ASCII.lineFeed) {
      var text = line
      while let first = text.first, ASCII.isBlank(first) || ASCII.isCommentSign(first) {
        text.removeFirst()
      }
      guard ManagedBlockMarker.isSuspected(bytes, in: text.startIndex..<text.endIndex) else {
        continue
      }
      while let last = text.last,
        ASCII.isBlank(last) || ASCII.isCommentSign(last) || last == ASCII.carriageReturn
          || last == ASCII.quote
      {
        text.removeLast()
      }
      if let marker = ManagedBlockMarker(String(decoding: text, as: UTF8.self)) {
        return (marker.name, number(text.startIndex, bytes))
      }
    }
    return nil
  }

  /// Called at the end of the file.
  mutating func finish(_ bytes: [UInt8]) {
    guard error == nil, let opening = openings.first else { return }
    error = .beginWithoutEnd(name: opening.line.marker.name, line: number(opening.line, bytes))
  }

  private mutating func begin(_ name: String, at line: Line, in bytes: [UInt8]) {
    if let open = openings.first(where: { $0.line.marker.name == name }) {
      error = .beginWithoutEnd(name: name, line: number(open.line, bytes))
    } else if let index = indexes[Place(name: name, list: line.list)] {
      let first = SourceLocation(of: blocks[index].range.lowerBound, in: bytes).line
      error = .duplicate(name: name, firstLine: first, secondLine: number(line, bytes))
    } else {
      openings.append(Opening(line: line))
    }
  }

  private mutating func end(_ name: String, digest: String, at line: Line, in bytes: [UInt8]) {
    guard let index = openings.lastIndex(where: { $0.line.marker.name == name }) else {
      error = .endWithoutBegin(name: name, line: number(line, bytes))
      return
    }
    let opening = openings[index]
    let begin = opening.line
    guard index == openings.count - 1 else {
      let other = openings[index + 1].line
      error = .crossed(
        name: name, line: number(line, bytes), with: other.marker.name,
        beginLine: number(other, bytes))
      return
    }
    openings.removeLast()
    if let inner = opening.inner {
      error = .nested(
        name: inner.marker.name, line: number(inner, bytes), within: name,
        beginLine: number(begin, bytes))
    } else if !openings.isEmpty {
      // The rest of the file shows whether the block is nested or the outer one has lost its END.
      openings[index - 1].inner = begin
    } else if let list = begin.list, list == line.list {
      indexes[Place(name: name, list: line.list)] = blocks.count
      blocks.append(
        ManagedBlock(
          name: name, range: begin.range.lowerBound..<line.range.upperBound,
          body: begin.range.upperBound..<line.range.lowerBound, recordedDigest: digest,
          lineEnding: begin.lineEnding, indentation: bytes.text(in: line.indentation),
          lead: bytes.text(in: begin.indentation), listStart: list))
    } else {
      error = .splitsStatement(
        name: name, beginLine: number(begin, bytes), endLine: number(line, bytes))
    }
  }

  private func number(_ line: Line, _ bytes: [UInt8]) -> Int {
    number(line.range.lowerBound, bytes)
  }

  private func number(_ offset: Int, _ bytes: [UInt8]) -> Int {
    SourceLocation(of: offset, in: bytes).line
  }
}
