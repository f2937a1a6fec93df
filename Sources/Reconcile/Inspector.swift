import BINDText
import FileChange
import Named
import SystemPackage

/// Takes in what stands on this host: the step `inspect` of a pass.
///
/// It changes nothing.
struct Inspector {
  var desired: DesiredState
  /// named's control channel; nil with `reload: none`.
  var control: RemoteControl?
  let tools: NamedTools
  /// Where managed blocks stand in zone files; nil to look through all of them.
  var footprint: Footprint?
  /// The records that we have put into dynamic zones.
  var owned = OwnedRecords()
  /// Where scratch folders are made; nil for the system's place.
  var scratch: FilePath?
  /// What earlier passes have read.
  var files = FileMemory()

  func inspect() async throws(InspectionError) -> Install {
    defer { files.forgetUnused() }
    let tree = try TreeReader.read(desired.bind, from: files)
    let inspector = ZoneInspector(
      desired: desired, tree: tree, footprint: footprint, owned: owned)
    var install = Install(bind: desired.bind, tree: tree, zones: inspector.zones())
    install.owned = owned
    install.sessionKey = sessionKey(in: tree)
    if let control {
      do {
        install.named = .success(try await control.status())
      } catch {
        install.named = .failure(error)
      }
    }
    let reader = ZoneTextReader(tree: tree, files: files, aliases: desired.aliases)
    let concerned = concerned(in: install)
    for index in install.zones.indices where install.zones[index].clauses.type == .primary {
      let wanted = owners(of: install.zones[index], in: install)
      await inspect(
        &install.zones[index], isConcerned: concerned.contains(index), wanted, install.named, reader
      )
    }
    if footprint != nil { install.zones += inspector.sharers(in: install, concerned: concerned) }
    for index in concerned where inspector.lacksBlock(install.zones[index]) {
      let zone = install.zones[index]
      if let other = inspector.includer(ofAuthorityOf: zone, reader) {
        install.zones[index].authoritySharer = "\(other.title) (\(other.location))"
      }
    }
    for (zone, settings) in desired.zones {
      guard let made = settings.create, !install.zones.contains(where: { $0.name == zone }) else {
        continue
      }
      let path = desired.bind.root.onHost(made.file)
      install.made.insert(path)
      install.waiting[zone] = reader.text(waitingFor: zone, in: path)
      install.neighbours[path] = inspector.neighbour(of: path)
    }
    return install
  }

  private func inspect(
    _ zone: inout InstalledZone, isConcerned: Bool, _ wanted: [DomainName],
    _ named: Result<NamedStatus, RemoteControlError>?, _ reader: ZoneTextReader
  ) async {
    let owned = owned.records(in: zone.inView).map(\.owner)
    let isConcerned = isConcerned || !owned.isEmpty
    if isConcerned { zone.status = await status(of: zone, named) }
    zone.text = reader.text(of: zone, isConcerned: isConcerned && !zone.isDynamic)
    if zone.status == nil, zone.text != nil { zone.status = await status(of: zone, named) }
    guard zone.isDynamic, zone.status != nil else { return }
    let reader = DynamicZoneReader(
      tree: reader.tree, client: DNSClient(server: desired.bind.query),
      compiler: ZoneCompiler(tool: tools.compilezone), scratch: scratch)
    do {
      zone.dynamic = .success(
        try await reader.read(zone, wanted: wanted, owned: owned + zone.blockOwners))
    } catch {
      zone.dynamic = .failure(error)
    }
  }

  /// The aliases that go into a zone.
  private func owners(of zone: InstalledZone, in install: Install) -> [DomainName] {
    let views = desired.zones[zone.name]?.views ?? desired.bind.views
    if let views, let view = zone.view, !views.contains(view) { return [] }
    return desired.aliases.map(\.owner).filter {
      install.zone(enclosing: $0, in: zone.view)?.isSame(as: zone) ?? false
    }
  }

  private func status(
    of zone: InstalledZone, _ named: Result<NamedStatus, RemoteControlError>?
  ) async -> ZoneStatus? {
    guard let control, case .success? = named else { return nil }
    return try? await control.zoneStatus(zone: zone.name.withoutTrailingDot, view: zone.view)
  }

  /// Where named writes the key for `update-policy local`: where the configuration says, or where
  /// named was built to.
  private func sessionKey(in tree: ConfigurationTree) -> FilePath? {
    let configured = tree.files.lazy.compactMap(\.outline.sessionKeyFile).first
    let candidates =
      configured.map { [tree.onHost(FilePath($0))] }
      ?? [
        "/run/named/session.key", "/var/run/named/session.key",
        "/usr/local/var/run/named/session.key",
      ].map { tree.root.onHost($0) }
    return candidates.first { (try? $0.stat()) != nil }
  }

  /// The zones into which an alias may go, and those that were made for one.
  private func concerned(in install: Install) -> Set<Int> {
    let views = Set(install.zones.map(\.view))
    var concerned = Set(
      install.zones.indices.filter { index in
        install.zones[index].block.flatMap(MadeZone.zone(ofBlock:)) != nil
      })
    for alias in desired.aliases {
      for view in views {
        guard let zone = install.zone(enclosing: alias.owner, in: view) else { continue }
        concerned.formUnion(
          install.zones.indices.filter {
            install.zones[$0].view == view && install.zones[$0].hasStatement(of: zone)
          })
      }
    }
    return concerned
  }
}

/// Picks from the tree's zones those that matter.
///
/// There may be hundreds of thousands, of which a pass has to know a handful: those that enclose an
/// alias, the clusters', those that are to be made, and those in which managed blocks stand.
struct ZoneInspector {
  let desired: DesiredState
  let tree: ConfigurationTree
  let footprint: Footprint?
  let owned: OwnedRecords
  /// What zones inherit, by view.
  private let inherited: [String?: ZoneClauses]
  private let classes: [String: RecordClass]

  init(
    desired: DesiredState, tree: ConfigurationTree, footprint: Footprint?, owned: OwnedRecords
  ) {
    self.owned = owned
    self.desired = desired
    self.tree = tree
    self.footprint = footprint
    let views = tree.views
    classes = Dictionary(
      views.compactMap { view in view.statement.viewClass.map { (view.name, $0) } }
    ) { first, _ in first }
    var inherited: [String?: ZoneClauses] = [nil: tree.clauses(inheritedIn: nil)]
    for view in views { inherited[view.name] = tree.clauses(inheritedIn: view.name) }
    self.inherited = inherited
  }

  func zones() -> [InstalledZone] {
    var names = Set(desired.zones.keys).union(footprint?.zones ?? [])
      .union(owned.records.map(\.zone.name))
    for alias in desired.aliases {
      var name: DomainName? = alias.owner
      while let enclosing = name, names.insert(enclosing).inserted { name = enclosing.parent }
    }
    // The clusters' zones, and those that an alias would hide.
    let ancestors =
      ((try? DomainName("dcos.directory")).map { [$0] } ?? []) + desired.aliases.map(\.owner)
    var zones: [InstalledZone] = []
    for (index, file) in tree.files.enumerated() {
      let statements = file.outline.zones
      var relevant: Set<Int>
      if footprint == nil {
        relevant = Set(statements.indices)
      } else {
        relevant = Set(file.outline.zones(named: names, orBelow: ancestors))
        for block in file.blocks { relevant.formUnion(statements.indices(within: block.range)) }
      }
      for statement in relevant.sorted() { zones += self.zones(of: statement, in: index) }
    }
    return zones
  }

  /// The other zones with the file of one into which an alias is to be put: the alias would be a
  /// stranger's record in them.
  ///
  /// To read what all zones say would take longer than everything else. So the file's name is looked
  /// for in the text, and only the statements around it are read.
  func sharers(in install: Install, concerned: Set<Int>) -> [InstalledZone] {
    var sharers: [InstalledZone] = []
    for zone in concerned.map({ install.zones[$0] }) where lacksBlock(zone) {
      guard let name = zone.path?.lastComponent?.string else { continue }
      for (index, file) in tree.files.enumerated() {
        for offset in file.snapshot.bytes.offsets(of: name) {
          guard let statement = file.outline.zones.index(around: offset) else { continue }
          sharers += zones(of: statement, in: index).filter { other in
            other.sharesFile(with: zone)
              && !(install.zones + sharers).contains { $0.isSame(as: other) }
          }
        }
      }
    }
    return sharers
  }

  /// Another zone that includes the file with a zone's SOA record: its serial would move on as well.
  ///
  /// It is looked for where the record does not stand in the zone's own file, which is rare: what all
  /// zone files include is not to be had but by reading them.
  func includer(ofAuthorityOf zone: InstalledZone, _ reader: ZoneTextReader) -> InstalledZone? {
    guard case .success(let text)? = zone.text, let soa = text.soa?.file.snapshot.realPath,
      soa != text.files.first?.snapshot.realPath
    else { return nil }
    for (index, file) in tree.files.enumerated() {
      for statement in file.outline.zones.indices {
        for other in zones(of: statement, in: index)
        where other.clauses.type == .primary && !other.isSame(as: zone) {
          if reader.includes(soa, in: other) { return other }
        }
      }
    }
    return nil
  }

  /// Whose the zone files in a folder are, and what may be done with them: one that is made there
  /// shall not be the odd one.
  func neighbour(of path: FilePath) -> FileMetadata? {
    let folder = path.removingLastComponent()
    for file in tree.files {
      for (index, statement) in file.outline.zones.enumerated().prefix(10_000) {
        let clauses = clauses(of: statement, at: index, in: file)
        // The files of other zones are named's own.
        guard clauses.type == .primary, !clauses.isDynamic, let name = clauses.file else {
          continue
        }
        let other = tree.onHost(FilePath(name))
        guard other != path, other.removingLastComponent() == folder,
          let status = try? other.stat(), status.type == .regular
        else { continue }
        return FileMetadata(status)
      }
    }
    return nil
  }

  func lacksBlock(_ zone: InstalledZone) -> Bool {
    guard case .success(let text)? = zone.text else { return false }
    let names = Set(text.files.flatMap(\.blocks).map(\.name))
    return desired.aliases.contains {
      $0.owner.isSubdomain(of: zone.name) && !names.contains($0.blockName)
    }
  }

  /// One zone, or one for each view that reads the statement.
  private func zones(of index: Int, in fileIndex: Int) -> [InstalledZone] {
    let file = tree.files[fileIndex]
    let statement = file.outline.zones[index]
    guard let name = file.outline.name(of: statement) else { return [] }
    let own = statement.view.map { file.outline.views[$0].name }
    let clauses = clauses(of: statement, at: index, in: file)
    return (own.map { [$0] } ?? file.views).map { view in
      InstalledZone(
        file: fileIndex, statement: statement, view: view, name: name,
        isInternetClass: (statement.zoneClass ?? view.flatMap { classes[$0] } ?? .internet)
          == .internet,
        clauses: clauses.completed(with: inherited[view] ?? ZoneClauses()),
        source: file,
        block: file.blocks.first { $0.range.contains(statement.range.lowerBound) }?.name,
        path: clauses.file.map { tree.onHost(FilePath($0)) })
    }
  }

  /// What a statement says, the files counted in that it includes between its braces.
  private func clauses(
    of statement: ZoneStatement, at index: Int, in file: ConfigurationFile
  ) -> ZoneClauses {
    var clauses = file.outline.clauses(of: statement)
    for (include, files) in zip(file.outline.includes, file.includes)
    where include.enclosing == .zone(index) {
      for included in files {
        clauses = clauses.completed(with: tree.files[included].outline.clauses)
      }
    }
    return clauses
  }
}

extension [ZoneStatement] {
  /// The statements that begin within a range; they are in the order in which they stand.
  fileprivate func indices(within range: Range<Int>) -> Range<Int> {
    first(from: range.lowerBound)..<first(from: range.upperBound)
  }

  /// The statement in which a byte stands.
  fileprivate func index(around offset: Int) -> Int? {
    let index = first(from: offset + 1) - 1
    return index >= 0 && self[index].range.contains(offset) ? index : nil
  }

  private func first(from offset: Int) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].range.lowerBound < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension InstalledZone {
  /// The names of the managed blocks in its text, as far as they are aliases'.
  fileprivate var blockOwners: [DomainName] {
    guard case .success(let text)? = text else { return [] }
    return text.files.flatMap(\.blocks).compactMap { try? DomainName($0.name) }
  }
}
