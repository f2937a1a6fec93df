import FileChange
import BINDText
import DNSNames
import Named
import ReconcileModel
import SystemPackage

/// Reads the state of this host: the step `inspect` of a pass.
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
  /// What named has said of zones in earlier passes.
  var statuses = ZoneStatusCache()
  /// Who has to be able to read what is read; nil to find out.
  var reader: Reader?
  /// What stood before a change that named was told: what named said then of itself and of zones is not asked again,
  /// and only what the files and dynamic zones hold is taken in.
  var before: ActualState?

  func inspect() async throws(InspectionError) -> ActualState {
    defer { files.forgetUnused() }
    // rndc takes longer to start than the configuration to be read.
    async let word = word()
    let namedFiles = NamedFiles(reader ?? Reader(of: desired.bind), files)
    let tree = try ConfigurationTreeReader.read(desired.bind, from: namedFiles)
    let inspector = ZoneSelection(
      desired: desired, tree: tree, blockIndex: memory.blockIndex, owned: memory.owned,
      reader: namedFiles.reader)
    var actual = ActualState(bind: desired.bind, tree: tree, zones: inspector.zones())
    actual.sessionKey = sessionKey(in: tree, namedFiles.reader)
    let reader = ZoneTextReader(tree: tree, files: namedFiles, aliases: desired.aliases)
    let concerned = concerned(in: actual)
    let said = await takeInTexts(of: &actual, concerned, reader)
    actual.named = await word
    await takeInRest(of: &actual, concerned, said, reader)
    guard before == nil else { return actual }
    if memory.blockIndex != nil {
      actual.add(inspector.sharers(in: actual, concerned: concerned))
    }
    for index in concerned where inspector.lacksBlock(actual.zones[index]) {
      if let other = inspector.includer(ofAuthorityOf: actual.zones[index], reader) {
        actual[zoneAt: index].authoritySharer = "\(other.title) (\(other.location))"
      }
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

  // MARK: Files and named

  /// How many zones named is asked about before it is known whether it answers: where it does not run, or the key is
  /// wrong, it is asked in vain.
  private static let concurrencyAtFirst = 2

  /// What is known of zones before it is known whether named answers.
  private struct FirstAnswers {
    var zones: ZoneAnswers = [:]
    var vacant: Set<ZoneInView> = []
  }

  /// The zones that may be changed here, by their places, and those of them that hold what is ours.
  private func primaries(
    in actual: ActualState, _ concerned: Set<Int>
  ) -> (all: [Int], ours: Set<Int>) {
    let all = actual.zones.indices.filter { actual.zones[$0].clauses.type == .primary }
    let ours = all.filter { index in
      concerned.contains(index) || !memory.owned.records(in: actual.zones[index].inView).isEmpty
    }
    return (all, Set(ours))
  }

  /// Takes in what the zones' files say.
  ///
  /// rndc takes longer to start than named to answer, and than most files to be read. So what is asked in any case is
  /// asked at once, and the files are read meanwhile.
  ///
  /// - Returns: what named says of the zones.
  private func takeInTexts(
    of actual: inout ActualState, _ concerned: Set<Int>, _ reader: ZoneTextReader
  ) async -> FirstAnswers {
    let (primaries, ours) = primaries(in: actual, concerned)
    let certain = ours.sorted().map { actual.zones[$0].inView }
      .filter { before?.status(of: $0) == nil && !statuses.isNoted($0) }
    async let first = answers(on: certain.prefix(Self.concurrencyAtFirst))
    for index in primaries {
      let zone = actual.zones[index]
      // One that had blocks may have lost the last of them before named read the file again.
      let hadBlocks = memory.blockIndex?.zones.contains(zone.name) ?? false
      actual[zoneAt: index].text = reader.text(
        of: zone, isConcerned: (ours.contains(index) || hadBlocks) && !zone.isDynamic)
    }
    // Most names of new aliases have no zone, as the DNS shows: named is not asked for them on its control channel.
    let search =
      before == nil && control != nil ? UnlistedZoneSearch(desired: desired, actual: actual) : nil
    let early = search?.candidates(ofFilesOnly: true).prefix(Self.concurrencyAtFirst) ?? []
    let vacant = await search?.vacant(among: Array(early)) ?? []
    async let second = answers(on: early.filter { !vacant.contains($0) })
    return FirstAnswers(
      zones: await first.merging(await second) { answer, _ in answer }, vacant: vacant)
  }

  /// Takes in what named says of the rest of the zones, and what they hold.
  private func takeInRest(
    of actual: inout ActualState, _ concerned: Set<Int>, _ said: FirstAnswers,
    _ reader: ZoneTextReader
  ) async {
    let (primaries, ours) = primaries(in: actual, concerned)
    var known: ZoneAnswers = [:]
    if case .success(let word)? = actual.named {
      known = said.zones
      let asked = primaries.filter { ours.contains($0) || actual.zones[$0].text != nil }
      await known.merge(statuses(of: asked.map { actual.zones[$0] }, word, besides: known)) {
        answer, _ in answer
      }
      for index in asked {
        actual[zoneAt: index].status = try? known[actual.zones[index].inView]?.get()
      }
    }
    let owners = owners(in: actual)
    for index in primaries {
      await takeInContents(
        of: &actual[zoneAt: index], ours.contains(index), owners[index] ?? [], reader)
    }
    guard before == nil else { return }
    if case .success(let word)? = actual.named { statuses.note(actual.zones, by: word) }
    if let control {
      actual.unlisted = await UnlistedZoneSearch(desired: desired, actual: actual).zones(
        of: control, answered: known, besides: said.vacant)
    }
  }

  /// What named says of itself.
  private func word() async -> Result<NamedStatus, RemoteControlError>? {
    if let before { return before.named }
    return await control?.statusResult()
  }

  /// What named says of the rest of some zones.
  private func statuses(
    of zones: [Zone], _ named: NamedStatus, besides known: ZoneAnswers
  ) async -> ZoneAnswers {
    let client = DNSClient(server: desired.bind.query)
    let unasked = zones.filter { known[$0.inView] == nil }
    var found: ZoneAnswers = [:]
    let recalled = await concurrentMap(unasked, atMost: Self.concurrency) { zone -> ZoneStatus? in
      if let status = before?.status(of: zone.inView) { return status }
      guard let status = statuses.status(of: zone, by: named),
        let answer = try? await client.ask(zone.name, .soa), answer.isAuthoritative,
        answer.hasAuthority(of: zone.name), answer.serial == status.servedSerial
      else { return nil }
      return status
    }
    for (zone, status) in zip(unasked, recalled) {
      if let status { found[zone.inView] = .success(status) }
    }
    let rest = unasked.map(\.inView).filter { found[$0] == nil }
    return found.merging(await answers(on: rest)) { answer, _ in answer }
  }

  /// What named says of zones, asked side by side.
  private func answers(on zones: some Collection<ZoneInView> & Sendable) async -> ZoneAnswers {
    guard let control, !zones.isEmpty else { return [:] }
    return await control.answers(on: zones, atMost: Self.concurrency)
  }

  /// Takes in what a zone holds, once it is known whether it is dynamic.
  private func takeInContents(
    of zone: inout Zone, _ isConcerned: Bool, _ wanted: [DomainName], _ reader: ZoneTextReader
  ) async {
    let owned = memory.owned.records(in: zone.inView).map(\.owner)
    if isConcerned, zone.isDynamic, !zone.clauses.isDynamic {
      zone.text = reader.text(of: zone, isConcerned: false)
    }
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

  /// How many rndc processes run at a time.
  private static let concurrency = 4

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
  /// The aliases that have a managed block in its text.
  fileprivate var blockOwners: [DomainName] {
    guard case .success(let text)? = text else { return [] }
    return text.blockOwners
  }
}

extension ActualState {
  /// What named has said of a zone.
  fileprivate func status(of zone: ZoneInView) -> ZoneStatus? {
    zones(zone.name, in: zone.view).lazy.compactMap(\.status).first
  }
}
