import DCOS
import DNSNames
import FileChange
import Planning
package import ReconcileModel
import SystemPackage

extension Pass {
  /// Reverts the last changes, as one change of its own; the caller must hold the lock.
  ///
  /// - Parameters:
  ///   - entries: the changes, the last one first.
  ///   - now: seconds since 1970.
  ///   - prepared: called with the plan before it is applied.
  /// - Returns: what it came to.
  /// - Throws: why it ended before that; what stood before stands.
  package func rollBack(
    _ entries: [HistoryEntry], now: Int64, prepared: (Plan) -> Void = { _ in }
  ) async throws(PassError) -> PassResult {
    let proposal = try await proposeRollback(of: entries, now: now)
    prepared(proposal.plan)
    var result = PassResult(attempts: [try await apply(proposal)])
    result.proposal = proposal
    return result
  }

  /// Plans how the last changes are reverted.
  ///
  /// - Parameters:
  ///   - entries: the changes, the last one first.
  ///   - now: seconds since 1970.
  /// - Returns: The plan, with what it was made from; the candidates are judged.
  /// - Throws: What keeps a change from being reverted, or why a checker refuses what would stand there.
  package func proposeRollback(
    of entries: [HistoryEntry], now: Int64
  ) async throws(PassError) -> Proposal {
    let begun = ContinuousClock.now
    var concerned = desired
    concerned.clusters = []
    let owners = entries.flatMap(\.aliases).map(\.owner) + entries.flatMap(\.updates).map(\.owner)
    concerned.aliases = owners.compactMap { try? DomainName($0) }.unique()
      .map { Alias(owner: $0, cluster: "") }
    var memory = PassMemory.read(in: context.state)
    if let state = context.state {
      let published = ChangeHistory(in: state).serials
      memory.serials.merge(published) { $1.isNewer(than: $0) ? $1 : $0 }
    }
    do {
      // All zone files are searched.
      var looked = memory
      looked.blockIndex = nil
      let actual = try await inspect(concerned, looked)
      var snapshots = actual.snapshots
      let files = NamedFiles(Reader(of: desired.bind))
      for file in entries.flatMap(\.files) {
        let path = FilePath(recorded: file.path)
        if snapshots[path] == nil { snapshots[path] = try files.readIfThere(path) }
      }
      let domains = Set(entries.flatMap(\.domains).compactMap { try? DomainName($0) })
      let ids = Set(actual.zones.filter { $0.block != nil }.compactMap(\.clusterID))
        .filter { domains.contains($0.domain) }
      let search = DependentSearch(
        desired: concerned, actual: actual, context: context,
        files: files)
      let plan = try RollbackPlanner.plan(
        RollbackPlanner(
          entries: entries, actual: actual, snapshots: snapshots,
          policies: desired.zones.mapValues(\.serial), memory: memory,
          foreign: ids.isEmpty ? [:] : await search.dependents(of: ids), now: now))
      let chains = await look(at: actual, memory.clusters, now: now).chains
      if case .success? = actual.named {
        let findings = await ForwarderProbe().look(at: plan.newForwarders)
        if let objection = plan.objection(to: findings, besides: unresolved(plan, chains)) {
          throw PassError("nothing was changed", objection)
        }
      }
      try await validate(plan, actual)
      if let obstacle = obstacle(to: plan) { throw PassError("nothing was changed", obstacle) }
      var proposal = Proposal(plan: plan, actual: actual, memory: memory, now: now)
      proposal.elapsed = { begun.duration(to: .now).components.seconds }
      proposal.chains = chains
      proposal.desiredBlocks = plan.restoredBlocks
      return proposal
    } catch let error as PassError {
      throw error
    } catch {
      throw PassError(error)
    }
  }

  /// The aliases that would move and that no client can resolve now.
  private func unresolved(_ plan: Plan, _ chains: [Chain]) -> Set<DomainName> {
    let standing = Set(chains.map(\.question.owner))
    return chains.brokenAliases.union(plan.leaps.map(\.owner).filter { !standing.contains($0) })
  }
}

extension Plan {
  /// The managed blocks that come back: they are ours again.
  fileprivate var restoredBlocks: Set<String> {
    files.reduce(into: []) { names, file in
      let standing = file.before.map { FileContents($0.bytes).blockNames } ?? []
      names.formUnion(Set(file.contents?.blockNames ?? []).subtracting(standing))
    }
  }
}
