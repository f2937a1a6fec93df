import BINDText
import DCOS
import DNSNames
import FileChange
import ReconcileModel

/// Decides whether aliases that the configuration no longer has may be removed.
///
/// A section lost in an edit, a name misspelt, or another configuration over the same files takes names away as
/// surely as an operator who means it. What looks like one of these is held.
struct RemovalGuard {
  private let context: PlanContext
  /// Why no alias may go; nil if each is judged by itself.
  private let objection: (reason: String, remedy: String)?
  /// The configured aliases that are not in place, even after this plan.
  private let unplaced: [Alias]
  private let standing: Set<DomainName>
  /// The aliases that this plan puts in place: each may replace one that goes.
  private let arriving: [Alias]
  /// Those that named still has to accept by DNS UPDATE, once all files are changed.
  private let updated: Set<DomainName>

  /// - Parameters:
  ///   - context: what is wanted.
  ///   - removed: the aliases that would go.
  ///   - standing: the configured aliases that are in place once the plan is carried out.
  ///   - updated: those of them that are put into dynamic zones.
  init(
    _ context: PlanContext, removed: Set<DomainName>, standing: Set<DomainName>,
    updated: Set<DomainName>
  ) {
    self.context = context
    self.standing = standing
    self.updated = updated
    let aliases = context.desired.aliases
    // An alias that leaves one place, but not all, is not lost.
    let removed = removed.subtracting(aliases.map(\.owner))
    guard context.operation.isGuarded, !removed.isEmpty else {
      objection = nil
      unplaced = []
      arriving = []
      return
    }
    let installed = Self.installedAliases(in: context)
    arriving = aliases.filter { standing.contains($0.owner) && !installed.contains($0.owner) }
    unplaced = aliases.filter { !standing.contains($0.owner) && !installed.contains($0.owner) }
    let added = standing.subtracting(installed).count
    let before = removed.union(installed.intersection(aliases.map(\.owner))).count
    let lost = removed.count - min(removed.count, added)
    let names = removed.sorted().prefix(5).map(\.withoutTrailingDot).joined(separator: ", ")
    if aliases.isEmpty {
      objection = (
        "the configuration has no alias any more, and \(names) would stop resolving",
        "Restore the aliases section"
      )
    } else if lost * 2 > before {
      objection = (
        "the configuration lacks \(lost) of \(before) aliases, and \(names) would stop resolving",
        "Restore the aliases in the configuration"
      )
    } else {
      objection = nil
    }
  }

  /// Whether an alias may go; if not, it is held.
  ///
  /// - Parameters:
  ///   - owner: the alias.
  ///   - location: where its DNAME stands.
  ///   - target: where it leads, if that is known.
  ///   - draft: gets the problem.
  /// - Returns: whether it may.
  func admits(
    _ owner: DomainName, at location: String, to target: DomainName?, _ draft: inout PlanDraft
  ) -> Bool {
    guard context.operation.isGuarded else { return true }
    let cluster = cluster(of: target)
    guard !context.isAccepted(cluster) else { return true }
    let command = "to remove it: zonebridge run --once --accept \(cluster ?? "CLUSTER")"
    if context.desired.aliases.contains(where: { $0.owner == owner }) {
      guard !standing.contains(owner) else { return true }
      draft.hold(
        .alias(owner),
        "\(location): its DNAME now belongs elsewhere, and cannot be written there yet",
        remedy: "See what keeps it from being written there; \(command)")
      return false
    }
    if let objection {
      draft.hold(.alias(owner), objection.reason, remedy: "\(objection.remedy); \(command)")
      return false
    }
    let successor = unplaced.first { mayReplace(oneOf: cluster, $0) }
    if let successor {
      draft.hold(
        .alias(owner),
        """
        \(location): the configuration no longer has it, and the alias \(successor.blockName), which may replace it, \
        cannot be written yet
        """,
        remedy: "See what keeps \(successor.blockName) from being written; \(command)")
      return false
    }
    // named may refuse an update; then what it would have replaced still has to be there.
    let mayFail = arriving.contains { mayReplace(oneOf: cluster, $0) && updated.contains($0.owner) }
    if mayFail, !context.request.isPreview {
      draft.continues = true
      return false
    }
    return true
  }

  /// What the removal of an alias depends on: if its possible replacement is reverted, so is the removal.
  ///
  /// - Parameter target: where the alias leads, if that is known.
  /// - Returns: what the removal needs.
  func needs(to target: DomainName?) -> Set<Requirement> {
    guard context.operation.isGuarded else { return [] }
    let cluster = cluster(of: target)
    guard !context.isAccepted(cluster) else { return [] }
    return Set(arriving.filter { mayReplace(oneOf: cluster, $0) }.map { .alias($0.owner) })
  }

  /// Whether an alias may replace one that leads into a cluster: one of the same cluster, or any where that is not known.
  private func mayReplace(oneOf cluster: String?, _ alias: Alias) -> Bool {
    cluster == nil || alias.mayLead(to: cluster ?? "")
      || context.desired.clusters.allSatisfy { $0.name != cluster }
  }

  /// The name of the cluster into which a name leads.
  private func cluster(of target: DomainName?) -> String? {
    guard let domain = target?.clusterDomain else { return nil }
    return context.actual.zones.first { $0.name == domain && $0.block != nil }?.block
  }

  /// The aliases whose DNAME is there and ours.
  private static func installedAliases(in context: PlanContext) -> Set<DomainName> {
    var owners: Set<DomainName> = []
    for zone in context.actual.zones {
      if case .success(let text)? = zone.text {
        owners.formUnion(text.blockOwners)
      }
      guard case .success(let live)? = zone.dynamic else { continue }
      let records = context.memory.owned.records(in: zone.inView)
      owners.formUnion(records.map(\.owner).filter { live.aliases[$0] != nil })
    }
    return owners
  }
}

extension PlanContext {
  /// Whether a block that is no longer needed may be removed; if not, it is held.
  ///
  /// Otherwise two configurations over the same files would remove each other's blocks.
  func mayRemove(
    block name: String, at location: String, _ subject: Subject, _ draft: inout PlanDraft
  ) -> Bool {
    guard isForeign(block: name) else { return true }
    draft.hold(
      subject,
      "\(location): the managed block \(name) was written by another configuration or state directory",
      remedy: """
        Let only one zonebridge manage these files. If it is left over, remove it with: zonebridge remove \(name)
        """)
    return false
  }

  /// Whether a block counts as somebody else's: no pass with this state directory has handled it.
  func isForeign(block name: String) -> Bool {
    guard operation.isGuarded, let known = memory.blocks else { return false }
    return !known.contains(name) && !isAccepted(name)
  }

  /// Whether an operator accepted what is held for a cluster; if the cluster is unknown, any accepted one counts.
  func isAccepted(_ cluster: String?) -> Bool {
    cluster.map(request.accepted.contains) ?? !request.accepted.isEmpty
  }
}
