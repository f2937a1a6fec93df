import BINDText
import Named
import ReconcileModel
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

extension InstalledZone {
  /// The names of the managed blocks in its text, as far as they are aliases'.
  fileprivate var blockOwners: [DomainName] {
    guard case .success(let text)? = text else { return [] }
    return text.files.flatMap(\.blocks).compactMap { try? DomainName($0.name) }
  }
}
