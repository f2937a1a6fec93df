package import BINDText
import DCOS
package import FileChange
package import Named
package import SystemPackage

/// What stands on this host: the files that named reads, and what named says of itself.
package struct Install: Sendable {
  package var bind: BINDSettings
  package var tree: ConfigurationTree
  /// The zones of the tree that may matter to what is wanted or managed, in the order of their
  /// statements; a zone that two views read from one file is there twice.
  package var zones: [InstalledZone]
  /// The files of zones that are to be made and have no statement yet, where there is one.
  package var waiting: [DomainName: Result<ZoneText, InspectionError>] = [:]
  /// Where zones are to be made that have no statement yet.
  var made: Set<FilePath> = []
  /// Whose the zone files are in the folders where zones are to be made, by the new file's path.
  var neighbours: [FilePath: FileMetadata] = [:]
  /// The records that we have put into dynamic zones.
  var owned = OwnedRecords()
  /// Where named has put the key for `update-policy local`, if it has.
  var sessionKey: FilePath?
  /// How our last changes left the files.
  var left: [FilePath: RecordedState] = [:]
  /// The digest by which it is told whether an operator has changed anything since a change was put back;
  /// empty where none was.
  var circumstances = ""
  /// named's own word on itself; nil where the configuration tells named nothing.
  package var named: Result<NamedStatus, RemoteControlError>?

  /// The closest enclosing zone of class IN in a view: the one whose file or server decides about
  /// `name`.
  func zone(enclosing name: DomainName, in view: String?) -> InstalledZone? {
    var closest: Int?
    for (index, zone) in zones.enumerated()
    where zone.name.labelCount > closest.map({ zones[$0].name.labelCount }) ?? -1
      && zone.name.labelCount <= name.labelCount && zone.view == view && zone.isInternetClass
      && name.isSubdomain(of: zone.name)
    {
      closest = index
    }
    return closest.map { zones[$0] }
  }

  /// All files that were read, by the paths that they were asked for.
  var snapshots: [FilePath: FileSnapshot] {
    var snapshots: [FilePath: FileSnapshot] = [:]
    for file in tree.files { snapshots[file.snapshot.path] = file.snapshot }
    for file in zones.compactMap({ try? $0.text?.get() }).flatMap(\.files) {
      snapshots[file.snapshot.path] = file.snapshot
    }
    return snapshots
  }

  /// The files of a zone that is there, with or without its statement.
  func text(of zone: DomainName, in view: String?) -> ZoneText? {
    let text =
      zones.first { $0.name == zone && $0.view == view && $0.text != nil }?.text ?? waiting[zone]
    return try? text?.get()
  }

  /// The ID for which the cluster's managed block has the forward zone.
  func installedID(of cluster: String) -> ClusterID? {
    for zone in zones where zone.block == cluster && zone.clauses.type == .forward {
      if let id = zone.clusterID { return id }
    }
    return nil
  }

  /// The zones of this name that stand in a view of named.conf outside our blocks.
  func handWrittenZones(named name: String, in views: [String?]) -> [InstalledZone] {
    zones.filter {
      $0.block == nil && views.contains($0.view) && $0.name.withoutTrailingDot == name
    }
  }

  func isDynamic(_ zone: ZoneInView) -> Bool {
    zones.contains { $0.name == zone.name && $0.view == zone.view && $0.isDynamic }
  }

  func hasLoaded(_ zone: DomainName, in view: String?) -> Bool {
    zones.contains { $0.name == zone && $0.view == view && $0.status != nil }
  }

  /// Whether a file was changed after named read it, or may have been.
  var isAheadOfNamed: Bool {
    guard case .success(let status) = named else { return false }
    func isLater(_ snapshot: FileSnapshot, than loaded: ServerTime?) -> Bool {
      loaded.map { snapshot.identity.modified.seconds > $0.secondsSinceEpoch } ?? true
    }
    return tree.files.contains { isLater($0.snapshot, than: status.lastConfigured) }
      || zones.contains { zone in
        guard let status = zone.status, case .success(let text)? = zone.text else { return false }
        return text.soa?.record.serial.rawValue != status.serial
          || text.files.contains { isLater($0.snapshot, than: status.lastLoaded) }
      }
  }

  /// Whether a configuration file may have changed after named last read it.
  ///
  /// By the change time of the inode, which a restored backup cannot carry back. named tells the
  /// time of its last configuration in whole seconds, so the same second counts as later.
  var isNewerThanLoaded: Bool {
    guard case .success(let status) = named, let loaded = status.lastConfigured?.secondsSinceEpoch
    else { return true }
    return tree.files.contains { $0.snapshot.identity.changed.seconds >= loaded }
  }
}

/// A zone that named.conf has.
package struct InstalledZone: Sendable {
  /// The file with the statement, an index into the tree's files.
  package let file: Int
  package let statement: ZoneStatement
  /// The view in which named has the zone; nil in a configuration without views.
  package let view: String?
  package let name: DomainName
  package let isInternetClass: Bool
  /// What the statement says, the files counted in that it includes, and what it inherits from its
  /// view and `options`.
  package let clauses: ZoneClauses
  /// The file with the statement.
  let source: ConfigurationFile
  /// The name of the managed block in which the statement stands, if it is ours.
  package let block: String?
  /// The zone file's path on this host.
  package let path: FilePath?
  /// The text of the zone, where an alias concerns it or a managed block stands in it.
  package internal(set) var text: Result<ZoneText, InspectionError>?
  /// What named says of the zone, where an alias concerns it.
  package internal(set) var status: ZoneStatus?
  /// What named has of the zone if it is dynamic, where an alias concerns it and named can be asked.
  var dynamic: Result<DynamicZone, InspectionError>?
  /// The statement of another zone that includes the file with this one's SOA record, if there is one
  /// and it was looked for.
  var authoritySharer: String?
}

extension InstalledZone {
  /// `file:line` of the statement.
  var location: String { source.location(of: statement.range.lowerBound) }

  /// Whether DNS UPDATE changes the zone, so that named and not its file has the last word.
  var isDynamic: Bool { clauses.isDynamic || status?.isDynamic == true }

  /// The cluster whose names the zone has, if it has one's.
  var clusterID: ClusterID? {
    guard let label = name.labels.first,
      let id = try? ClusterID(String(decoding: label, as: UTF8.self)),
      name.withoutTrailingDot == id.domain
    else { return nil }
    return id
  }

  /// The zone with its view where there are views, for messages.
  var title: String {
    "zone \(name.withoutTrailingDot)" + (view.map { " in view \($0)" } ?? "")
  }

  func isSame(as other: InstalledZone) -> Bool { hasStatement(of: other) && view == other.view }

  func sharesFile(with other: InstalledZone) -> Bool {
    guard let path, let otherPath = other.path else { return false }
    return path.lexicallyNormalized() == otherPath.lexicallyNormalized()
  }

  /// Whether both are one statement's.
  func hasStatement(of other: InstalledZone) -> Bool {
    file == other.file && statement == other.statement
  }
}

/// A zone file and the files that it includes.
package struct ZoneText: Sendable {
  /// The zone's own file first.
  package var files: [ZoneTextFile]

  /// The file in which the SOA record stands, and the record.
  var soa: (file: ZoneTextFile, record: StartOfAuthority)? {
    for file in files {
      if let record = file.outline.soa { return (file, record) }
    }
    return nil
  }
}

/// One file of a zone's text.
package struct ZoneTextFile: Sendable {
  package var snapshot: FileSnapshot
  package var outline: ZoneFileOutline
  package var blocks: [ManagedBlock]
}

/// Why the files that named reads cannot be taken in.
package struct InspectionError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String

  init(_ description: String) {
    self.description = description
  }

  init(_ path: FilePath, _ error: SyntaxError) {
    description = "\(path):\(error.location.line): \(error.message)"
  }

  /// Damaged markers: nothing is guessed about where our text begins or ends.
  init(_ path: FilePath, _ error: ManagedBlockError) {
    description = "\(path): \(error)"
  }
}
