import BINDText
import FileChange
import ReconcileModel

/// The edits that put the managed blocks of a name in place with the right contents.
struct BlockEdits {
  var edits: [FileEdit] = []
  var warnings: [String] = []
  var handEdits: [HandEdit] = []

  var isEmpty: Bool { edits.isEmpty }

  /// Reports an edit inside a block, if its digest reveals one.
  mutating func noteHandEdit(of block: ManagedBlock, in text: some ManagedText) {
    guard block.isEdited(in: text.snapshot.bytes, digest: blockDigest) else { return }
    handEdits.append(
      HandEdit(
        location: text.location(of: block.range.lowerBound), path: text.snapshot.realPath,
        block: block.name))
  }
}
