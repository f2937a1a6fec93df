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
  private(set) var kept: Set<ClusterID> = []
  /// Those that go.
  private(set) var leaving: Set<ClusterID> = []
  /// Those that go if nothing else leads into them than what is known.
  private(set) var departing: Set<ClusterID> = []
  /// Until when those stay that nothing leads into.
  private(set) var retained: RetainedZones
  /// What those that stay wait for.
  private(set) var hints: [Hint] = []
  /// Whether some go as soon as what the plan changes is carried out.
  private(set) var continues = false

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
    retained = RetainedZones()
    var until = context.memory.retained?.until ?? [:]
    let candidates = context.departingForwardZones(clusters)
    for (id, subject) in candidates.sorted(by: { $0.value < $1.value }) {
      let dependents = context.dependents(of: id)
      let touched = dependents.filter { dependent in changes.contains { $0.touches(dependent) } }
      if let other = dependents.first(where: { !touched.contains($0) }) {
        keep(id, subject, "\(other.location): the DNAME of \(other.owner.withoutTrailingDot) leads into it")
        continue
      }
      let moved = touched.filter { dependent in
        !context.evidence.brokenAliases.contains(dependent.owner)
          && changes.contains { $0.touches(dependent) && !$0.body.isEmpty }
      }
      if let ttl = moved.map({ $0.ttl ?? 0 }).max() {
        until[id] = max(until[id] ?? 0, context.now + Int64(ttl) + Self.margin)
      } else if dependents.isEmpty, context.memory.retained == nil {
        // When it was led away from is not known any more, so that it counts from now.
        until[id] = context.now + context.longestTTL + Self.margin
      }
      if let time = until[id], time > context.now {
        retained.until[id] = time
        keep(
          id, subject,
          "resolvers may hold a DNAME that led into it until \(CivilTime(secondsSince1970: time))")
        continue
      }
      departing.insert(id)
      // A DNAME goes before the forward zone that it needs.
      let isLive = touched.contains { if case .live = $0.place { true } else { false } }
      if !context.request.isPreview, !touched.isEmpty, isLive || isConfigurationExtended,
        touched.contains(where: { !context.evidence.brokenAliases.contains($0.owner) })
      {
        kept.insert(id)
        continues = true
        continue
      }
      leaving.insert(id)
    }
    // What is wanted again needs nothing remembered; what is not installed has gone.
    for (id, time) in until where time > context.now && kept.contains(id) {
      retained.until[id] = time
    }
  }

  /// For what the clocks of resolvers and this host may differ, and an answer be on its way.
  private static let margin: Int64 = 5

  private mutating func keep(_ id: ClusterID, _ subject: Subject, _ reason: String) {
    kept.insert(id)
    hints.append(
      Hint(subject, "the forward zone \(id.domain) is not wanted any more, and stays: \(reason)"))
  }
}

extension PlanContext {
  /// The forward zones of our blocks that no cluster of the configuration has any more, each with its cluster's name.
  func departingForwardZones(_ clusters: ClusterPlan) -> [ClusterID: Subject] {
    let wanted = Set(clusters.targets.values)
    let configured = Set(desired.clusters.map(\.name))
    var departing: [ClusterID: Subject] = [:]
    for installed in actual.installedForwardZones where !wanted.contains(installed.id) {
      // Of a cluster that nothing is known of, or held, what stands stays.
      if configured.contains(installed.block) {
        guard operation.isWhole, clusters.targets[installed.block] != nil else { continue }
      } else if !operation.removes(installed.block) {
        continue
      }
      departing[installed.id] = .cluster(installed.block)
    }
    return departing
  }

  /// What leads into a cluster: what was looked for in all zones, and what stands in those that were read.
  fileprivate func dependents(of id: ClusterID) -> [Dependent] {
    var dependents = evidence.dependents?[id] ?? []
    for dependent in knownDependents where dependent.id == id && !dependents.contains(dependent) {
      dependents.append(dependent)
    }
    return dependents
  }

  private var knownDependents: [Dependent] {
    var known: [Dependent] = []
    var seen: Set<Dependent.Place> = []
    for zone in actual.zones {
      if case .success(let live)? = zone.dynamic {
        known += live.aliases.compactMap { owner, alias in
          alias.target.clusterID.map {
            Dependent(
              owner: owner, id: $0, ttl: alias.ttl, place: .live(zone.inView),
              location: zone.location)
          }
        }
        continue
      }
      if zone.isDynamic {
        // Nobody could look; what we put in counts as there.
        known += memory.owned.records(in: zone.inView).compactMap { record in
          record.target.clusterID.map {
            Dependent(
              owner: record.owner, id: $0, place: .live(zone.inView), location: zone.location)
          }
        }
        continue
      }
      guard case .success(let text)? = zone.text else { continue }
      for file in text.files where seen.insert(.file(file.snapshot.realPath)).inserted {
        known += file.dependents(besides: desired.aliases.map(\.owner))
      }
    }
    return known
  }

  /// The longest TTL of an alias, in seconds.
  fileprivate var longestTTL: Int64 {
    Int64(desired.aliases.map(\.ttl).max() ?? 0).clamped(to: 300...86_400)
  }
}

extension ZoneTextFile {
  /// The DNAME records at the owners of managed blocks, and at some others, that lead into clusters.
  fileprivate func dependents(besides owners: [DomainName]) -> [Dependent] {
    let owners = Set(blocks.compactMap { try? DomainName($0.name) } + owners)
    return owners.flatMap { owner in
      outline.records(of: owner).filter { $0.type == "DNAME" }.compactMap { record in
        target(of: record)?.clusterID.map {
          Dependent(
            owner: owner, id: $0, ttl: record.ttl, place: .file(snapshot.realPath),
            location: location(of: record.range.lowerBound))
        }
      }
    }
  }
}

extension Change {
  /// Whether a DNAME is no more where it was once the change is made.
  fileprivate func touches(_ dependent: Dependent) -> Bool {
    switch dependent.place {
    case .file(let path):
      edits.contains { edit in
        guard edit.text.snapshot.realPath == path else { return false }
        if case .takeAway = edit.action { return true }
        return subject == .alias(dependent.owner)
      }
    case .foreign: false
    case .live(let zone):
      subject == .alias(dependent.owner) && update != nil && self.zone == zone
    }
  }
}

extension DomainName {
  /// The cluster that a name belongs to.
  fileprivate var clusterID: ClusterID? {
    guard let label = clusterDomain?.labels.first else { return nil }
    return try? ClusterID(String(decoding: label, as: UTF8.self))
  }
}

extension Comparable {
  fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
