import BINDText
package import DCOS
package import DNSNames
package import FileChange
import Named
package import ReconcileModel
package import SystemPackage

/// Plans how to revert the last changes.
///
/// It is pure: it knows the history and the present state. A rollback is a change of its own: what somebody has added
/// since stays, and a zone's serial goes on.
package struct RollbackPlanner {
  /// The changes to be reverted, the last one first.
  let entries: [HistoryEntry]
  let actual: ActualState
  /// What the files hold, by path.
  let snapshots: [FilePath: FileSnapshot]
  /// How serials go on, by zone.
  let policies: [DomainName: SerialPolicy]
  let memory: PassMemory
  /// What leads into the clusters whose forward zones the changes had written, from zones outside of the changes.
  let foreign: [ClusterID: [Dependent]]
  /// Seconds since 1970.
  let now: Int64

  private struct Target {
    var path: FilePath
    var kind: PlannedFile.Kind
    var text: PatchedText
    var before: FileSnapshot?
    var isThere: Bool
    /// Whether it is there, and a change that is reverted had taken away another one.
    var isMadeAnew = false
  }

  private var targets: [Target] = []
  private var plan = Plan()

  package init(
    entries: [HistoryEntry], actual: ActualState, snapshots: [FilePath: FileSnapshot],
    policies: [DomainName: SerialPolicy], memory: PassMemory,
    foreign: [ClusterID: [Dependent]] = [:], now: Int64
  ) {
    self.entries = entries
    self.actual = actual
    self.snapshots = snapshots
    self.policies = policies
    self.memory = memory
    self.foreign = foreign
    self.now = now
  }

  package static func plan(_ planner: RollbackPlanner) throws(PlanError) -> Plan {
    var planner = planner
    for entry in planner.entries {
      for file in entry.files { try planner.putBack(file, of: entry) }
    }
    try planner.finish()
    // What passes remember stays, except for what is held from now on.
    planner.plan.memories = planner.memory.clusters
    planner.plan.retained.until.merge(planner.memory.retained?.until ?? [:]) { max($0, $1) }
    planner.plan.retained.pending.merge(planner.memory.retained?.pending ?? [:]) { max($0, $1) }
    planner.plan.revertedChanges = planner.memory.revertedChanges
    return planner.plan
  }

  // MARK: Files

  private mutating func putBack(_ file: RecordedFile, of entry: HistoryEntry) throws(PlanError) {
    let index = target(of: file)
    switch file.action {
    case .changed:
      guard targets[index].isThere else {
        throw PlanError("\(file.path): the file is gone, so nothing in it can be reverted")
      }
      for edit in file.edits.reversed() where !edit.isSerial {
        guard let range = targets[index].text.place(of: edit) else {
          throw PlanError(
            """
            \(file.path): somebody has edited what change \(entry.number) had written, so that change can no longer be \
            reverted alone. It had replaced this:
              \(edit.old.words)
            with this:
              \(edit.new.words)
            """)
        }
        targets[index].text.replace(range, with: edit.old.bytes)
      }
    case .made:
      guard targets[index].text.bytes.isSameButForSerial(as: file.contents?.bytes ?? []) else {
        throw PlanError(
          "\(file.path): zonebridge made this file, and somebody has added to it since",
          remedy: "Remove the zone by hand")
      }
      targets[index].isThere = false
    case .removed:
      guard !targets[index].isThere else {
        throw PlanError("\(file.path): zonebridge had removed this file, and it exists again")
      }
      targets[index].text = PatchedText(file.contents?.bytes ?? [])
      targets[index].isThere = true
      targets[index].isMadeAnew = targets[index].before != nil
    }
  }

  private mutating func target(of file: RecordedFile) -> Int {
    let path = FilePath(recorded: file.path)
    if let index = targets.firstIndex(where: { $0.path == path }) { return index }
    let snapshot = snapshots[path]
    var kind = PlannedFile.Kind.configuration
    if let name = file.zone.flatMap({ try? DomainName($0) }) { kind = .zone(name, view: file.view) }
    targets.append(
      Target(
        path: path, kind: kind, text: PatchedText(snapshot?.bytes ?? []), before: snapshot,
        isThere: snapshot != nil))
    return targets.count - 1
  }

  private mutating func finish() throws(PlanError) {
    putBackUpdates()
    let departures = try keepForwardZones()
    try leap()
    let edited = targets.filter { target in
      target.isThere && target.before.map { $0.bytes != target.text.bytes } ?? false
    }
    var edits: [FilePath: [TextEdit]] = [:]
    for target in edited { edits[target.path] = target.text.edits }
    let reloaded = actual.zones.filter { zone in
      guard case .success(let text)? = zone.text, !zone.isDynamic else { return false }
      return text.files.contains { edits[$0.snapshot.path] != nil }
    }
    var serials: [FilePath: SerialNumber] = [:]
    var served: [FilePath: [SerialNumber]] = [:]
    for zone in reloaded {
      guard let path = zone.authorityPath else { continue }
      served[path, default: []] += [zone.status?.serial, zone.status?.signedSerial].compactMap(
        \.self)
      if let published = memory.serials[zone.inView] { served[path, default: []].append(published) }
      served[path, default: []] += zone.journalSerials
    }
    for zone in reloaded {
      guard case .success(let text)? = zone.text, let (file, record) = text.soa else { continue }
      let path = file.snapshot.path
      let serial =
        serials[path]
        ?? (policies[zone.name] ?? .increment).next(
          after: record.serial, served: served[path] ?? [], now: now)
      if serials.updateValue(serial, forKey: path) == nil {
        for (file, record) in text.authorities {
          edits[file.snapshot.path, default: []].append(record.serialEdit(to: serial))
        }
      }
      plan.servedAfterwards.append(.serial(zone: zone.name, view: zone.view, serial))
    }
    try makeFiles(edits)
    hold()
    expectAliases(in: reloaded)
    command(reloaded, first: departures.goLast)
  }

  /// Look before the leap: the targets of restored DNAMEs have a forward zone, and named has to serve them.
  private mutating func leap() throws(PlanError) {
    let texts = targets.compactMap { target -> NamedConfOutline? in
      guard target.kind == .configuration, target.isThere else { return nil }
      let file = actual.tree.files.first { $0.snapshot.path == target.path }
      return try? NamedConfOutline(
        parsing: target.text.bytes, context: file?.outline.context ?? .top)
    }
    let leaps = leaps
    try check(leaps, texts)
    plan.leaps = leaps
    plan.newForwarders = questions(leaps, texts)
    let expectations = expectations(of: leaps)
    plan.servedAfterwards += expectations
    // Which view answers this host is unknown.
    if actual.tree.views.filter(\.isInternetClass).count > 1 {
      plan.visibleInOtherViews.formUnion(expectations)
    }
  }

  /// Make before break: keeps the forward zones in named.conf that something still leads into.
  private mutating func keepForwardZones() throws(PlanError) -> RollbackDepartures {
    var texts: [FilePath: [UInt8]] = [:]
    for target in targets where target.before != nil {
      texts[target.path] = target.isThere ? target.text.bytes : []
    }
    let departures = RollbackDepartures(actual, texts: texts, moved: movedTTLs, now: now) {
      dependence(on: $0, in: $1, texts, plan.owned)
    }
    for index in targets.indices where targets[index].kind == .configuration {
      try departures.restore(in: &targets[index].text, of: targets[index].path, actual)
    }
    plan.retained = departures.retained
    plan.hints += departures.hints
    return departures
  }

  private mutating func makeFiles(_ edits: [FilePath: [TextEdit]]) throws(PlanError) {
    var files: [PlannedFile] = []
    var rest = edits
    func planned(_ target: Target, _ edits: [TextEdit], _ contents: FileContents?) -> PlannedFile {
      PlannedFile(
        kind: target.kind, path: target.before?.realPath ?? target.path, before: target.before,
        edits: edits, contents: contents)
    }
    for target in targets {
      let edits = rest.removeValue(forKey: target.path)
      switch (target.before, target.isThere) {
      case (let before?, true):
        // Removed by one change and created by a later one: no edit leads from one to the other.
        guard !target.isMadeAnew || target.text.bytes == before.bytes else {
          throw PlanError(
            """
            \(target.path): zonebridge removed this file and later made it again, with other contents
            """, remedy: "Revert the changes one at a time: zonebridge rollback")
        }
        guard let edits else { continue }
        files.append(planned(target, edits, try candidate(before, edits)))
      case (_?, false): files.append(planned(target, [], nil))
      case (nil, true): files.append(planned(target, [], FileContents(target.text.bytes)))
      case (nil, false): continue
      }
    }
    // The SOA record may stand in a file of its own.
    for (path, edits) in rest.sorted(by: { $0.key.string < $1.key.string }) {
      guard let file = actual.zoneFile(at: path) else { continue }
      files.append(
        PlannedFile(
          kind: .zone(file.zone, view: file.view), path: file.snapshot.realPath,
          before: file.snapshot, edits: edits, contents: try candidate(file.snapshot, edits)))
    }
    // In the order of a pass: a configuration never names a file that is not there.
    plan.files =
      files.filter { $0.kind != .configuration && $0.contents != nil }
      + files.filter { $0.kind == .configuration } + files.filter { $0.contents == nil }
  }

  private func candidate(
    _ snapshot: FileSnapshot, _ edits: [TextEdit]
  ) throws(PlanError) -> FileContents {
    do throws(PassError) {
      return try snapshot.candidate(edits)
    } catch {
      throw PlanError(error)
    }
  }

  // MARK: What follows

  /// What several changes did to one alias of a dynamic zone is reverted in one step: nothing that was only between them
  /// is to be served.
  private mutating func putBackUpdates() {
    var records = memory.owned.records
    var reversals: [Reversal] = []
    for entry in entries {
      for update in entry.updates {
        guard let zone = try? DomainName(update.zone), let owner = try? DomainName(update.owner)
        else { continue }
        let inView = ZoneInView(name: zone, view: update.view)
        let made = AliasUpdate(
          owner: owner, message: DynamicUpdate(zone: zone), old: update.old?.alias,
          new: update.new?.alias)
        if let new = made.new {
          records.remove(.init(zone: inView, owner: owner, target: new.target))
        }
        if let old = made.old {
          records.insert(.init(zone: inView, owner: owner, target: old.target))
        }
        let later = reversals.firstIndex { $0.zone == inView && $0.made.owner == owner }
        if let later {
          reversals[later].made.old = made.old
        } else {
          reversals.append(Reversal(zone: inView, made: made, key: FilePath(update.key)))
        }
      }
    }
    plan.updates = reversals.filter { $0.made.old != $0.made.new }.map { reversal in
      ZoneUpdate(
        zone: reversal.zone.name, view: reversal.zone.view, parts: [reversal.made.inverse],
        key: reversal.key, server: actual.bind.query)
    }
    plan.owned = OwnedRecords(records: records)
  }

  /// What is to be reverted of an alias in a dynamic zone.
  private struct Reversal {
    var zone: ZoneInView
    /// From what it was before the first of the changes to what it is after the last one.
    var made: AliasUpdate
    var key: FilePath
  }

  /// What was reverted is not applied again before an operator accepts it.
  private mutating func hold() {
    for subject in Set(entries.flatMap(\.subjects)).sorted() {
      plan.restored.insert(subject)
      plan.holds.append(
        RevertedChange(
          subject: subject, digest: nil, fingerprint: "", attempts: 1, time: now,
          reason: "by zonebridge rollback"))
    }
  }

  /// Where the aliases led before the first of the changes.
  private mutating func expectAliases(in zones: [Zone]) {
    var first: [DomainName: RecordedAlias] = [:]
    for alias in entries.flatMap(\.aliases) {
      guard let owner = try? DomainName(alias.owner) else { continue }
      if first[owner] == nil, let zone = try? DomainName(alias.zone),
        let target = alias.new.flatMap({ try? DomainName($0) })
      {
        plan.servedBefore.append(.alias(owner: owner, target: target, zone: zone, view: alias.view))
      }
      first[owner] = alias
    }
    let all = actual.tree.views.filter(\.isInternetClass).count
    for (owner, alias) in first.sorted(by: { $0.key < $1.key }) {
      guard let name = try? DomainName(alias.zone), let old = alias.old,
        let target = try? DomainName(old),
        zones.contains(where: { $0.name == name && $0.view == alias.view })
      else { continue }
      let expectation = Expectation.alias(
        owner: owner, target: target, zone: name, view: alias.view)
      plan.servedAfterwards.append(expectation)
      if all > 1 { plan.visibleInOtherViews.insert(expectation) }
    }
  }

  /// - Parameters:
  ///   - zones: those whose files change.
  ///   - isFirst: whether they are loaded before a configuration that lacks forward zones which they had led into.
  private mutating func command(_ zones: [Zone], first isFirst: Bool) {
    guard case .rndc = actual.bind.reload else { return }
    let reloads = zones.map { NamedCommand.reload(zone: $0.name, view: $0.view) }
    if isFirst { plan.commands = reloads }
    if plan.files.contains(where: { $0.kind == .configuration }) { plan.commands.append(.reconfig) }
    plan.forgotten = Set(entries.flatMap(\.domains).compactMap { try? DomainName($0) }).sorted()
    plan.commands += actual.flushes(of: plan.forgotten)
    if !isFirst { plan.commands += reloads }
  }
}

extension PatchedText {
  /// Where an edit's text is now: in its original place, or in the only other place that has it.
  fileprivate func place(of edit: RecordedEdit) -> Range<Int>? {
    let (new, lead, trail) = (edit.new.bytes, edit.lead.bytes, edit.trail.bytes)
    let start = edit.offsetAfter
    if edit.stands(in: bytes, at: start),
      bytes.prefix(start).reversed().starts(with: lead.reversed())
    {
      return start..<(start + new.count)
    }
    if !new.isEmpty {
      let found = bytes.offsets(of: new, first: 2)
      if found.count == 1 { return found[0]..<(found[0] + new.count) }
    }
    let found = bytes.offsets(of: lead + new + trail, first: 2)
    guard found.count == 1, !(lead + trail).isEmpty else { return nil }
    let offset = found[0] + lead.count
    return offset..<(offset + new.count)
  }
}

extension RecordedTarget {
  fileprivate var alias: LiveAlias? {
    (try? DomainName(target)).map { LiveAlias(target: $0, ttl: ttl) }
  }
}

extension RecordedText {
  /// For a message, lines after the first one indented.
  fileprivate var words: String {
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    return lines.isEmpty ? "(nothing)" : lines.joined(separator: "\n  ")
  }
}

extension [UInt8] {
  /// Whether two texts differ in digits alone.
  fileprivate func isSameButForSerial(as other: [UInt8]) -> Bool {
    func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    return filter { !isDigit($0) } == other.filter { !isDigit($0) }
  }
}

extension Zone {
  /// The file with the SOA record.
  fileprivate var authorityPath: FilePath? {
    guard case .success(let text)? = text else { return nil }
    return text.soa?.file.snapshot.path
  }
}

extension ActualState {
  /// The file of a zone's text.
  fileprivate func zoneFile(
    at path: FilePath
  ) -> (zone: DomainName, view: String?, snapshot: FileSnapshot)? {
    for zone in zones {
      guard case .success(let text)? = zone.text else { continue }
      if let file = text.files.first(where: { $0.snapshot.path == path }) {
        return (zone.name, zone.view, file.snapshot)
      }
    }
    return nil
  }
}
