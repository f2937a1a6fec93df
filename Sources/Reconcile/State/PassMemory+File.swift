import ReconcileModel

extension PassMemory {
  /// Reads what passes before have written down; nothing is remembered without a state directory.
  static func read(in directory: StateDirectory?) -> PassMemory {
    var memory = PassMemory()
    guard let path = directory?.path else { return memory }
    memory.blockIndex = BlockIndex.read(in: path)
    memory.owned = OwnedRecords.read(in: path)
    memory.revertedChanges = RevertedChanges.read(in: path)
    memory.clusters = ClusterMemories.read(in: path)
    return memory
  }
}
