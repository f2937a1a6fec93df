import FileChange
package import SystemPackage

/// What passes remember from one to the next, as it was when this one began.
package struct PassMemory: Sendable {
  /// In which zones managed blocks stand; nil where all zone files have to be looked through.
  package var blockIndex: BlockIndex?
  /// The records that we have put into dynamic zones.
  package var owned = OwnedRecords()
  /// The changes that were put back.
  package var revertedChanges = RevertedChanges()
  /// What the clusters' masters last agreed on.
  package var clusters = ClusterMemories()
  /// How our last changes left the files; looked up where a file is ahead of named.
  package var left: [FilePath: FileMark] = [:]

  package init() {}
}
