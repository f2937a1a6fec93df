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
    return PassResult(attempts: [try await apply(proposal)])
  }

  /// Plans how the last changes are put back.
  ///
  /// - Parameters:
  ///   - entries: the changes, the last one first.
  ///   - now: seconds since 1970.
  /// - Returns: The plan, with what it was made from; the candidates are judged.
  /// - Throws: What keeps a change from being put back, or why a checker refuses what would stand there.
  package func proposeRollback(
    of entries: [HistoryEntry], now: Int64
  ) async throws(PassError) -> Proposal {
    var concerned = desired
    concerned.clusters = []
    concerned.aliases = entries.flatMap(\.aliases)
      .compactMap { try? DomainName($0.owner) }.map { Alias(owner: $0, cluster: "") }
    var memory = PassMemory.read(in: context.state)
    if let state = context.state {
      let published = ChangeHistory(in: state.path).serials
      memory.serials.merge(published) { $1.isNewer(than: $0) ? $1 : $0 }
    }
    do {
      // All zone files are looked through.
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
      try await validate(plan, actual)
      if let obstacle = obstacle(to: plan) { throw PassError("nothing was changed", obstacle) }
      return Proposal(plan: plan, actual: actual, memory: memory, now: now)
    } catch let error as PassError {
      throw error
    } catch {
      throw PassError(error)
    }
  }
}
