/// Pairs the markers of a file into blocks while a reader passes over its comments.
struct ManagedBlockScanner: Sendable {
  /// A marker's line.
  private struct Line {
    let marker: ManagedBlockMarker
    let range: Range<Int>
    let lineEnding: LineEnding
    let indentation: Range<Int>
    let list: Int?
  }

  /// A BEGIN whose END is still to come.
  private struct Opening {
    let line: Line
    /// A whole block that was found inside.
    var inner: Line?
  }

  private var blocks: [ManagedBlock] = []
  private var indexes: [String: Int] = [:]
  private var openings: [Opening] = []
  private var error: ManagedBlockError?

  /// What has been found, or the first thing that is wrong.
  var result: Result<[ManagedBlock], ManagedBlockError> {
    if let error { .failure(error) } else { .success(blocks) }
  }

  /// Looks at a line comment.
  ///
  /// - Parameters:
  ///   - comment: The comment with its sign, without the line feed.
  ///   - signLength: How many bytes the comment sign has.
  ///   - bytes: The file.
  ///   - list: Which list of statements the comment stands in, between two of them; nil for one
  ///     within a statement. A block has to begin and end in the same list.
  mutating func look(
    at comment: Range<Int>, signLength: Int, in bytes: [UInt8], list: Int?
  ) {
    var text = comment.lowerBound + signLength..<comment.upperBound
    while let first = text.first, ASCII.isBlank(bytes[first]) { text.removeFirst() }
    guard error == nil, ManagedBlockMarker.isSuspected(bytes, in: text) else { return }

    var lineStart = comment.lowerBound
    while lineStart > 0, ASCII.isBlank(bytes[lineStart - 1]) { lineStart -= 1 }
    guard lineStart == 0 || bytes[lineStart - 1] == ASCII.lineFeed else { return }

    var lineEnding = LineEnding.lineFeed
    if let last = text.last, bytes[last] == ASCII.carriageReturn {
      lineEnding = .carriageReturnLineFeed
      text.removeLast()
    }
    while let last = text.last, ASCII.isBlank(bytes[last]) { text.removeLast() }
    guard let marker = ManagedBlockMarker(bytes.text(in: text)) else {
      error = .unreadable(
        text: bytes.text(in: text), line: SourceLocation(of: lineStart, in: bytes).line)
      return
    }
    let line = Line(
      marker: marker, range: lineStart..<min(comment.upperBound + 1, bytes.count),
      lineEnding: lineEnding, indentation: lineStart..<comment.lowerBound, list: list)
    switch marker {
    case .begin(let name): begin(name, at: line, in: bytes)
    case .end(let name, let digest): end(name, digest: digest, at: line, in: bytes)
    }
  }

  /// Tells that the file is at its end.
  mutating func finish(_ bytes: [UInt8]) {
    guard error == nil, let opening = openings.first else { return }
    error = .beginWithoutEnd(name: opening.line.marker.name, line: number(opening.line, bytes))
  }

  private mutating func begin(_ name: String, at line: Line, in bytes: [UInt8]) {
    if let open = openings.first(where: { $0.line.marker.name == name }) {
      error = .beginWithoutEnd(name: name, line: number(open.line, bytes))
    } else if let index = indexes[name] {
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
      // Whether it is nested, or the outer one has lost its END, shows further on.
      openings[index - 1].inner = begin
    } else if begin.list == nil || begin.list != line.list {
      error = .splitsStatement(
        name: name, beginLine: number(begin, bytes), endLine: number(line, bytes))
    } else {
      indexes[name] = blocks.count
      blocks.append(
        ManagedBlock(
          name: name, range: begin.range.lowerBound..<line.range.upperBound,
          body: begin.range.upperBound..<line.range.lowerBound, recordedDigest: digest,
          lineEnding: begin.lineEnding, indentation: bytes.text(in: begin.indentation)))
    }
  }

  private func number(_ line: Line, _ bytes: [UInt8]) -> Int {
    SourceLocation(of: line.range.lowerBound, in: bytes).line
  }
}
