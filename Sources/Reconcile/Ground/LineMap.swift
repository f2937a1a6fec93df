import BINDText
import ReconcileModel

/// Maps the lines of a candidate to those of the file.
struct LineMap {
  /// An edit, by the lines where it begins and ends in the file, and in the candidate.
  private struct Change {
    let before: ClosedRange<Int>
    let after: ClosedRange<Int>
  }

  private let changes: [Change]

  init(of bytes: [UInt8], _ edits: [TextEdit]) {
    var changes: [Change] = []
    var line = 1
    var offset = 0
    var shift = 0
    for edit in edits.inOrder {
      line += bytes[offset..<edit.range.lowerBound].lineFeeds
      let old = bytes[edit.range].lineFeeds
      let new = edit.replacement[...].lineFeeds
      changes.append(
        Change(before: line...(line + old), after: (line + shift)...(line + shift + new)))
      shift += new - old
      line += old
      offset = edit.range.upperBound
    }
    self.changes = changes
  }

  /// The file's line; for an inserted line, the one at which it is inserted.
  func original(of line: Int) -> Int {
    guard let change = changes.last(where: { $0.after.lowerBound <= line }) else { return line }
    if line < change.after.upperBound { return change.before.lowerBound }
    return line - change.after.upperBound + change.before.upperBound
  }
}

extension ArraySlice<UInt8> {
  fileprivate var lineFeeds: Int { reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) } }
}
