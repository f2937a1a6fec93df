import BINDText
import DCOS
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// The forward zones that are wanted no longer, and what keeps them.
///
/// A forward zone goes only when nothing leads into it any more, as written and as served; and where an alias was
/// moved, when no resolver holds its old DNAME any more.
struct Departures {
  /// Those that stay.
  private(set) var kept: Set<Requirement> = []
  /// Those that go.
  private(set) var leaving: Set<Requirement> = []
  /// The clusters whose forward zones go if nothing else leads into them than what is known.
  private(set) var departing: Set<ClusterID> = []
  /// Until when resolvers may hold a DNAME into clusters that it does not stand for any more.
  private(set) var retained: RetainedZones
  /// What those that stay wait for.
  private(set) var hints: [Hint] = []
  /// The same for those that an operator wants removed.
  private(set) var problems: [Problem] = []
  /// Whether some go as soon as what the plan changes is carried out.
  private(set) var continues = false

  private let context: PlanContext
  private let changes: [Change]

  /// Decides which forward zones go.
  ///
  /// - Parameters:
  ///   - context: what stands there, and what leads into them.
  ///   - clusters: where the clusters' aliases lead.
  ///   - changes: what becomes of aliases.
  ///   - isConfigurationExtended: whether something is written into named.conf, so that named has to read it before
  ///     the zones.
  init(
    _ context: PlanContext, _ clusters: ClusterPlan, _ changes: [Change],
    isConfigurationExtended: Bool
  ) {
    self.context = context
    self.changes = changes
    retained = RetainedZones(until: context.memory.retained?.until ?? [:])
    // The pass that moved them did not see named serve what it wrote.
    for (id, seconds) in context.memory.retained?.pending ?? [:] {
      retained.retain(id, for: seconds, from: context.now)
    }
    let installed = context.installedForwardZones
    let known = knownDependents
    for dependent in known where isHeldByResolvers(dependent) { retain(dependent) }
    let targets = Set(clusters.targets.values)
    for zone in installed where isUnwanted(zone, clusters, targets) {
      decide(on: zone, known, isConfigurationExtended: isConfigurationExtended)
    }
    // What is not installed has gone.
    let staying = Set(installed.filter { !leaving.contains($0.requirement) }.map(\.id))
    retained.until = retained.until.filter { $0.value > context.now && staying.contains($0.key) }
    retained.pending = retained.pending.filter { retained.until[$0.key] != nil }
  }

  /// For what the clocks of resolvers and this host may differ, and an answer be on its way.
  private static let margin: Int64 = 5

  private mutating func decide(
    on zone: InstalledForwardZone, _ known: [Dependent], isConfigurationExtended: Bool
  ) {
    let requirement = zone.requirement
    guard !kept.contains(requirement), !leaving.contains(requirement) else { return }
    // What another zonebridge wrote is its own, and told where its block would go.
    guard !context.isForeign(block: zone.block) else {
      kept.insert(requirement)
      return
    }
    let dependents = (known + (context.evidence.dependents[zone.id] ?? [])).filter {
      // Whom an operator tells to remove it is not kept from it by what nobody can see.
      $0.id == zone.id && $0.view == zone.zone.view
        && (context.operation.isGuarded || $0.place != .unseen)
    }
    if let other = dependents.first(where: { !isTouched($0) }) {
      let what = other.owner.map { "the DNAME of \($0.withoutTrailingDot)" } ?? "a record there"
      let verb = other.owner == nil ? "may lead" : "leads"
      return keep(zone, "\(other.location): \(what) \(verb) into it")
    }
    // Whom an operator tells to remove it does not wait for resolvers.
    if context.operation.isGuarded {
      if dependents.isEmpty, context.memory.retained == nil, retained.until[zone.id] == nil {
        // When something led into it last is not known any more, so that it counts from now.
        retained.until[zone.id] = context.now + longestTTL + Self.margin
      }
      if let time = retained.until[zone.id], time > context.now {
        return keep(
          zone,
          "resolvers may have a DNAME into it in their caches until \(CivilTime(secondsSince1970: time))"
        )
      }
    }
    departing.insert(zone.id)
    if mustWait(for: dependents, isConfigurationExtended: isConfigurationExtended) {
      kept.insert(requirement)
      continues = true
    } else {
      leaving.insert(requirement)
    }
  }

  /// Whether DNAMEs have to be out, as named serves them, before the forward zone goes that they need.
  private func mustWait(for dependents: [Dependent], isConfigurationExtended: Bool) -> Bool {
    guard !context.request.isPreview,
      dependents.contains(where: { mayHold($0) })
    else { return false }
    return isConfigurationExtended
      || dependents.contains { if case .live = $0.place { true } else { false } }
  }

  private mutating func keep(_ zone: InstalledForwardZone, _ reason: String) {
    kept.insert(zone.requirement)
    let subject = Subject.cluster(zone.block)
    let place = zone.zone.view.map { " in view \($0)" } ?? ""
    guard context.operation.isGuarded else {
      problems.append(
        Problem(
          severity: .held, subject: subject,
          reason: "the forward zone \(zone.id.domain.withoutTrailingDot)\(place) stays: \(reason)",
          remedy: "Remove what leads into it first"))
      return
    }
    hints.append(
      Hint(
        subject,
        "the forward zone \(zone.id.domain.withoutTrailingDot)\(place) is no longer needed, and stays: \(reason)"
      ))
  }

  // MARK: What becomes of DNAMEs

  /// Whether a DNAME is no more what it was once the changes are made.
  private func isTouched(_ dependent: Dependent) -> Bool {
    changes.contains { $0.touches(dependent) }
  }

  /// Whether resolvers go on with a DNAME that the plan changes: one that leads elsewhere, or has a shorter TTL.
  ///
  /// Of one that goes altogether nobody wants the names any more.
  private func isHeldByResolvers(_ dependent: Dependent) -> Bool {
    guard mayHold(dependent) else { return false }
    return changes.contains { change in
      guard change.touches(dependent), !change.body.isEmpty else { return false }
      let stays = change.needs.contains(.forwardZone(dependent.id, view: dependent.view))
      let wanted = context.desired.aliases.first { $0.owner == dependent.owner }?.ttl
      return !stays || ttl(of: dependent) > wanted.map(Int64.init) ?? 0
    }
  }

  private mutating func retain(_ dependent: Dependent) {
    retained.retain(
      dependent.id, for: ttl(of: dependent) + Self.margin, from: context.now)
  }

  // MARK: What leads into clusters

  /// Whether a forward zone of our blocks is one that no cluster of the configuration has any more, or not in its view.
  private func isUnwanted(
    _ zone: InstalledForwardZone, _ clusters: ClusterPlan, _ targets: Set<ClusterID>
  ) -> Bool {
    // Of a cluster that nothing is known of, or held, what stands stays.
    if context.clusters[zone.block] != nil {
      guard context.operation.isWhole, clusters.targets[zone.block] != nil else { return false }
    } else if !context.operation.removes(zone.block) {
      return false
    }
    return !targets.contains(zone.id) || !context.views.contains(zone.zone.view)
  }

  /// Whether clients may get an answer by a DNAME.
  private func mayHold(_ dependent: Dependent) -> Bool {
    dependent.owner.map { !context.evidence.brokenAliases.contains($0) } ?? true
  }

  /// How long resolvers hold a DNAME, in seconds.
  private func ttl(of dependent: Dependent) -> Int64 {
    dependent.ttl.map(Int64.init) ?? longestTTL
  }

  /// The longest TTL of an alias, in seconds.
  private var longestTTL: Int64 {
    Int64(context.desired.aliases.map(\.ttl).max() ?? 0).clamped(to: 300...86_400)
  }

  /// What leads into clusters in the zones that were read.
  private var knownDependents: [Dependent] {
    context.actual.zones.flatMap { zone -> [Dependent] in
      let found = dependents(in: zone)
      guard !found.isEmpty else { return [] }
      // A view that borrows the zone has its DNAMEs as well.
      return context.actual.zones.views(having: zone).flatMap { view -> [Dependent] in
        found.map { dependent -> Dependent in
          var dependent = dependent
          dependent.view = view
          return dependent
        }
      }
    }
  }

  private func dependents(in zone: Zone) -> [Dependent] {
    if case .success(let live)? = zone.dynamic {
      return live.aliases.compactMap { owner, alias in
        dependent(owner, on: alias.target, ttl: alias.ttl, in: zone)
      }
    }
    if zone.isDynamic {
      // Nobody could look; what we put in counts as there.
      return context.memory.owned.records(in: zone.inView).compactMap {
        dependent($0.owner, on: $0.target, ttl: nil, in: zone)
      }
    }
    guard case .success(let text)? = zone.text else { return [] }
    let owners = context.desired.aliases.map(\.owner).filter { $0.isSubdomain(of: zone.name) }
    return text.files.flatMap { $0.dependents(besides: owners) }
  }

  private func dependent(
    _ owner: DomainName, on target: DomainName, ttl: UInt32?, in zone: Zone
  ) -> Dependent? {
    target.clusterID.map {
      Dependent(
        owner: owner, id: $0, ttl: ttl, place: .live(zone.inView), location: zone.location)
    }
  }
}

extension ZoneTextFile {
  /// The DNAME records at the owners of managed blocks, and at some others, that lead into clusters.
  fileprivate func dependents(besides owners: [DomainName]) -> [Dependent] {
    let owners = Set(blocks.compactMap(\.owner) + owners)
    let records = owners.flatMap { owner in
      outline.records(of: owner).filter { $0.type == "DNAME" }.map { (owner, $0) }
    }.sorted { $0.1.range.lowerBound < $1.1.range.lowerBound }
    let locations = locations(of: records.map(\.1.range.lowerBound))
    return zip(records, locations).compactMap { record, location in
      target(of: record.1)?.clusterID.map {
        Dependent(
          owner: record.0, id: $0, ttl: record.1.ttl, place: .file(snapshot.realPath),
          location: location)
      }
    }
  }
}

extension Change {
  /// Whether a DNAME is no more what it was once the change is made.
  fileprivate func touches(_ dependent: Dependent) -> Bool {
    switch dependent.place {
    case .file(let path):
      edits.contains { edit in
        guard edit.text.snapshot.realPath == path else { return false }
        if case .takeAway = edit.action { return true }
        return isOf(dependent)
      }
    case .foreign, .unseen: false
    case .live(let zone):
      isOf(dependent) && update != nil && self.zone == zone
    }
  }

  private func isOf(_ dependent: Dependent) -> Bool {
    dependent.owner.map { subject == .alias($0) } ?? false
  }
}

extension Comparable {
  fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
