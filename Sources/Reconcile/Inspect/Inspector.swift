import FileChange
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
  /// Who has to be able to read what is read; nil to find out.
  var reader: Reader?

  func inspect() async throws(InspectionError) -> ActualState {
    defer { files.forgetUnused() }
    let named = NamedFiles(reader ?? Reader(of: desired.bind), files)
    let tree = try ConfigurationTreeReader.read(desired.bind, from: named)
    let inspector = ZoneSelection(
      desired: desired, tree: tree, blockIndex: memory.blockIndex, owned: memory.owned,
      reader: named.reader)
    var actual = ActualState(bind: desired.bind, tree: tree, zones: inspector.zones())
    actual.sessionKey = sessionKey(in: tree, named.reader)
    if let control {
      do {
        actual.named = .success(try await control.status())
      } catch {
        actual.named = .failure(error)
      }
    }
    let reader = ZoneTextReader(tree: tree, files: named, aliases: desired.aliases)
    let concerned = concerned(in: actual)
    let statuses = await statuses(of: concerned, in: actual)
    let owners = owners(in: actual)
    var zones = actual.zones
    for index in zones.indices where zones[index].clauses.type == .primary {
      zones[index].status = statuses[index]
      await inspect(
        &zones[index], isConcerned: concerned.contains(index), owners[index] ?? [], actual.named,
        reader)
    }
    actual.zones = zones
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
    let names = Set(actual.zones.map(\.name))
    for (zone, settings) in desired.zones {
      guard let made = settings.create, !names.contains(zone) else { continue }
      let path = desired.bind.root.onHost(made.file)
      actual.made.insert(path)
      actual.waiting[zone] = reader.text(waitingFor: zone, in: path)
      actual.taken[path] = inspector.owner(of: path)
      actual.neighbours[path] = inspector.neighbour(of: path)
    }
    var unfilled = concerned.map { actual.zones[$0] }
      .filter { inspector.lacksBlock($0) || (try? $0.dynamic?.get().content) != nil }.map(\.inView)
    for (zone, settings) in desired.zones
    where settings.create != nil && !names.contains(zone) {
      unfilled += Set(actual.zones.map(\.view)).map { ZoneInView(name: zone, view: $0) }
    }
    let overlying = OverlyingZoneReader(
      actual: actual, texts: reader, client: DNSClient(server: desired.bind.query))
    for zone in Set(unfilled) { actual.overlying[zone] = await overlying.zones(above: zone) }
    return actual
  }

  private func inspect(
    _ zone: inout Zone, isConcerned: Bool, _ wanted: [DomainName],
    _ named: Result<NamedStatus, RemoteControlError>?, _ reader: ZoneTextReader
  ) async {
    let owned = memory.owned.records(in: zone.inView).map(\.owner)
    let isConcerned = isConcerned || !owned.isEmpty
    // One that had blocks may have lost the last of them without named having read that.
    let hadBlocks = memory.blockIndex?.zones.contains(zone.name) ?? false
    zone.text = reader.text(
      of: zone, isConcerned: (isConcerned || hadBlocks) && !zone.isDynamic)
    if !isConcerned, zone.text != nil { zone.status = await status(of: zone, named) }
    if zone.text != nil { zone.journalSerials = journalSerials(of: zone, reader) }
    guard zone.isDynamic, zone.status != nil else { return }
    let reader = DynamicZoneReader(
      files: reader.files, tree: reader.tree, client: DNSClient(server: desired.bind.query),
      compiler: ZoneCompiler(tool: context.tools.compilezone), scratch: context.scratch)
    let mayHide = Set(desired.aliases.filter { $0.allow.contains(.hidesNames) }.map(\.owner))
    do {
      zone.dynamic = .success(
        try await reader.read(
          zone, wanted: wanted, owned: owned + zone.blockOwners,
          parents: wanted.filter { !mayHide.contains($0) }))
    } catch {
      zone.dynamic = .failure(error)
    }
  }

  /// The journal is the file that the statement says, or has the zone file's name (`journal`); that of an inline-signed
  /// zone stands beside its signed file.
  private func journalSerials(of zone: Zone, _ reader: ZoneTextReader) -> [SerialNumber] {
    guard let path = zone.path else { return [] }
    let own = zone.clauses.journal.map { reader.tree.onHost(FilePath($0)) }
    return [own ?? path.appending(suffix: ".jnl"), path.appending(suffix: ".signed.jnl")]
      .compactMap { ZoneJournal.lastSerial(at: $0, as: reader.files.reader) }
  }

  /// How many rndc are run at a time.
  private static let concurrency = 4

  /// What named says of the zones into which an alias may go, and of those that have records of ours.
  private func statuses(
    of concerned: Set<Int>, in actual: ActualState
  ) async -> [Int: ZoneStatus] {
    let indices = actual.zones.indices.filter { index in
      let zone = actual.zones[index]
      return zone.clauses.type == .primary
        && (concerned.contains(index) || !memory.owned.records(in: zone.inView).isEmpty)
    }
    let statuses = await concurrentMap(indices, atMost: Self.concurrency) { index in
      (index, await status(of: actual.zones[index], actual.named))
    }
    return Dictionary(
      uniqueKeysWithValues: statuses.compactMap { index, status in
        status.map { (index, $0) }
      })
  }

  /// The aliases that go into each zone, by the zone's place.
  private func owners(in actual: ActualState) -> [Int: [DomainName]] {
    var owners: [Int: [DomainName]] = [:]
    let views = Set(actual.zones.map(\.view))
    for alias in desired.aliases {
      for view in views {
        guard let zone = actual.zone(enclosing: alias.owner, in: view) else { continue }
        let chosen = desired.zones[zone.name]?.views ?? desired.bind.views
        if let chosen, let view, !chosen.contains(view) { continue }
        for index in actual.indices(of: zone.name, in: view)
        where actual.zones[index].isSame(as: zone) {
          owners[index, default: []].append(alias.owner)
        }
      }
    }
    return owners
  }

  private func status(
    of zone: Zone, _ named: Result<NamedStatus, RemoteControlError>?
  ) async -> ZoneStatus? {
    guard let control, case .success? = named else { return nil }
    return try? await control.zoneStatus(zone: zone.name, view: zone.view)
  }

  /// Where named writes the key for `update-policy local`: where the configuration says, or where
  /// named was built to.
  private func sessionKey(in tree: ConfigurationTree, _ reader: Reader) -> FilePath? {
    let configured = tree.files.lazy.compactMap(\.outline.sessionKeyFile).first
    let candidates =
      configured.map { [tree.onHost(FilePath($0))] }
      ?? [
        "/run/named/session.key", "/var/run/named/session.key",
        "/usr/local/var/run/named/session.key",
      ].map { tree.root.onHost($0) }
    // named made it, and so can read it; what takes its place is not given to nsupdate.
    return candidates.first {
      FileState(of: $0, as: reader) != nil && reader.objection(to: $0) == nil
    }
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
          actual.indices(of: zone.name, in: view).filter {
            actual.zones[$0].hasStatement(of: zone)
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
    return text.blockOwners
  }
}
