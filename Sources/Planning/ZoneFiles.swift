import BINDText
import FileChange
import Named
import ReconcileModel
import SystemPackage

// The DNAME records, and the zones that they stand in.
extension Planner {
  mutating func planZones() throws(PlanError) {
    result.problems = (result.problems + placements.filter(isToldOf).compactMap(\.problem)).unique()
    let departing = try planDepartingZones()
    var planned: Set<FilePath> = []
    for zone in actual.zones where !departing.contains(zone.name) && !isRefused(zone) {
      if zone.isDynamic, zone.clauses.type == .primary {
        try planUpdate(of: zone, placements(in: [zone]))
      } else if case .success(let text)? = zone.text,
        let file = text.files.first?.snapshot.realPath,
        planned.insert(file).inserted
      {
        let zones = actual.zones.filter { $0.isRead(from: file) }
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
      if operation.isWhole { try planMade(zone, placed) }
    }
  }

  private func placements(in zones: [Zone]) -> [Placement] {
    placements.filter { placement in
      guard case .installed(let zone)? = placement.zone else { return false }
      return zones.contains { $0.isSame(as: zone) }
    }
  }

  /// A zone file, which may be that of several zones, if an operator has waived the safeguard.
  private mutating func planText(
    _ text: ZoneText, of zones: [Zone]
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
    let afterwards = result.servedAfterwards.count
    let alreadyServed = result.alreadyServed.count
    try planText(of: lead.inView, text, placed, served: zones.compactMap(\.status))
    let isChanged = changedZones.last == lead.inView
    let (new, old) = (
      result.servedAfterwards[afterwards...], result.alreadyServed[alreadyServed...]
    )
    for zone in zones where !zone.isSame(as: lead) {
      let owners = placements(in: [zone]).map(\.alias.owner)
      let (new, old) = (
        new.compactMap { $0.moved(to: zone.inView, having: owners) },
        old.compactMap { $0.moved(to: zone.inView, having: owners) }
      )
      noteVisibility(of: new + old)
      result.servedAfterwards += new
      result.alreadyServed += old
      if isChanged { changedZones.append(zone.inView) }
    }
  }

  /// Whether what is wrong with a placement concerns what the plan is for.
  private func isToldOf(_ placement: Placement) -> Bool {
    switch operation {
    case .reconcile: return true
    case .removal: return false
    case .adoption:
      guard operation.adopts(placement.alias.cluster),
        case .installed(let zone)? = placement.zone, case .success(let text)? = zone.text
      else { return false }
      return unmarkedRecord(of: placement.alias.owner, in: text) != nil
    }
  }

  /// A zone that was dynamic and is no longer: what we put in stands in its file without markers.
  private mutating func holdStrayRecords(
    of zone: Zone, _ text: ZoneText, besides placed: [Placement]
  ) {
    let kept = Set(placed.map(\.alias.owner))
    for record in memory.owned.records(in: zone.inView) {
      guard let (file, found) = unmarkedRecord(of: record.owner, in: text),
        file.target(of: found) == record.target
      else {
        ownedAfterwards.records.remove(record)
        continue
      }
      let name = record.owner.withoutTrailingDot
      if kept.contains(record.owner) || !operation.removes(name) { continue }
      hold(
        .alias(record.owner),
        """
        \(file.location(of: found.range.lowerBound)): it is to be taken out, and its DNAME came into \
        the zone by DNS UPDATE, so that no marker shows what is ours
        """,
        remedy: "Take the record out by hand")
    }
  }

  /// The blocks of one zone's text: those that are wanted say what they have to, others go.
  mutating func planText(
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
      let isBackedOff = try isBackedOff(.alias(alias.owner), body, of: alias.cluster) {
        (trial) throws(PlanError) in try trial.planRecord(of: alias, to: target, in: zone, text)
      }
      if isBackedOff { continue }
      wanted.append((alias, target))
      guard try planRecord(of: alias, to: target, in: zone, text) else { continue }
      isChanged = true
      let before = targets(of: alias.owner, in: text)
      noteAttempt(.alias(alias.owner), body, reason(for: target, over: before))
      noteServedBefore(alias.owner, in: zone, text)
    }
    let kept = Set(placed.map(\.alias.blockName))
    var seen: Set<FilePath> = []
    // A file may be included twice.
    for file in text.files where seen.insert(file.snapshot.realPath).inserted {
      for block in file.blocks where !kept.contains(block.name) && operation.removes(block.name) {
        if let heir = heir(behind: block.range.upperBound, in: file, of: text) {
          hold(
            .alias(ofBlock: block.name),
            """
            \(heir): the record there has its owner from the \
            managed block before it, which is to be taken out
            """,
            remedy: "Move the block to the end of its file, or write the owner before that record")
          continue
        }
        let subject = Subject.alias(ofBlock: block.name)
        if try isBackedOff(subject, [], of: nil) { continue }
        noteAttempt(subject, [], Self.notWanted)
        if let owner = try? DomainName(block.name) { noteServedBefore(owner, in: zone, text) }
        draft.remove(block, from: file, as: .zone(zone.name, view: zone.view))
        isChanged = true
      }
    }
    let expectations = wanted.map { alias, target in
      Expectation.alias(owner: alias.owner, target: target, zone: zone.name, view: zone.view)
    }
    noteVisibility(of: expectations)
    guard isChanged, let (file, record) = text.soa else {
      result.alreadyServed += expectations
      return
    }
    let policy = desired.zones[zone.name]?.serial ?? .increment
    let serial = policy.next(
      after: record.serial,
      served: served.flatMap { [$0.serial, $0.signedSerial] }.compactMap(\.self)
        .map(SerialNumber.init),
      now: now)
    if policy.isAhead(serial, at: now), let start = policy.start(at: now) {
      result.warnings.append(
        """
        zone \(zone.name.withoutTrailingDot): its serial becomes \(serial), which is ahead of \
        \(start), what \(policy.rawValue) has for now: a serial that steps back would stop the \
        secondaries
        """)
    }
    draft.edit(file, as: .zone(zone.name, view: zone.view), record.serialEdit(to: serial))
    changedZones.append(zone)
    result.servedAfterwards += expectations + [.serial(zone: zone.name, view: zone.view, serial)]
  }

  /// Takes down where an alias leads before it is changed.
  private mutating func noteServedBefore(
    _ owner: DomainName, in zone: ZoneInView, _ text: ZoneText
  ) {
    result.servedBefore += targets(of: owner, in: text).map {
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
        guard operation.isWhole, let edit = try file.correction(of: block, to: body) else {
          return false
        }
        noteHandEdit(of: block, in: file)
        draft.edit(file, as: kind, edit)
        return true
      }
      let byHand = unmarkedRecord(of: alias.owner, in: text)
      guard let main = text.files.first,
        operation.isWhole || operation.adopts(alias.cluster) && byHand != nil
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
      throw PlanError("\(Subject.zone(zone.name))", error)
    }
  }

  /// An alias's DNAME is to be seen for certain if every view that might answer has it.
  mutating func noteVisibility(of expectations: [Expectation]) {
    let all = actual.tree.views.filter(\.isInternetClass).count
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

extension Zone {
  /// Whether its text begins with a file.
  fileprivate func isRead(from file: FilePath) -> Bool {
    guard !isDynamic, case .success(let text)? = text else { return false }
    return text.files.first?.snapshot.realPath == file
  }
}
