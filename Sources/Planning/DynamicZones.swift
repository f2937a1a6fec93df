import BINDText
import FileChange
import Named
import ReconcileModel
import SystemPackage

// Dynamic zones: named alone writes them, and takes a DNAME by DNS UPDATE (RFC 2136).
extension Planner {
  /// The aliases of one dynamic zone.
  mutating func planUpdate(of zone: Zone, _ placed: [Placement]) throws(PlanError) {
    guard case .success(let live)? = zone.dynamic else {
      holdUnseenRecords(of: zone, besides: placed)
      return
    }
    var draft = UpdateDraft(zone: zone, live: live)
    for placement in placed where placement.problem == nil {
      guard let target = target(of: placement.alias), !draft.has(placement.alias.owner) else {
        continue
      }
      try plan(placement.alias, to: target, in: &draft)
    }
    let kept = Set(placed.map(\.alias.owner))
    for record in ownedRecords(of: zone) where !kept.contains(record.owner) {
      guard operation.removes(record.owner.withoutTrailingDot) else { continue }
      if live.aliases[record.owner]?.target == record.target {
        draft.remove(record.owner, record.target)
      }
      ownedAfterwards.records.remove(record)
    }
    finish(draft)
  }

  private mutating func plan(
    _ alias: Alias, to target: DomainName, in draft: inout UpdateDraft
  ) throws(PlanError) {
    let (subject, body) = (
      Subject.alias(alias.owner), Recipe.alias(alias, target: target)
    )
    let zone = draft.zone
    let expectation = Expectation.alias(
      owner: alias.owner, target: target, zone: zone.name, view: zone.view)
    let record = OwnedRecords.Record(zone: zone.inView, owner: alias.owner, target: target)
    guard let current = draft.live.aliases[alias.owner] else {
      guard operation.isWhole, try !isBackedOff(subject, body, of: alias.cluster) else { return }
      noteAttempt(subject, body, reason(for: target, over: []))
      draft.add(alias, target)
      draft.expectations.append(expectation)
      ownedAfterwards.records.insert(record)
      return
    }
    let isOurs = ownedRecords(of: zone).contains {
      $0.owner == alias.owner && $0.target == current.target
    }
    if current == LiveAlias(target: target, ttl: alias.ttl) {
      if !isOurs, operation.adopts(alias.cluster) {
        result.warnings.append(
          "\(subject): its DNAME in the dynamic \(zone.title) is taken over as it is")
        ownedAfterwards.records.insert(record)
      }
      noteVisibility(of: [expectation])
      result.alreadyServed.append(expectation)
      return
    }
    if !isOurs {
      guard current.target.leadsIntoCluster else {
        hold(
          .alias(alias.owner),
          "\(zone.location): its DNAME leads to \(current.target), which is no DC/OS cluster's",
          remedy: "Take that record out, or choose another alias")
        return
      }
      guard operation.adopts(alias.cluster) else {
        hold(
          .alias(alias.owner),
          """
          \(zone.location): the dynamic \(zone.title) has a DNAME record for it already, to \
          \(current.target) with a TTL of \(current.ttl) s, that zonebridge did not put there
          """,
          remedy: "Have it taken over with: zonebridge adopt \(alias.cluster)")
        return
      }
    }
    guard operation.isWhole || operation.adopts(alias.cluster),
      try !isBackedOff(subject, body, of: alias.cluster)
    else { return }
    noteAttempt(subject, body, reason(for: target, over: [current.target]))
    result.servedBefore.append(
      .alias(owner: alias.owner, target: current.target, zone: zone.name, view: zone.view))
    draft.replace(current.target, by: alias, target)
    draft.expectations.append(expectation)
    ownedAfterwards.records.insert(record)
  }

  private mutating func finish(_ draft: UpdateDraft) {
    let zone = draft.zone
    guard !draft.parts.isEmpty else { return }
    guard zone.status?.isFrozen != true else {
      hold(
        zone.subject,
        "\(zone.location): it is frozen (rndc freeze), by somebody who edits its file",
        remedy: "Its aliases are seen to after: rndc thaw \(zone.name.withoutTrailingDot)")
      keepOwned(of: zone)
      return
    }
    guard let key = updateKey(of: zone) else {
      holdUnsigned(draft)
      keepOwned(of: zone)
      return
    }
    noteVisibility(of: draft.expectations)
    result.servedAfterwards += draft.expectations
    result.updates.append(
      ZoneUpdate(
        zone: zone.name, view: zone.view, parts: draft.parts, key: key, server: actual.bind.query,
        candidate: draft.candidate))
  }

  /// An update that is not sent changes nothing about which records are ours: a record that is forgotten
  /// before it is removed would stay in the zone for ever.
  private mutating func keepOwned(of zone: Zone) {
    ownedAfterwards.records = ownedAfterwards.records.filter { $0.zone != zone.inView }
    ownedAfterwards.records.formUnion(memory.owned.records(in: zone.inView))
  }

  /// Holds the removals from a zone without a key; the guards have already held the additions.
  private mutating func holdUnsigned(_ draft: UpdateDraft) {
    for part in draft.parts where part.new == nil {
      hold(
        .alias(part.owner),
        """
        \(draft.zone.location): it is to be taken out, and \(draft.zone.title) is dynamic: there is no \
        key to sign a DNS UPDATE with
        """,
        remedy: keyRemedy(of: draft.zone))
    }
  }

  private func keyRemedy(of zone: Zone) -> String {
    """
    Give a key that may change the zone in zones: \(zone.name.withoutTrailingDot): update-key, or \
    say in the options of named.conf where the session key is (session-keyfile)
    """
  }

  /// The records that may be ours: those that we remember, and those that stand in a managed block of
  /// the file, from when the zone was not dynamic yet and named had not written it anew.
  private func ownedRecords(of zone: Zone) -> [OwnedRecords.Record] {
    var records = memory.owned.records(in: zone.inView)
    guard case .success(let text)? = zone.text else { return records }
    for file in text.files {
      for block in file.blocks {
        guard let owner = try? DomainName(block.name) else { continue }
        for record in file.outline.records(of: owner)
        where record.type == "DNAME" && block.range.contains(record.range.lowerBound) {
          guard let target = file.target(of: record) else { continue }
          records.append(.init(zone: zone.inView, owner: owner, target: target))
        }
      }
    }
    return records
  }

  /// What is to be taken out of a zone that cannot be looked at is told of.
  private mutating func holdUnseenRecords(of zone: Zone, besides placed: [Placement]) {
    let kept = Set(placed.map(\.alias.owner))
    for record in ownedRecords(of: zone) where !kept.contains(record.owner) {
      guard operation.removes(record.owner.withoutTrailingDot) else { continue }
      hold(
        .alias(record.owner),
        """
        \(zone.location): it is to be taken out, and the zone is dynamic: \
        \(unseenReason(of: zone))
        """,
        remedy: "It is taken out as soon as named can be asked, or by hand with nsupdate")
    }
  }

  /// Why an alias cannot be put into a dynamic zone; nil if it can.
  func objection(
    toDynamic zone: Zone, for alias: Alias,
    _ held: (_ reason: String, _ remedy: String) -> Problem
  ) -> Problem? {
    let rivals = actual.zones.filter {
      $0.name == zone.name && $0.view != zone.view && $0.clauses.type != .inView
    }
    if let rival = rivals.first {
      return held(
        """
        \(zone.location): \(zone.title) is dynamic, and \(rival.title) is another one: which of them a \
        DNS UPDATE from here reaches, their match-clients decide
        """,
        "Put the DNAME in with nsupdate, and a key or an address that the view answers to")
    }
    guard case .success(let live)? = zone.dynamic else {
      return held(
        "\(zone.location): \(zone.title) is dynamic, and takes a DNAME by DNS UPDATE alone: "
          + unseenReason(of: zone),
        "It is put in as soon as named can be asked")
    }
    guard updateKey(of: zone) != nil else {
      return held(
        """
        \(zone.location): \(zone.title) is dynamic, and there is no key to sign a DNS UPDATE with: \
        named's session key, for update-policy local, was not found
        """,
        keyRemedy(of: zone))
    }
    guard live.aliases[alias.owner] == nil, let content = live.content else { return nil }
    if let problem = rival(of: alias, in: zone, content, held) { return problem }
    return alias.allow.contains(.hidesNames)
      ? nil : hiddenNames(by: alias, in: zone, content, held)
  }

  private func updateKey(of zone: Zone) -> FilePath? {
    desired.zones[zone.name]?.updateKey ?? actual.sessionKey
  }

  private func unseenReason(of zone: Zone) -> String {
    switch (actual.named, zone.dynamic) {
    case (nil, _): "nothing is asked of named (reload: none)"
    case (.failure(let error), _): "\(error)"
    case (_, .failure(let error)?): "\(error)"
    case (.success, _): "named has not loaded it, its log says why"
    }
  }
}

/// The changes of one dynamic zone while they are being gathered.
private struct UpdateDraft {
  let zone: Zone
  let live: DynamicZone
  private(set) var parts: [AliasUpdate] = []
  var expectations: [Expectation] = []
  private var edits: [TextEdit] = []
  private var isAdding = false
  private var owners: Set<DomainName> = []

  init(zone: Zone, live: DynamicZone) {
    self.zone = zone
    self.live = live
  }

  /// Whether an alias was seen to already.
  mutating func has(_ owner: DomainName) -> Bool { !owners.insert(owner).inserted }

  var candidate: DynamicCandidate? {
    guard isAdding, let content = live.content else { return nil }
    return DynamicCandidate(content: content, edits: edits)
  }

  /// Puts in what is not there.
  ///
  /// Beside a CNAME named would leave the change out without a word (RFC 2136 section 3.4.2.2). That
  /// nothing lies below was seen in the zone with this SOA, so that it has to have it still.
  mutating func add(_ alias: Alias, _ target: DomainName) {
    var types: [RecordType] = [.dname, .cname]
    if alias.owner != zone.name { types.append(.ns) }
    var prerequisites = types.map {
      DynamicUpdate.Prerequisite.absent(owner: "\(alias.owner)", type: $0)
    }
    if let authority = live.authority {
      prerequisites.append(
        .only(ZoneRecord(owner: "\(zone.name)", type: .soa, rdata: authority)))
    }
    isAdding = true
    append(
      alias.owner, prerequisites, [addition(of: alias, target)],
      new: LiveAlias(target: target, ttl: alias.ttl))
  }

  mutating func replace(_ old: DomainName, by alias: Alias, _ target: DomainName) {
    let record = record(alias.owner, old)
    takeOut(alias.owner)
    append(
      alias.owner, [.only(record)], [.delete(record), addition(of: alias, target)],
      new: LiveAlias(target: target, ttl: alias.ttl))
  }

  /// Takes out what leads there, if nobody has changed it.
  mutating func remove(_ owner: DomainName, _ target: DomainName) {
    let record = record(owner, target)
    takeOut(owner)
    append(owner, [.only(record)], [.delete(record)])
  }

  private mutating func append(
    _ owner: DomainName, _ prerequisites: [DynamicUpdate.Prerequisite],
    _ changes: [DynamicUpdate.Change], new: LiveAlias? = nil
  ) {
    parts.append(
      AliasUpdate(
        owner: owner,
        message: DynamicUpdate(
          zone: "\(zone.name)", prerequisites: prerequisites, changes: changes),
        old: live.aliases[owner], new: new))
  }

  /// Takes the record out of what the checker gets to see.
  private mutating func takeOut(_ owner: DomainName) {
    for file in live.content?.files ?? [] {
      for record in file.outline.records(of: owner) where record.type == "DNAME" {
        if let edit = file.outline.removal(of: record) { edits.append(edit) }
      }
    }
  }

  private mutating func addition(
    of alias: Alias, _ target: DomainName
  ) -> DynamicUpdate.Change {
    let end = live.content?.files.first?.snapshot.bytes.count ?? 0
    let line = Recipe.alias(alias, target: target).map { "\($0)\n" }.joined()
    edits.append(TextEdit(range: end..<end, replacement: Array(line.utf8)))
    return .add(record(alias.owner, target), ttl: alias.ttl)
  }

  private func record(_ owner: DomainName, _ target: DomainName) -> ZoneRecord {
    ZoneRecord(owner: "\(owner)", type: .dname, rdata: "\(target)")
  }
}
