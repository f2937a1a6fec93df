package import DNSNames
import FileChange
import Planning
package import ReconcileModel

extension Pass {
  /// Records where the aliases that follow health are seen to lead once a pass has ended.
  func settled(_ result: PassResult, now: Int64) -> PassResult {
    var result = result
    guard let proposal = result.proposal else { return result }
    result.courses = proposal.plan.courses ?? []
    // Without them the next pass sees it.
    guard let chains = result.chains else { return result }
    for index in result.courses.indices {
      let owner = result.courses[index].alias
      guard let alias = desired.aliases.first(where: { $0.owner == owner }),
        let present = chains.cluster(of: alias)
      else { continue }
      result.courses[index].note(standing: present, at: now)
    }
    // The decision is already written; if this fails, the next pass finds the result in the files.
    if let state = context.state, result.courses.contains(where: { $0.movedFrom != nil }) {
      try? result.courses.memories.write(in: state)
    }
    return result
  }

  /// Saves or ends an operator's choice; the caller must hold the lock.
  ///
  /// - Parameters:
  ///   - choice: Where the alias should lead; nil to follow the health of its clusters again.
  ///   - alias: The alias.
  ///   - now: In seconds since 1970.
  /// - Throws: Why it cannot be written.
  package func remember(
    _ choice: FailoverMemory.Choice?, of alias: DomainName, now: Int64
  ) throws(PassError) {
    guard let state = context.state else { return }
    var memories = FailoverMemories.read(in: state)
    let memory = memories.byAlias[alias] ?? FailoverMemory(since: now, seenAt: now)
    memories.byAlias[alias] = memory.chosen(choice)
    do throws(FileChangeError) {
      try memories.write(in: state)
    } catch {
      throw PassError("the choice cannot be saved", error)
    }
  }
}
