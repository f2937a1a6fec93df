package import FileChange
package import SystemPackage

/// Where zonebridge keeps what it has to remember: the one place that knows what lies there.
package struct StateDirectory: Sendable {
  package let path: FilePath
  /// The directory itself, where it is held: all in it then goes by plain names in it, and its path is only for messages
  /// and for the programs that we run.
  let held: PrivateFolder?

  /// A directory that is walked to each time.
  package init(_ path: FilePath) {
    self.path = path
    held = nil
  }

  /// A directory that is held, as by whoever has its lock.
  package init(_ folder: PrivateFolder) {
    path = folder.path
    held = folder
  }

  func folder() throws(FileChangeError) -> PrivateFolder {
    if let held { return held }
    return try PrivateFolder(at: path)
  }

  /// The names of the files in it.
  enum Name {
    /// What was reverted; the name is from when that was called a setback.
    static let revertedChanges: FilePath.Component = "setbacks"
    /// What the clusters' masters last agreed on.
    static let clusters: FilePath.Component = "clusters"
    /// The records that we have put into dynamic zones.
    static let ownedRecords: FilePath.Component = "dynamic-records"
    /// The zones with managed blocks.
    static let blockIndex: FilePath.Component = "zones"
    /// What is ours, what was published, and what resolvers may still lead to.
    static let names: FilePath.Component = "names"
    /// Where aliases with several clusters lead, and what was counted of these.
    static let failovers: FilePath.Component = "failovers"
    /// What the last pass came to.
    static let record: FilePath.Component = "status.json"
    /// The folder of the last changes, a file each.
    static let history: FilePath.Component = "history"

    fileprivate static let replaced = Set(
      [revertedChanges, clusters, ownedRecords, blockIndex, names, failovers, record]
        .map(\.string))
  }

  /// Held during every change.
  package var lock: FilePath { path.appending(PassLock.fileName) }
  /// A change of files that is being made.
  package var journal: Journal { Journal(in: path, held: held) }
  /// The last changes, a file each.
  package var history: FilePath { path.appending(Name.history) }
  /// The record of the last pass.
  package var record: FilePath { path.appending(Name.record) }
  /// Where a running agent answers.
  package var socket: FilePath { path.appending("agent.socket") }

  /// Removes what an interrupted pass left: new copies of these files, and scratch folders.
  func tidyUp() throws(FileChangeError) {
    let folder = try folder()
    try folder.removeUnfinishedCopies(of: Name.replaced.contains)
    try ScratchFolder.removeOld(in: folder)
  }
}
