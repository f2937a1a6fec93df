import BINDText
import DCOS
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// The forward zones that are no longer needed, and what keeps them.
///
/// A forward zone is removed only when nothing leads into it any more, neither in the files nor as served, and, after
/// an alias has moved, when no resolver holds the old DNAME any more.
struct Departures {
  /// Those that stay.
  private(set) var kept: Set<Requirement> = []
  /// Those that go.
  private(set) var leaving: Set<Requirement> = []
  /// The clusters whose forward zones go unless something unknown leads into them.
  private(set) var departing: Set<ClusterID> = []
  /// Until when resolvers may hold a DNAME into a cluster that it no longer leads to.
  private(set) var retained: RetainedZones
  /// What those that stay wait for.
  private(set) var hints: [Hint] = []
  /// The same for those that an operator wants removed.
  private(set) var problems: [Problem] = []
  /// Whether some can go as soon as this plan is carried out.
  private(set) var continues = false

  private let context: PlanContext
  private let changes: [Change]

  /// Decides which forward zones go.
  ///
  /// - Parameters:
  ///   - context: what is there, and what leads into it.
  ///   - clusters: where the clusters' aliases lead.
  ///   - changes: the changes of aliases.
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

  /// Allows for clocks that differ between resolvers and this host, and for answers in transit.
  private static let margin: Int64 = 5

  private mutating func decide(
    on zone: InstalledForwardZone, _ known: [Dependent], isConfigurationExtended: Bool
  ) {
    let requirement = zone.requirement
    guard !kept.contains(requirement), !leaving.contains(requirement) else { return }
    // What another zonebridge wrote is its own; the place where its block would go reports it.
    guard !context.isForeign(block: zone.block) else {
      kept.insert(requirement)
      return
    }
    let dependents = (known + (context.evidence.dependents[zone.id] ?? [])).filter {
      // What nobody can see does not stop a removal that an operator asked for.
      $0.id == zone.id && $0.view == zone.zone.view
        && (context.operation.isGuarded || $0.place != .unseen)
    }
    if let other = dependents.first(where: { !isTouched($0) }) {
      let what = other.owner.map { "the DNAME of \($0.withoutTrailingDot)" } ?? "a record there"
      let verb = other.owner == nil ? "may lead" : "leads"
      return keep(zone, "\(other.location): \(what) \(verb) into it")
    }
    // A removal that an operator asked for does not wait for resolvers.
    if context.operation.isGuarded {
      if dependents.isEmpty, context.memory.retained == nil, retained.until[zone.id] == nil {
        // It is unknown when something last led into it, so the time counts from now.
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

  /// Whether named has to stop serving DNAMEs before the forward zone that they need is removed.
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

  /// Whether the changes alter or remove a DNAME.
  private func isTouched(_ dependent: Dependent) -> Bool {
    changes.contains { $0.touches(dependent) }
  }

  /// Whether resolvers still use the old version of a DNAME that the plan changes: it leads elsewhere now, or has a
  /// shorter TTL.
  ///
  /// One that is removed does not count: nobody needs its names any more.
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

  /// Whether no cluster of the configuration needs a forward zone in our blocks any more, or not in its view.
  private func isUnwanted(
    _ zone: InstalledForwardZone, _ clusters: ClusterPlan, _ targets: Set<ClusterID>
  ) -> Bool {
    // If a cluster is unknown or held, its zones stay.
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

  /// The DNAMEs that lead into clusters, in the zones that were read.
  private var knownDependents: [Dependent] {
    let views = ZoneViews(of: context.actual.zones)
    return context.actual.zones.flatMap { zone -> [Dependent] in
      let found = dependents(in: zone)
      guard !found.isEmpty else { return [] }
      // A view that borrows the zone has its DNAMEs as well.
      return views.having(zone).flatMap { view -> [Dependent] in
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
      // The zone could not be read: what we put in counts as there.
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
  /// Whether the change alters or removes a DNAME.
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
