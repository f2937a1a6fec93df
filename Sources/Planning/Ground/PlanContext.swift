import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// What a plan is made from, with some values derived from it.
///
/// Nothing in it changes while the plan is made.
struct PlanContext: Sendable {
  let desired: DesiredState
  let beliefs: Beliefs
  let actual: ActualState
  let memory: PassMemory
  let request: PassRequest
  let evidence: Evidence
  /// Seconds since 1970, for serials made of the time.
  let now: Int64

  /// The configured clusters by their names.
  let clusters: [String: Cluster]
  /// The views that get the zone statements, and where in them.
  let views: [String?]
  /// The statements of views, by the views' names.
  let viewStatements: [String: [InstalledView]]
  /// How many views might answer a client.
  let viewCount: Int
  let zoneSites: [ZoneSite]
  let zonesByFile: ZonesByFile
  /// The clusters' forward zones that stand, and the same by the names of their blocks.
  let installedForwardZones: [InstalledForwardZone]
  let forwardZonesByBlock: [String: [InstalledForwardZone]]
  /// The managed blocks of named.conf by their names.
  let blocks: [String: [PlacedBlock]]
  /// The zones below each alias, in the order of `actual.zones`.
  let zonesBelow: [DomainName: [Zone]]
  /// The first alias below each name that has one below it.
  let aliasesBelow: [DomainName: Alias]

  init(
    desired: DesiredState, beliefs: Beliefs, actual: ActualState, memory: PassMemory,
    request: PassRequest, evidence: Evidence, now: Int64
  ) throws(PlanError) {
    self.desired = desired
    self.beliefs = beliefs
    self.actual = actual
    self.memory = memory
    self.request = request
    self.evidence = evidence
    self.now = now
    clusters = Dictionary(desired.clusters.map { ($0.name, $0) }) { first, _ in first }
    viewStatements = Dictionary(grouping: actual.tree.views, by: \.name)
    viewCount = actual.tree.views.count(where: \.isInternetClass)
    views = try actual.chosenViews(actual.bind.views, key: "bind.views")
    zoneSites = try actual.zoneSites(for: views)
    zonesByFile = ZonesByFile(actual.zones)
    installedForwardZones = actual.installedForwardZones
    forwardZonesByBlock = Dictionary(grouping: installedForwardZones, by: \.block)
    blocks = actual.tree.blocksByName
    zonesBelow = actual.zones(below: Set(desired.aliases.map(\.owner)))
    aliasesBelow = Dictionary(
      desired.aliases.flatMap { alias in
        sequence(first: alias.owner) { $0.parent }.dropFirst().map { ($0, alias) }
      }
    ) { first, _ in first }
  }

  var operation: Operation { request.operation }

  func refusal(of zone: DomainName, _ reason: String) -> Problem {
    Problem(severity: .failed, subject: .zone(zone), reason: reason, remedy: "")
  }

  func isRefused(_ zone: Zone) -> Bool { evidence.refusals[zone.name] != nil }
}
