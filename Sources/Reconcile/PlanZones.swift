import BINDText
import DCOS
import FileChange
import Named
import SystemPackage

// The DNAME records, and the zones that they stand in.
extension Planner {
  mutating func planZones() throws(PlanError) {
    result.problems = (result.problems + placements.filter(isToldOf).compactMap(\.problem)).unique()
    let departing = try planDepartingZones()
    var planned: Set<FilePath> = []
    for zone in install.zones where !departing.contains(zone.name) && !isRefused(zone) {
      if zone.isDynamic, zone.clauses.type == .primary {
        try planUpdate(of: zone, placements(in: [zone]))
      } else if case .success(let text)? = zone.text,
        let file = text.files.first?.snapshot.realPath,
        planned.insert(file).inserted
      {
        let zones = install.zones.filter { $0.isRead(from: file) }
        guard !zones.contains(where: isRefused) else { continue }
        try planText(text, of: zones)
        holdStrayRecords(of: zone, text, besides: placements(in: [zone]))
      }
    }
    var made: Set<MadeZone> = []
    for case .made(let zone)? in placements.map(\.zone) where made.insert(zone).inserted {
      let placed = placements.filter {
        if case .made(let other) = $0.zone { other == zone } else { false }
      }
      if purpose.isWhole { try planMade(zone, placed) }
    }
  }

  private func placements(in zones: [InstalledZone]) -> [Placement] {
    placements.filter { placement in
      guard case .installed(let zone)? = placement.zone else { return false }
      return zones.contains { $0.isSame(as: zone) }
    }
  }

  /// A zone file, which may be that of several zones, if an operator has waived the safeguard.
  private mutating func planText(
    _ text: ZoneText, of zones: [InstalledZone]
  ) throws(PlanError) {
    let placed = placements(in: zones)
    // It is the zone that an alias goes into which is checked, and whose name the messages have.
    let lead =
      zones.first { zone in placements(in: [zone]).contains { $0.problem == nil } } ?? zones.first
    guard let lead else { return }
    let isLeftAlone = try leavesAlone(lead, text) { (trial) throws(PlanError) in
      let count = trial.changedZones.count
      try trial.planText(of: lead.inView, text, placed, served: [])
      return trial.changedZones.count > count
    }
    if isLeftAlone { return }
    let pending = result.pending.count
    let settled = result.settled.count
    try planText(of: lead.inView, text, placed, served: zones.compactMap(\.status))
    let isChanged = changedZones.last == lead.inView
    let (new, old) = (result.pending[pending...], result.settled[settled...])
    for zone in zones where !zone.isSame(as: lead) {
      let owners = placements(in: [zone]).map(\.alias.owner)
      let (new, old) = (
        new.compactMap { $0.moved(to: zone.inView, having: owners) },
        old.compactMap { $0.moved(to: zone.inView, having: owners) }
      )
      noteVisibility(of: new + old)
      result.pending += new
      result.settled += old
      if isChanged { changedZones.append(zone.inView) }
    }
  }

  /// Whether what is wrong with a placement concerns what the plan is for.
  private func isToldOf(_ placement: Placement) -> Bool {
    switch purpose {
    case .reconcile: return true
    case .removal: return false
    case .adoption:
      guard purpose.adopts(placement.alias.cluster),
        case .installed(let zone)? = placement.zone, case .success(let text)? = zone.text
      else { return false }
      return unmarkedRecord(of: placement.alias.owner, in: text) != nil
    }
  }

  /// A zone that was dynamic and is no longer: what we put in stands in its file without markers.
  private mutating func holdStrayRecords(
    of zone: InstalledZone, _ text: ZoneText, besides placed: [Placement]
  ) {
    let kept = Set(placed.map(\.alias.owner))
    for record in install.owned.records(in: zone.inView) {
      guard let (file, found) = unmarkedRecord(of: record.owner, in: text),
        file.target(of: found) == record.target
      else {
        ownedAfterwards.records.remove(record)
        continue
      }
      let name = record.owner.withoutTrailingDot
      if kept.contains(record.owner) || !purpose.removes(name) { continue }
      hold(
        "alias \(name)",
        """
        \(file.location(of: found.range.lowerBound)): it is to be taken out, and its DNAME came into \
        the zone by DNS UPDATE, so that no marker shows what is ours
        """,
        cure: "Take the record out by hand")
    }
  }

  /// The blocks of one zone's text: those that are wanted say what they have to, others go.
  private mutating func planText(
    of zone: ZoneInView, _ text: ZoneText, _ placed: [Placement], served: [ZoneStatus] = []
  ) throws(PlanError) {
    var isChanged = false
    var wanted: [(alias: Alias, target: DomainName)] = []
    for placement in placed where placement.problem == nil {
      let alias = placement.alias
      guard let target = target(of: alias),
        !wanted.contains(where: { $0.alias.owner == alias.owner })
      else { continue }
      let body = Recipe.alias(alias, target: target)
      let isSetBack = try isSetBack(.alias(alias.blockName), body, of: alias.cluster) {
        (trial) throws(PlanError) in try trial.planRecord(of: alias, to: target, in: zone, text)
      }
      if isSetBack { continue }
      wanted.append((alias, target))
      guard try planRecord(of: alias, to: target, in: zone, text) else { continue }
      isChanged = true
      let before = targets(of: alias.owner, in: text)
      noteAttempt(.alias(alias.blockName), body, reason(for: target, over: before))
      noteStanding(alias.owner, in: zone, text)
    }
    let kept = Set(placed.map(\.alias.blockName))
    var seen: Set<FilePath> = []
    // A file may be included twice.
    for file in text.files where seen.insert(file.snapshot.realPath).inserted {
      for block in file.blocks where !kept.contains(block.name) && purpose.removes(block.name) {
        if let heir = heir(behind: block.range.upperBound, in: file, of: text) {
          hold(
            "alias \(block.name)",
            """
            \(heir): the record there has its owner from the \
            managed block before it, which is to be taken out
            """,
            cure: "Move the block to the end of its file, or write the owner before that record")
          continue
        }
        let subject = Setback.Subject.alias(block.name)
        if try isSetBack(subject, [], of: nil) { continue }
        noteAttempt(subject, [], Self.notWanted)
        if let owner = try? DomainName(block.name) { noteStanding(owner, in: zone, text) }
        draft.remove(block, from: file, as: .zone(zone.name, view: zone.view))
        isChanged = true
      }
    }
    let expectations = wanted.map { alias, target in
      Expectation.alias(owner: alias.owner, target: target, zone: zone.name, view: zone.view)
    }
    noteVisibility(of: expectations)
    guard isChanged, let (file, record) = text.soa else {
      result.settled += expectations
      return
    }
    let policy = desired.zones[zone.name]?.serial ?? .increment
    let serial = policy.next(
      after: record.serial,
      served: served.flatMap { [$0.serial, $0.signedSerial] }.compactMap(\.self)
        .map(SerialNumber.init),
      now: now)
    if policy.isAhead(serial, at: now), let start = policy.start(at: now) {
      result.notes.append(
        """
        zone \(zone.name.withoutTrailingDot): its serial becomes \(serial), which is ahead of \
        \(start), what \(policy.rawValue) has for now: a serial that steps back would stop the \
        secondaries
        """)
    }
    draft.edit(file, as: .zone(zone.name, view: zone.view), record.serialEdit(to: serial))
    changedZones.append(zone)
    result.pending += expectations + [.serial(zone: zone.name, view: zone.view, serial)]
  }

  /// Takes down where an alias leads before it is changed.
  private mutating func noteStanding(
    _ owner: DomainName, in zone: ZoneInView, _ text: ZoneText
  ) {
    result.standing += targets(of: owner, in: text).map {
      .alias(owner: owner, target: $0, zone: zone.name, view: zone.view)
    }
  }

  /// Where the DNAME records of a name lead.
  private func targets(of owner: DomainName, in text: ZoneText) -> [DomainName] {
    text.files.flatMap { file in
      file.outline.records(of: owner).filter { $0.type == "DNAME" }.compactMap(file.target)
    }
  }

  /// What makes an alias's record another one.
  func reason(for target: DomainName, over before: [DomainName]) -> String {
    if before.isEmpty { return "new, leads to \(target.withoutTrailingDot)" }
    if before.contains(target) { return Self.putRight }
    let former = before.map(\.withoutTrailingDot).joined(separator: ", ")
    return "leads to \(target.withoutTrailingDot), it was \(former)"
  }

  /// Makes an alias's block say what it has to.
  ///
  /// - Returns: whether anything changes.
  private mutating func planRecord(
    of alias: Alias, to target: DomainName, in zone: ZoneInView, _ text: ZoneText
  ) throws(PlanError) -> Bool {
    let kind = PlannedFile.Kind.zone(zone.name, view: zone.view)
    let body = Recipe.alias(alias, target: target)
    let found = text.files.lazy.compactMap { file in
      file.blocks.first { $0.name == alias.blockName }.map { (file, $0) }
    }.first
    do throws(ManagedBlockError) {
      if let (file, block) = found {
        guard purpose.isWhole, let edit = try file.correction(of: block, to: body) else {
          return false
        }
        noteHandEdit(of: block, in: file)
        draft.edit(file, as: kind, edit)
        return true
      }
      let byHand = unmarkedRecord(of: alias.owner, in: text)
      guard let main = text.files.first,
        purpose.isWhole || purpose.adopts(alias.cluster) && byHand != nil
      else { return false }
      if let (file, record) = byHand {
        guard let removal = file.outline.removal(of: record) else { return false }
        draft.edit(file, as: kind, removal)
      }
      draft.edit(
        main, as: kind,
        try main.outline.insertion(of: body, named: alias.blockName, digest: blockDigest))
      return true
    } catch {
      throw PlanError("zone \(zone.name.withoutTrailingDot): \(error)")
    }
  }

  private mutating func planMade(
    _ made: MadeZone, _ placed: [Placement]
  ) throws(PlanError) {
    var wanted: [(alias: Alias, target: DomainName)] = []
    for placement in placed where placement.problem == nil {
      guard let target = target(of: placement.alias),
        !wanted.contains(where: { $0.alias.owner == placement.alias.owner })
      else { continue }
      let (alias, body) = (placement.alias, Recipe.alias(placement.alias, target: target))
      if try isSetBack(.alias(alias.blockName), body, of: alias.cluster) { continue }
      wanted.append((alias, target))
      noteAttempt(.alias(alias.blockName), body, reason(for: target, over: []))
    }
    guard !wanted.isEmpty else { return }
    // Several aliases may go into it, and each of them in each view.
    let views = placed.map(\.view).reduce(into: [String?]()) { views, view in
      if !views.contains(view) { views.append(view) }
    }
    try setStatement(of: made, in: views)
    let zone = ZoneInView(name: made.name, view: views.first ?? nil)
    switch install.waiting[made.name] {
    case .success(let text):
      // The file is there, its statement went missing: what stands in it stays.
      try planText(of: zone, text, placed)
      changedZones.removeAll { $0 == zone }
    case .failure(let error):
      result.problems.append(
        Problem(
          severity: .failed, subject: "zone \(made.name.withoutTrailingDot)", reason: "\(error)",
          cure: ""))
    case .none:
      let serial = (desired.zones[made.name]?.serial ?? .increment).next(
        after: SerialNumber(0), served: [], now: now)
      var contents = made.create.zoneFile(for: made.name, serial: serial)
      for (alias, target) in wanted {
        do throws(ManagedBlockError) {
          contents += try ManagedBlock.render(
            name: alias.blockName, body: Recipe.alias(alias, target: target), comment: .semicolon,
            digest: blockDigest)
        } catch {
          throw PlanError("alias \(alias.blockName): \(error)")
        }
      }
      draft.create(
        install.bind.root.onHost(made.create.file), as: .zone(made.name, view: zone.view),
        contents: contents)
      let expectations = wanted.map { alias, target in
        Expectation.alias(owner: alias.owner, target: target, zone: made.name, view: zone.view)
      }
      noteVisibility(of: expectations)
      result.pending += expectations
      result.pending.append(.serial(zone: made.name, view: zone.view, serial))
    }
  }

  /// The first view gets the zone, the others borrow it: so they cannot differ, and the file belongs
  /// to one zone.
  private mutating func setStatement(
    of made: MadeZone, in views: [String?]
  ) throws(PlanError) {
    let file = install.bind.root.asNamed(made.create.file)
    let sites = try install.zoneSites(for: views)
    let home = sites.first?.views.first ?? nil
    let wanted = sites.map { site in
      site.views.contains(home)
        ? (site: site.site, body: Recipe.zoneStatement(made.name, file: file))
        : (site: site.site, body: Recipe.lentZone(made.name, from: home ?? ""))
    }
    _ = try setBlocks(made.blockName, wanted)
  }

  /// An alias's DNAME is to be seen for certain if every view that might answer has it.
  mutating func noteVisibility(of expectations: [Expectation]) {
    let all = install.tree.views.filter(\.isInternetClass).count
    for case let expectation in expectations {
      guard case .alias(let owner, _, _, _) = expectation else { continue }
      if placeCounts[owner] ?? 0 < all { result.visibleInOtherViews.insert(expectation) }
    }
  }

  /// Where the alias's DNAME leads; nil while its cluster has not been seen, or not been let in.
  func target(of alias: Alias) -> DomainName? {
    guard let id = targets[alias.cluster] else { return nil }
    return try? Recipe.target(label: alias.label, id: id)
  }
}

extension [Problem] {
  /// Each once: an alias may meet the same in several views.
  fileprivate func unique() -> [Problem] {
    var seen: Set<Problem> = []
    return filter { seen.insert($0).inserted }
  }
}

extension Expectation {
  /// The same of another zone with the same file, if it has to have the alias; a serial it has in any
  /// case.
  fileprivate func moved(to zone: ZoneInView, having owners: [DomainName]) -> Expectation? {
    switch self {
    case .serial(_, _, let serial): .serial(zone: zone.name, view: zone.view, serial)
    case .alias(let owner, let target, _, _):
      owners.contains(owner)
        ? .alias(owner: owner, target: target, zone: zone.name, view: zone.view) : nil
    case .forwarded: nil
    }
  }
}

extension InstalledZone {
  /// Whether its text begins with a file.
  fileprivate func isRead(from file: FilePath) -> Bool {
    guard !isDynamic, case .success(let text)? = text else { return false }
    return text.files.first?.snapshot.realPath == file
  }
}
