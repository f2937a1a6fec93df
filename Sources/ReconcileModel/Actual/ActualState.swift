import BINDText
package import DCOS
package import DNSNames
package import FileChange
package import Named
package import SystemPackage

/// The state of this host: the files that named reads, and what named says about itself.
package struct ActualState: Sendable {
  package var bind: BINDSettings
  package var tree: ConfigurationTree
  /// The zones of the tree that may matter to what is wanted or managed, in the order of their statements.
  ///
  /// A zone that two views read from one file is listed twice.
  package private(set) var zones: [Zone]
  private var places: ZonePlaces
  /// The zones that enclose one into which an alias is still to be put, in its view, with what they say about the names
  /// in between.
  package var overlying: [ZoneInView: [Zone]] = [:]
  /// Zones that named has and named.conf does not, and to which an alias has to be added.
  package var unlisted: [UnlistedZone] = []
  /// The files of zones to make that have no statement yet, if they exist.
  package var waiting: [DomainName: Result<ZoneText, InspectionError>] = [:]
  /// Where to make zones that have no statement yet.
  package var made: Set<FilePath> = []
  /// Whose files already are where zones should be made, in words: "the file of zone …".
  package var taken: [FilePath: String] = [:]
  /// The owners of zone files in the folders of zones to make, by the new file's path.
  package var neighbours: [FilePath: FileNeighbour] = [:]
  /// Where named has put the key for `update-policy local`, if it has.
  package var sessionKey: FilePath?
  /// The digest that shows whether an operator has changed anything since a change was reverted;
  /// empty where none was.
  package var fingerprint = ""
  /// What named reports about itself; nil if the configuration has zonebridge send it no commands.
  package var named: Result<NamedStatus, RemoteControlError>?

  package init(bind: BINDSettings, tree: ConfigurationTree, zones: [Zone]) {
    self.bind = bind
    self.tree = tree
    self.zones = zones
    places = ZonePlaces(zones)
  }

  /// The zone at a place of ``zones``, to be changed there: it never gets another name or view.
  package subscript(zoneAt place: Int) -> Zone {
    get { zones[place] }
    set { zones[place] = newValue }
  }

  /// Adds zones behind the others.
  package mutating func add(_ more: [Zone]) {
    zones += more
    places = ZonePlaces(zones)
  }

  /// The zones of this name in a view, in the order of their statements.
  package func zones(_ name: DomainName, in view: String?) -> [Zone] {
    places.all(name, in: view).map { zones[$0] }
  }

  /// The zones of a view that enclose a name, the closest first.
  package func zones(enclosing name: DomainName, in view: String?) -> [Zone] {
    places.all(enclosing: name, in: view).map { zones[$0] }
  }

  /// Where they stand among the zones.
  package func indices(of name: DomainName, in view: String?) -> [Int] {
    places.all(name, in: view)
  }

  /// The closest enclosing zone of class IN in a view that holds data: the one whose file or server decides about
  /// `name`.
  package func zone(enclosing name: DomainName, in view: String?) -> Zone? {
    closest(to: name, in: view, where: holdsData)
  }

  /// The closest enclosing statement of class IN in a view, whatever kind of zone it makes: a forward zone as well.
  package func statement(enclosing name: DomainName, in view: String?) -> Zone? {
    closest(to: name, in: view) { _ in true }
  }

  private func closest(
    to name: DomainName, in view: String?, where counts: (Zone) -> Bool
  ) -> Zone? {
    places.all(enclosing: name, in: view)
      .first { zones[$0].isInternetClass && counts(zones[$0]) }.map { zones[$0] }
  }

  private func holdsData(_ zone: Zone) -> Bool {
    guard let home = zone.clauses.inView else { return zone.holdsData }
    return zones(zone.name, in: home).first?.holdsData ?? true
  }

  /// A zone between a name and its closest enclosing zone for which named asks elsewhere, although the data of
  /// the enclosing one say more: `static-stub`.
  package func cover(of name: DomainName, in zone: Zone) -> Zone? {
    places.all(enclosing: name, in: zone.view).lazy.map { zones[$0] }.first { other in
      other.clauses.type == .staticStub && other.isInternetClass && other.name.isBelow(zone.name)
    }
  }

  /// All files that were read, by the paths that they were asked for.
  package var snapshots: [FilePath: FileSnapshot] {
    var snapshots: [FilePath: FileSnapshot] = [:]
    for file in tree.files { snapshots[file.snapshot.path] = file.snapshot }
    for file in zones.compactMap({ try? $0.text?.get() }).flatMap(\.files) {
      snapshots[file.snapshot.path] = file.snapshot
    }
    return snapshots
  }

  /// The files of a zone that is there, with or without its statement.
  package func text(of zone: DomainName, in view: String?) -> ZoneText? {
    let text =
      zones(zone, in: view).first { $0.text != nil }?.text ?? waiting[zone]
    return try? text?.get()
  }

  /// The ID for which the cluster's managed block has the forward zone.
  package func installedID(of cluster: String) -> ClusterID? {
    places.forwardZones(inBlock: cluster).lazy.compactMap { zones[$0].clusterID }.first
  }

  /// The zones of this name that stand in a view of named.conf outside our blocks.
  package func handWrittenZones(named name: DomainName, in views: [String?]) -> [Zone] {
    views.flatMap { zones(name, in: $0) }.filter { $0.block == nil }
  }

  package func isDynamic(_ zone: ZoneInView) -> Bool {
    zones(zone.name, in: zone.view).contains(where: \.isDynamic)
  }

  package func hasLoaded(_ zone: DomainName, in view: String?) -> Bool {
    zones(zone, in: view).contains { $0.status != nil }
  }

  /// Whether a file was changed after named read it, or may have been.
  package var isAheadOfNamed: Bool {
    guard case .success(let status) = named else { return false }
    func isLater(_ snapshot: FileSnapshot, than loaded: ServerTime?) -> Bool {
      loaded.map { snapshot.identity.modified.seconds > $0.secondsSinceEpoch } ?? true
    }
    return tree.files.contains { isLater($0.snapshot, than: status.lastConfigured) }
      || zones.contains { zone in
        guard let status = zone.status, case .success(let text)? = zone.text else { return false }
        return text.soa?.record.serial != status.serial
          || text.files.contains { isLater($0.snapshot, than: status.lastLoaded) }
      }
  }

  /// Whether a configuration file may have changed after named last read it.
  ///
  /// By the change time of the inode, which a restored backup cannot carry back. named tells the
  /// time of its last configuration in whole seconds, so the same second counts as later.
  package var isNewerThanLoaded: Bool {
    guard case .success(let status) = named, let loaded = status.lastConfigured?.secondsSinceEpoch
    else { return true }
    return tree.files.contains { $0.snapshot.identity.changed.seconds >= loaded }
  }
}

extension ActualState {
  /// The addresses that the cluster's managed block forwards to.
  package func installedForwarders(of cluster: String) -> [IPAddress] {
    forwarderWords(of: cluster).compactMap(\.first)
      .compactMap { try? IPAddress(String($0.trimmed)) }
  }

  /// The port that they are asked at: 53 where the block has none; nil where there is no block.
  package func installedForwarderPort(of cluster: String) -> UInt16? {
    guard let words = forwarderWords(of: cluster).first, !words.isEmpty else { return nil }
    guard let index = words.firstIndex(of: "port"), index + 1 < words.endIndex else { return 53 }
    return UInt16(words[index + 1])
  }

  /// The entries of the list `forwarders` in the cluster's managed block, by their words.
  private func forwarderWords(of cluster: String) -> [[Substring]] {
    for index in places.forwardZones(inBlock: cluster) {
      let zone = zones[index]
      let text = String(decoding: zone.source.snapshot.bytes[zone.statement.range], as: UTF8.self)
      guard let start = text.firstRange(of: "forwarders {")?.upperBound else { continue }
      return text[start...].prefix { $0 != "}" }.split(separator: ";")
        .map { $0.split(separator: " ") }
    }
    return []
  }
}

extension Substring {
  fileprivate var trimmed: Substring { drop { $0.isWhitespace } }
}
