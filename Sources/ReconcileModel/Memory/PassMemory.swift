package import DNSNames
import FileChange
package import SystemPackage

/// What passes remember from one to the next, as it was when this one began.
package struct PassMemory: Sendable {
  /// Which zones have managed blocks; nil if all zone files have to be searched.
  package var blockIndex: BlockIndex?
  /// The records that we have put into dynamic zones.
  package var owned = OwnedRecords()
  /// The changes that were reverted.
  package var revertedChanges = RevertedChanges()
  /// What the clusters' masters last agreed on.
  package var clusters = ClusterMemories()
  /// What was seen of aliases with several clusters.
  package var failovers = FailoverMemories()
  /// Until when forward zones stay that nothing leads into; nil where that was lost.
  package var retained: RetainedZones? = RetainedZones()
  /// Where the DNAMEs of others stand for which forward zones stay.
  package var foreign: Set<ForeignDependent> = []
  /// The clusters' domains that named still has to forget.
  package var unflushed: Set<DomainName> = []
  /// The names of the managed blocks that passes with this memory have handled; nil if all of them count.
  package var blocks: Set<String>?
  /// The highest serial of each zone that a pass has published.
  package var serials: [ZoneInView: SerialNumber] = [:]
  /// How our last changes left the files; looked up where a file is ahead of named.
  package var left: [FilePath: FileMark] = [:]

  package init() {}
}
