import BINDText
import ReconcileModel

/// A managed block, and in which of the tree's files it stands.
struct PlacedBlock: Sendable {
  let file: Int
  let block: ManagedBlock
}

extension ConfigurationTree {
  /// The managed blocks by their names, in the order of the files.
  var blocksByName: [String: [PlacedBlock]] {
    let blocks = files.indices.flatMap { file in
      files[file].blocks.map { PlacedBlock(file: file, block: $0) }
    }
    return Dictionary(grouping: blocks, by: \.block.name)
  }
}
