extension NamedConfOutline {
  /// Whether a zone statement is directly in a list; with nil, whether it is at the top level of the file.
  public func stands(_ zone: ZoneStatement, in list: StatementList?) -> Bool {
    if let view = zone.view { return views[view].list == list }
    return list == nil
  }

  /// The edit that turns an existing zone statement into a managed block, or removes it.
  ///
  /// The comments within the statement move in front of the block, one after the other, so that no note that somebody
  /// wrote is lost.
  ///
  /// - Parameters:
  ///   - zone: A statement of this file.
  ///   - body: The lines of the block; nil to remove the statement.
  ///   - name: The name of the block.
  ///   - digest: Returns the first 12 hexadecimal digits of a SHA-256.
  /// - Returns: An edit of this file.
  /// - Throws: What is wrong with the file's markers, the name or the lines.
  public func takingOver(
    _ zone: ZoneStatement, with body: [String]?, named name: String, digest: ([UInt8]) -> String
  ) throws(ManagedBlockError) -> TextEdit {
    _ = try blocks()
    let start = zone.range.lowerBound
    let lineStart = bytes.startOfLine(indenting: start)
    let indentation = lineStart.map { bytes.text(in: $0..<start) } ?? ""
    let ending = LineEnding(at: start, of: bytes)
    let comments = comments(in: zone.range)
    let isEmpty = body == nil && comments.isEmpty
    var text: [UInt8] = lineStart == nil && !isEmpty ? ending.bytes : []
    for comment in comments {
      // A comment that is no marker because it follows other text would be one on a line of its own.
      let sign = isMarkerOnItsOwnLine(comment) ? Array("// ".utf8) : []
      text += Array(indentation.utf8) + sign + bytes[comment] + ending.bytes
    }
    if let body {
      text += try ManagedBlock.render(
        name: name, body: body, comment: .slashes, indentation: indentation, lineEnding: ending,
        digest: digest)
    }
    // Includes the end of its line if nothing else follows there.
    var end = zone.range.upperBound
    while end < bytes.count, ASCII.isBlank(bytes[end]) || bytes[end] == ASCII.carriageReturn {
      end += 1
    }
    if end < bytes.count, bytes[end] == ASCII.lineFeed {
      end += 1
    } else if end < bytes.count {
      if isMarkerOnItsOwnLine(end..<bytes.count) {
        // The comment after the statement is no marker now, but alone on its line it would be one.
        let line = bytes[end...].prefix { $0 != ASCII.lineFeed && $0 != ASCII.carriageReturn }
        throw .unreadable(
          text: String(decoding: line, as: UTF8.self), line: location(of: end).line)
      }
      end = zone.range.upperBound
    }
    return TextEdit(range: (lineStart ?? start)..<end, replacement: text)
  }

  private func isMarkerOnItsOwnLine(_ comment: Range<Int>) -> Bool {
    // A block comment is never a marker.
    guard bytes[comment].dropFirst().first != ASCII.asterisk else { return false }
    let text = bytes[comment].drop { ASCII.isCommentSign($0) }.drop { ASCII.isBlank($0) }
    return ManagedBlockMarker.isSuspected(bytes, in: text.startIndex..<text.endIndex)
  }

  /// The comments within a range, without their line endings.
  private func comments(in range: Range<Int>) -> [Range<Int>] {
    var comments: [Range<Int>] = []
    var lexer = NamedConfLexer(bytes, in: range)
    while let token = try? lexer.next(), token.kind != .end {
      switch token.kind {
      case .slashComment, .hashComment:
        let hasReturn = bytes[token.range.upperBound - 1] == ASCII.carriageReturn
        comments.append(token.range.lowerBound..<token.range.upperBound - (hasReturn ? 1 : 0))
      case .blockComment:
        // A block comment attached to a word comes without its last slash.
        let isGlued = bytes[token.range.upperBound - 1] == ASCII.asterisk
        comments.append(token.range.lowerBound..<token.range.upperBound + (isGlued ? 1 : 0))
      default: break
      }
    }
    return comments
  }
}
