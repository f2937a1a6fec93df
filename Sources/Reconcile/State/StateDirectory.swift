package import FileChange
package import SystemPackage

/// Where zonebridge keeps what it has to remember: the one place that knows what lies there.
package struct StateDirectory: Hashable, Sendable {
  package let path: FilePath

  package init(_ path: FilePath) {
    self.path = path
  }

  /// Held during every change.
  package var lock: FilePath { path.appending(PassLock.fileName) }
  /// A change of files that is being made.
  package var journal: Journal { Journal(in: path) }
  /// The last changes, a file each.
  package var history: FilePath { path.appending("history") }
  /// What was reverted; the name is from when that was called a setback.
  package var revertedChanges: FilePath { path.appending("setbacks") }
  /// What the clusters' masters last agreed on.
  package var clusters: FilePath { path.appending("clusters") }
  /// The records that we have put into dynamic zones.
  package var ownedRecords: FilePath { path.appending("dynamic-records") }
  /// The zones with managed blocks.
  package var blockIndex: FilePath { path.appending("zones") }
  /// What is ours, what was published, and what resolvers may still lead to.
  package var names: FilePath { path.appending("names") }
  /// Where aliases with several clusters lead, and what was counted of these.
  package var failovers: FilePath { path.appending("failovers") }
  /// The record of the last pass.
  package var record: FilePath { path.appending("status.json") }
  /// Where a running agent answers.
  package var socket: FilePath { path.appending("agent.socket") }

  /// Removes what an interrupted pass left: new copies of these files, and scratch folders.
  func tidyUp() throws(FileChangeError) {
    let folder = try PrivateFolder(at: path)
    let replaced = Set(
      [revertedChanges, clusters, ownedRecords, blockIndex, names, failovers, record]
        .compactMap { $0.lastComponent?.string })
    try folder.removeUnfinishedCopies(of: replaced.contains)
    try ScratchFolder.removeOld(in: folder)
  }
}
