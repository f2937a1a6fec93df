import BINDText
import DNSNames
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
  let context: PassContext
  /// Where managed blocks stand in zone files, and which records of dynamic zones are ours.
  var memory = PassMemory()
  /// What earlier passes have read.
  var files = FileCache()

  func inspect() async throws(InspectionError) -> ActualState {
    defer { files.forgetUnused() }
    let tree = try ConfigurationTreeReader.read(desired.bind, from: files)
    let inspector = ZoneSelection(
      desired: desired, tree: tree, blockIndex: memory.blockIndex, owned: memory.owned)
    var actual = ActualState(bind: desired.bind, tree: tree, zones: inspector.zones())
    actual.sessionKey = sessionKey(in: tree)
    if let control {
      do {
        actual.named = .success(try await control.status())
      } catch {
        actual.named = .failure(error)
      }
    }
    let reader = ZoneTextReader(tree: tree, files: files, aliases: desired.aliases)
    let concerned = concerned(in: actual)
    for index in actual.zones.indices where actual.zones[index].clauses.type == .primary {
      let wanted = owners(of: actual.zones[index], in: actual)
      await inspect(
        &actual.zones[index], isConcerned: concerned.contains(index), wanted, actual.named, reader
      )
    }
    if memory.blockIndex != nil {
      actual.zones += inspector.sharers(in: actual, concerned: concerned)
    }
    for index in concerned where inspector.lacksBlock(actual.zones[index]) {
      let zone = actual.zones[index]
      if let other = inspector.includer(ofAuthorityOf: zone, reader) {
        actual.zones[index].authoritySharer = "\(other.title) (\(other.location))"
      }
    }
    if let control {
      actual.unlisted = await UnlistedZoneSearch(
        desired: desired, actual: actual, control: control
      ).zones()
    }
    for (zone, settings) in desired.zones {
      guard let made = settings.create, !actual.zones.contains(where: { $0.name == zone }) else {
        continue
      }
      let path = desired.bind.root.onHost(made.file)
      actual.made.insert(path)
      actual.waiting[zone] = reader.text(waitingFor: zone, in: path)
      actual.taken[path] = inspector.zones(withFile: path).first.map {
        "\($0.title) (\($0.location))"
      }
      actual.neighbours[path] = inspector.neighbour(of: path)
    }
    return actual
  }

  private func inspect(
    _ zone: inout Zone, isConcerned: Bool, _ wanted: [DomainName],
    _ named: Result<NamedStatus, RemoteControlError>?, _ reader: ZoneTextReader
  ) async {
    let owned = memory.owned.records(in: zone.inView).map(\.owner)
    let isConcerned = isConcerned || !owned.isEmpty
    if isConcerned { zone.status = await status(of: zone, named) }
    zone.text = reader.text(of: zone, isConcerned: isConcerned && !zone.isDynamic)
    if zone.status == nil, zone.text != nil { zone.status = await status(of: zone, named) }
    guard zone.isDynamic, zone.status != nil else { return }
    let reader = DynamicZoneReader(
      tree: reader.tree, client: DNSClient(server: desired.bind.query),
      compiler: ZoneCompiler(tool: context.tools.compilezone), scratch: context.scratch)
    do {
      zone.dynamic = .success(
        try await reader.read(zone, wanted: wanted, owned: owned + zone.blockOwners))
    } catch {
      zone.dynamic = .failure(error)
    }
  }

  /// The aliases that go into a zone.
  private func owners(of zone: Zone, in actual: ActualState) -> [DomainName] {
    let views = desired.zones[zone.name]?.views ?? desired.bind.views
    if let views, let view = zone.view, !views.contains(view) { return [] }
    return desired.aliases.map(\.owner).filter {
      actual.zone(enclosing: $0, in: zone.view)?.isSame(as: zone) ?? false
    }
  }

  private func status(
    of zone: Zone, _ named: Result<NamedStatus, RemoteControlError>?
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
  private func concerned(in actual: ActualState) -> Set<Int> {
    let views = Set(actual.zones.map(\.view))
    var concerned = Set(
      actual.zones.indices.filter { index in
        actual.zones[index].block.flatMap(MadeZone.zone(ofBlock:)) != nil
      })
    for alias in desired.aliases {
      for view in views {
        guard let zone = actual.zone(enclosing: alias.owner, in: view) else { continue }
        concerned.formUnion(
          actual.zones.indices.filter {
            actual.zones[$0].view == view && actual.zones[$0].hasStatement(of: zone)
          })
      }
    }
    return concerned
  }
}

extension Zone {
  /// The names of the managed blocks in its text, as far as they are aliases'.
  fileprivate var blockOwners: [DomainName] {
    guard case .success(let text)? = text else { return [] }
    return text.files.flatMap(\.blocks).compactMap { try? DomainName($0.name) }
  }
}
