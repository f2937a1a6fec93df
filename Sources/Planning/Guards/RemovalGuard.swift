import BINDText
import DCOS
import DNSNames
import FileChange
import ReconcileModel

/// Decides whether aliases that the configuration no longer has may be removed.
///
/// A section lost in an edit, a name misspelt, or another configuration over the same files takes names away as
/// surely as an operator who means it. What looks like one of these is held. What was renamed goes only once named
/// was seen to serve what may replace it.
struct RemovalGuard {
  private let context: PlanContext
  /// Why no alias may go; nil if each is judged by itself.
  private let objection: (reason: String, remedy: String)?
  /// The configured aliases that are in place, or that this plan puts in place.
  private let standing: Set<DomainName>
  /// Those that are not in place, even after this plan.
  private let unplaced: [Alias]
  /// Those that this plan puts in place: each may replace one that goes.
  private let arriving: [Alias]
  /// Those that are in place, and that named is not seen to serve.
  private let unserved: [Alias]
  /// The zones that the aliases of the configuration belong in.
  private let homes: [DomainName: [ZoneInView]]

  /// - Parameters:
  ///   - context: what is wanted.
  ///   - placements: where aliases go.
  ///   - removed: the aliases that would go.
  ///   - expected: what named is to serve of the configured aliases once the plan is carried out.
  init(
    _ context: PlanContext, _ placements: Placements, removed: Set<DomainName>,
    expected: [Expectation]
  ) {
    self.context = context
    let standing = Set(expected.compactMap(\.alias))
    self.standing = standing
    homes = expected.reduce(into: [:]) { homes, expectation in
      guard case .alias(let owner, _, let zone, let view) = expectation else { return }
      homes[owner, default: []].append(ZoneInView(name: zone, view: view))
    }
    let aliases = context.desired.aliases
    // An alias that leaves one place, but not all, is not lost.
    let removed = removed.subtracting(aliases.map(\.owner))
    guard context.operation.isGuarded, !removed.isEmpty else {
      objection = nil
      unplaced = []
      arriving = []
      unserved = []
      return
    }
    let installed = Self.installedAliases(in: context)
    let stands = { (alias: Alias) in standing.contains(alias.owner) }
    let isInstalled = { (alias: Alias) in installed.contains(alias.owner) }
    unplaced = aliases.filter { !stands($0) && !isInstalled($0) }
    arriving = aliases.filter { stands($0) && !isInstalled($0) }
    let late = Self.unserved(expected, in: context, placements)
    unserved = aliases.filter { isInstalled($0) && late.contains($0.owner) }
    // What waited for its successor has been let through.
    let undecided = removed.subtracting(context.request.replaced)
    let added = standing.subtracting(installed).count
    let before = undecided.union(installed.intersection(aliases.map(\.owner))).count
    let lost = undecided.count - min(undecided.count, added)
    let names = undecided.sorted().prefix(5).map(\.withoutTrailingDot).joined(separator: ", ")
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

  /// Whether an alias may go now; if it may not at all, it is held.
  ///
  /// - Parameters:
  ///   - owner: the alias.
  ///   - location: where its DNAME stands.
  ///   - target: where it leads, if that is known.
  ///   - draft: gets the problem, or what the alias waits for.
  /// - Returns: whether it may.
  func admits(
    _ owner: DomainName, at location: String, to target: DomainName?, _ draft: inout PlanDraft
  ) -> Bool {
    guard context.operation.isGuarded else { return true }
    let cluster = cluster(of: target)
    let isAccepted = context.isAccepted(cluster)
    let command = "to remove it: zonebridge run --once --accept \(cluster ?? "CLUSTER")"
    if context.desired.aliases.contains(where: { $0.owner == owner }) {
      if isAccepted { return true }
      if standing.contains(owner) {
        return !waits(owner, at: location, for: homes[owner] ?? [], command, &draft)
      }
      draft.hold(
        .alias(owner),
        "\(location): its DNAME now belongs elsewhere, and cannot be written there yet",
        remedy: "See what keeps it from being written there; \(command)")
      return false
    }
    if !isAccepted, !context.request.replaced.contains(owner), let objection {
      draft.hold(.alias(owner), objection.reason, remedy: "\(objection.remedy); \(command)")
      return false
    }
    if !isAccepted, let successor = unplaced.first(where: { mayReplace(oneOf: cluster, $0) }) {
      draft.hold(
        .alias(owner),
        """
        \(location): the configuration no longer has it, and the alias \(successor.blockName), which may replace it, \
        cannot be written yet
        """,
        remedy: "See what keeps \(successor.blockName) from being written; \(command)")
      return false
    }
    return !waits(owner, at: location, in: cluster, command, &draft)
  }

  /// Whether an alias stays until what may replace it is seen served: named may refuse that, or not answer for it.
  private func waits(
    _ owner: DomainName, at location: String, in cluster: String?, _ command: String,
    _ draft: inout PlanDraft
  ) -> Bool {
    // A preview shows what becomes of it in the end; a named that is not asked is never seen to serve anything.
    guard !context.request.isPreview, context.actual.named != nil else { return false }
    if arriving.contains(where: { mayReplace(oneOf: cluster, $0) }) {
      draft.replaced.insert(owner)
      return true
    }
    // Nobody can resolve the one either.
    guard !context.isAccepted(cluster), !context.evidence.brokenAliases.contains(owner),
      let late = unserved.first(where: { mayReplace(oneOf: cluster, $0) })
    else { return false }
    draft.replaced.insert(owner)
    draft.hints.append(
      Hint(
        .alias(owner),
        """
        \(location): the configuration no longer has it, and it stays until \(late.blockName), which may replace it, is \
        seen served; \(command)
        """))
    return true
  }

  /// Whether an alias that belongs in other zones by now stays where it is until named has it there.
  private func waits(
    _ owner: DomainName, at location: String, for homes: [ZoneInView], _ command: String,
    _ draft: inout PlanDraft
  ) -> Bool {
    guard !context.request.isPreview, context.actual.named != nil else { return false }
    if homes.contains(where: { !stands(owner, in: $0) }) {
      draft.replaced.insert(owner)
      return true
    }
    guard !context.evidence.brokenAliases.contains(owner),
      let home = homes.first(where: { !context.actual.hasLoaded($0.name, in: $0.view) })
    else { return false }
    draft.replaced.insert(owner)
    draft.hints.append(
      Hint(
        .alias(owner),
        """
        \(location): its DNAME now belongs in zone \(home.name.withoutTrailingDot), and stays here until named has loaded \
        that; \(command)
        """))
    return true
  }

  /// Whether an alias may replace one that leads into a cluster: one of the same cluster, or any where that is not known.
  private func mayReplace(oneOf cluster: String?, _ alias: Alias) -> Bool {
    cluster == nil || alias.mayLead(to: cluster ?? "")
      || context.desired.clusters.allSatisfy { $0.name != cluster }
  }

  /// Whether an alias's DNAME is in a zone, and ours.
  private func stands(_ owner: DomainName, in home: ZoneInView) -> Bool {
    context.actual.zones(home.name, in: home.view).contains { zone in
      if case .success(let live)? = zone.dynamic { return live.aliases[owner] != nil }
      guard case .success(let text)? = zone.text else { return false }
      return text.blockOwners.contains(owner)
    }
  }

  /// The aliases that named is to serve and is not seen to.
  private static func unserved(
    _ expected: [Expectation], in context: PlanContext, _ placements: Placements
  ) -> Set<DomainName> {
    guard case .success? = context.actual.named else { return Set(expected.compactMap(\.alias)) }
    let hidden = Set(placements.hidden(expected, among: context.viewCount))
    let late = expected.filter { expectation in
      guard case .notServed? = context.evidence.verdicts?[expectation] else { return false }
      return !hidden.contains(expectation)
    }
    return Set(late.compactMap(\.alias))
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
