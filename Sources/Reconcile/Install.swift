package import BINDText
import DCOS
package import FileChange
package import Named
package import SystemPackage

/// What stands on this host: the files that named reads, and what named says of itself.
package struct Install: Sendable {
  package var bind: BINDSettings
  package var tree: ConfigurationTree
  /// The zones of the tree, in the order of their statements.
  package var zones: [InstalledZone]
  /// The files of zones that are to be made and have no statement yet, where there is one.
  package var waiting: [DomainName: Result<ZoneText, InspectionError>] = [:]
  /// named's own word on itself; nil where the configuration tells named nothing.
  package var named: Result<NamedStatus, RemoteControlError>?

  /// The closest enclosing zone of class IN: the one whose file or server decides about `name`.
  func zone(enclosing name: DomainName) -> InstalledZone? {
    zones
      .filter { $0.isInternetClass && name.isSubdomain(of: $0.name) }
      .max { $0.name.labelCount < $1.name.labelCount }
  }

  /// The files of a zone that is there, with or without its statement.
  func text(of zone: DomainName) -> ZoneText? {
    let text = zones.first { $0.name == zone && $0.text != nil }?.text ?? waiting[zone]
    return try? text?.get()
  }

  /// The file that gets the managed zone statements, if named reads it.
  var configurationForZones: ConfigurationFile? {
    tree.files.first { $0.snapshot.path == bind.zonesIn || $0.snapshot.realPath == bind.zonesIn }
  }

  /// The ID for which the cluster's managed block has the forward zone.
  func installedID(of cluster: String) -> ClusterID? {
    for zone in zones where zone.block == cluster && zone.clauses.type == .forward {
      if let label = zone.name.labels.first,
        let id = try? ClusterID(String(decoding: label, as: UTF8.self)),
        zone.name.withoutTrailingDot == id.domain
      {
        return id
      }
    }
    return nil
  }

  /// A zone of this name that stands in named.conf outside our blocks.
  func handWrittenZone(named name: String) -> InstalledZone? {
    zones.first { $0.block == nil && $0.name.withoutTrailingDot == name }
  }

  func hasLoaded(_ zone: DomainName) -> Bool {
    zones.contains { $0.name == zone && $0.status != nil }
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

/// `named.conf` and the files that it includes.
package struct ConfigurationTree: Sendable {
  /// In the order in which named reads them, each once.
  package var files: [ConfigurationFile]
  /// The `directory` option: where named's relative file names start from.
  package var directory: FilePath?

  /// A path as named takes it; nil for a relative one where there is no `directory`.
  func absolute(_ path: FilePath) -> FilePath? {
    path.isAbsolute ? path : directory?.pushing(path)
  }
}

/// One file of the tree.
package struct ConfigurationFile: Sendable {
  package var snapshot: FileSnapshot
  package var outline: NamedConfOutline
  package var blocks: [ManagedBlock]
  /// The files that the `include` statements name, in the order of `outline.includes`.
  package var includes: [[FilePath]]
}

/// A zone that named.conf has.
package struct InstalledZone: Sendable {
  package var name: DomainName
  package var isInternetClass: Bool
  /// What the statement says, the files counted in that it includes.
  package var clauses: ZoneClauses
  /// Whether it, or `options` for all zones, lets somebody change the zone by DNS UPDATE.
  package var allowsUpdate: Bool
  /// `file:line` of the statement.
  package var location: String
  /// The name of the managed block in which the statement stands, if it is ours.
  package var block: String?
  /// The zone file's path, made absolute.
  package var file: FilePath?
  /// The text of the zone, where an alias concerns it or a managed block stands in it.
  package var text: Result<ZoneText, InspectionError>?
  /// What named says of the zone, where an alias concerns it.
  package var status: ZoneStatus?
}

extension InstalledZone {
  /// Whether DNS UPDATE changes the zone, so that named and not its file has the last word.
  var isDynamic: Bool { allowsUpdate || status?.isDynamic == true }
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
