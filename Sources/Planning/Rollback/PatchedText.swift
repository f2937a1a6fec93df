import BINDText

/// A text that is changed step by step; each change sees the result of those before it.
///
/// In the end they are edits of the text as it was.
struct PatchedText {
  fileprivate enum Piece {
    /// A part of the original.
    case original(Range<Int>)
    case new([UInt8])

    var count: Int {
      switch self {
      case .original(let range): range.count
      case .new(let bytes): bytes.count
      }
    }
  }

  private let original: [UInt8]
  private var pieces: [Piece]
  /// The text as it is now.
  private(set) var bytes: [UInt8]

  init(_ original: [UInt8]) {
    self.original = original
    bytes = original
    pieces = original.isEmpty ? [] : [.original(original.indices)]
  }

  mutating func replace(_ range: Range<Int>, with replacement: [UInt8]) {
    var result: [Piece] = []
    var position = 0
    var isPut = false
    func put() {
      guard !isPut else { return }
      isPut = true
      if !replacement.isEmpty { result.append(.new(replacement)) }
    }
    for piece in pieces {
      let (start, end) = (position, position + piece.count)
      position = end
      let (head, tail) = (
        max(0, min(range.lowerBound, end) - start), max(0, end - max(range.upperBound, start))
      )
      if start >= range.lowerBound { put() }
      if head > 0 { result.append(piece.prefix(head)) }
      if end > range.lowerBound { put() }
      if tail > 0, tail < piece.count || start >= range.upperBound {
        result.append(piece.suffix(tail))
      }
    }
    put()
    pieces = result
    bytes.replaceSubrange(range, with: replacement)
  }

  /// What has changed, as edits of the original.
  var edits: [TextEdit] {
    var edits: [TextEdit] = []
    var done = 0
    var new: [UInt8] = []
    for piece in pieces + [.original(original.count..<original.count)] {
      switch piece {
      case .new(let bytes): new += bytes
      case .original(let range):
        if range.lowerBound > done || !new.isEmpty {
          edits.append(TextEdit(range: done..<range.lowerBound, replacement: new))
        }
        new = []
        done = range.upperBound
      }
    }
    return edits
  }
}

extension PatchedText.Piece {
  fileprivate func prefix(_ count: Int) -> Self {
    switch self {
    case .original(let range): .original(range.prefix(count))
    case .new(let bytes): .new(Array(bytes.prefix(count)))
    }
  }

  fileprivate func suffix(_ count: Int) -> Self {
    switch self {
    case .original(let range): .original(range.suffix(count))
    case .new(let bytes): .new(Array(bytes.suffix(count)))
    }
  }
}
