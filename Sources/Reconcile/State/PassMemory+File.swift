import ReconcileModel

extension PassMemory {
  /// Reads what passes before have written down; nothing is remembered without a state directory.
  static func read(in directory: StateDirectory?) -> PassMemory {
    var memory = PassMemory()
    guard let directory else { return memory }
    memory.blockIndex = BlockIndex.read(in: directory)
    memory.owned = OwnedRecords.read(in: directory)
    memory.revertedChanges = RevertedChanges.read(in: directory)
    memory.clusters = ClusterMemories.read(in: directory)
    memory.failovers = FailoverMemories.read(in: directory)
    if let names = NameMemory.read(in: directory) {
      memory.retained = names.retained
      memory.serials = names.serials
      memory.foreign = names.foreign
      memory.unflushed = names.unflushed
      memory.blocks = names.blocks
    } else {
      memory.retained = nil
      // The state of a version that did not tell blocks apart has seen to all of them.
      memory.blocks = memory.blockIndex == nil ? [] : nil
    }
    return memory
  }
}
