import BINDText
import FileChange
import ReconcileModel

/// The edits that make the managed blocks of a name stand and say what they have to.
struct BlockEdits {
  var edits: [FileEdit] = []
  var warnings: [String] = []
  var handEdits: [HandEdit] = []

  var isEmpty: Bool { edits.isEmpty }

  /// Says that somebody edited inside a block, where its digest tells.
  mutating func noteHandEdit(of block: ManagedBlock, in text: some ManagedText) {
    guard block.isEdited(in: text.snapshot.bytes, digest: blockDigest) else { return }
    handEdits.append(
      HandEdit(
        location: text.location(of: block.range.lowerBound), path: text.snapshot.realPath,
        block: block.name))
  }
}
