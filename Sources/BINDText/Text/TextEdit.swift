/// One change of a file, which replaces a range of its bytes.
public struct TextEdit: Hashable, Sendable {
  /// The bytes to replace, as offsets into the file as it was read; empty for an insertion.
  public let range: Range<Int>
  /// The new bytes; empty for a deletion.
  public let replacement: [UInt8]

  /// Makes an edit.
  public init(range: Range<Int>, replacement: [UInt8]) {
    self.range = range
    self.replacement = replacement
  }
}

/// The reason why edits cannot be applied together.
public enum TextEditError: Error, Hashable, CustomStringConvertible {
  /// Two edits change the same bytes.
  case overlap(Range<Int>, Range<Int>)
  /// An edit lies beyond the end of the file: it was made for other contents.
  case outOfBounds(Range<Int>, count: Int)

  /// What is wrong with the edits.
  public var description: String {
    switch self {
    case .overlap(let first, let second):
      "edits of bytes \(first) and \(second) overlap"
    case .outOfBounds(let range, let count):
      "an edit of bytes \(range) does not fit a file of \(count) bytes"
    }
  }
}

extension [UInt8] {
  /// The bytes with all edits applied; the offsets of every edit refer to the bytes before any edit.
  ///
  /// The edits may come in any order. Insertions at the same position keep their given order, and come before an edit
  /// that replaces the bytes there.
  public func applying(_ edits: [TextEdit]) throws(TextEditError) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count + edits.reduce(0) { $0 + $1.replacement.count })
    for piece in try pieces(applying: edits) { result += piece }
    return result
  }

  /// The same as a sequence of slices of the bytes and of the replacements, without copying any of them.
  public func pieces(applying edits: [TextEdit]) throws(TextEditError) -> [ArraySlice<UInt8>] {
    let ordered = edits.enumerated().sorted { first, second in
      let (one, other) = (first.element.range, second.element.range)
      if one.lowerBound != other.lowerBound { return one.lowerBound < other.lowerBound }
      if one.isEmpty != other.isEmpty { return one.isEmpty }
      return first.offset < second.offset
    }
    var pieces: [ArraySlice<UInt8>] = []
    var done = 0
    var previous = 0..<0
    for edit in ordered.map(\.element) {
      guard edit.range.lowerBound >= done else {
        throw .overlap(previous, edit.range)
      }
      guard edit.range.lowerBound >= 0, edit.range.upperBound <= count else {
        throw .outOfBounds(edit.range, count: count)
      }
      pieces.append(self[done..<edit.range.lowerBound])
      pieces.append(edit.replacement[...])
      done = edit.range.upperBound
      previous = edit.range
    }
    pieces.append(self[done...])
    return pieces
  }
}
