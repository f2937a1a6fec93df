import ReconcileModel

extension PassMemory {
  /// Reads what passes before have written down; nothing is remembered without a state directory.
  static func read(in directory: StateDirectory?) -> PassMemory {
    var memory = PassMemory()
    guard let directory else { return memory }
    let path = directory.path
    memory.blockIndex = BlockIndex.read(in: path)
    memory.owned = OwnedRecords.read(in: path)
    memory.revertedChanges = RevertedChanges.read(in: path)
    memory.clusters = ClusterMemories.read(in: path)
    memory.retained = RetainedZones.read(in: directory)
    memory.serials = PublishedSerials.read(in: directory)
    memory.blocks = KnownBlocks.read(
      in: directory, hasEarlierState: memory.blockIndex != nil)
    return memory
  }
}
