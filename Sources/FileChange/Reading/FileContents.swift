/// What a file is to hold, as pieces of other texts.
///
/// An edited file is mostly the old one: its pieces are the old one's bytes, and no copy is made of
/// them before they are written.
package struct FileContents: Sendable {
  package let pieces: [ArraySlice<UInt8>]

  package init(pieces: [ArraySlice<UInt8>]) {
    self.pieces = pieces
  }

  package init(_ bytes: [UInt8]) {
    pieces = [bytes[...]]
  }

  package var count: Int { pieces.reduce(0) { $0 + $1.count } }

  /// The whole in one.
  package var bytes: [UInt8] {
    if pieces.count == 1 { return Array(pieces[0]) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for piece in pieces { bytes += piece }
    return bytes
  }
}

extension FileContents: Equatable {
  package static func == (left: FileContents, right: FileContents) -> Bool {
    left.count == right.count && left.pieces.joined().elementsEqual(right.pieces.joined())
  }
}
