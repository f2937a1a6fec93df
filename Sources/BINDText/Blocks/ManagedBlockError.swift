/// What is wrong with the markers of managed blocks in a file.
///
/// zonebridge does not guess what damaged markers mean: it leaves the file unchanged.
public enum ManagedBlockError: Error, Hashable, CustomStringConvertible {
  /// A BEGIN without an END.
  case beginWithoutEnd(name: String, line: Int)
  /// An END without a BEGIN.
  case endWithoutBegin(name: String, line: Int)
  /// Two blocks with the same name.
  case duplicate(name: String, firstLine: Int, secondLine: Int)
  /// A block that begins within another block, whatever their names.
  case nested(name: String, line: Int, within: String, beginLine: Int)
  /// Two blocks each of which begins before the other ends.
  case crossed(name: String, line: Int, with: String, beginLine: Int)
  /// A line that begins like a marker but cannot be read as one.
  case unreadable(text: String, line: Int)
  /// A block that contains only part of a statement or record: removing it would break the rest.
  case splitsStatement(name: String, beginLine: Int, endLine: Int)
  /// A marker within a block comment: somebody commented the block out.
  case commentedOut(name: String, line: Int, commentLine: Int)
  /// A marker within a quoted string that spans several lines.
  case quoted(name: String, line: Int, stringLine: Int)
  /// A name that a marker cannot contain.
  case unusableName(String)
  /// A line that a block cannot contain: it has a line break, or would be read as a marker.
  case unusableLine(String)

  /// The line of the error, from 1; nil if the error is in the text to be written.
  public var line: Int? {
    switch self {
    case .beginWithoutEnd(_, let line), .endWithoutBegin(_, let line), .duplicate(_, _, let line),
      .nested(_, let line, _, _), .crossed(_, let line, _, _), .unreadable(_, let line),
      .splitsStatement(_, let line, _), .commentedOut(_, let line, _), .quoted(_, let line, _):
      line
    case .unusableName, .unusableLine: nil
    }
  }

  /// What is wrong, with line numbers.
  public var cause: String {
    switch self {
    case .beginWithoutEnd(let name, let line):
      "line \(line): the managed block \"\(name)\" begins and never ends"
    case .endWithoutBegin(let name, let line):
      "line \(line): the managed block \"\(name)\" ends and never began"
    case .duplicate(let name, let firstLine, let secondLine):
      """
      line \(secondLine): a second managed block "\(name)", the first begins at line \(firstLine)
      """
    case .nested(let name, let line, let within, let beginLine):
      """
      line \(line): the managed block "\(name)" begins within the managed block "\(within)" of \
      line \(beginLine)
      """
    case .crossed(let name, let line, let with, let beginLine):
      """
      line \(line): the managed block "\(name)" ends within the managed block "\(with)" of line \
      \(beginLine)
      """
    case .unreadable(_, let line):
      "line \(line): a comment begins like the marker of a managed block, but is not one"
    case .splitsStatement(let name, let beginLine, let endLine):
      """
      line \(beginLine): the managed block "\(name)" (to line \(endLine)) contains only part of a statement
      """
    case .commentedOut(let name, let line, let commentLine):
      """
      line \(line): a marker of the managed block "\(name)" is inside the comment that begins at line \(commentLine)
      """
    case .quoted(let name, let line, let stringLine):
      """
      line \(line): a marker of the managed block "\(name)" is inside the quoted string that begins at line \
      \(stringLine)
      """
    case .unusableName(let name):
      "\"\(name)\" cannot name a managed block: a name is one or two words without a colon"
    case .unusableLine(let line):
      "\"\(line)\" cannot be in a managed block: it is more than one line, or looks like a marker"
    }
  }

  /// What to do about it; nil if the cause already says so.
  public var remedy: String? {
    switch self {
    case .beginWithoutEnd:
      "restore its END line, or delete the block from its BEGIN line on"
    case .endWithoutBegin:
      "restore its BEGIN line, or delete the block up to its END line"
    case .duplicate: "delete one of them"
    case .nested(_, _, let within, _): "move it after the END line of \"\(within)\""
    case .crossed: "move the markers so that one block ends before the next begins"
    case .unreadable: "restore the original line, or delete it together with its block"
    case .splitsStatement:
      "move the markers back to where they were, around whole statements"
    case .commentedOut:
      """
      delete the block, or remove the comment signs. To have zonebridge leave something out, remove it from the \
      configuration
      """
    case .quoted: "check for a missing or extra quote there"
    case .unusableName, .unusableLine: nil
    }
  }

  /// What is wrong, with line numbers, and what to do about it.
  public var description: String { cause + (remedy.map { "; \($0)" } ?? "") }
}
