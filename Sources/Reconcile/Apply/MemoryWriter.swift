import BINDText
import DNSNames
import FileChange
import ReconcileModel
import SystemPackage

/// What is remembered of a plan that is carried out.
///
/// What the next pass has to know is written before the swap, because the pass may die there.
struct MemoryWriter {
  let proposal: Proposal
  let state: StateDirectory?

  private var plan: Plan { proposal.plan }
  private var actual: ActualState { proposal.actual }

  /// Writes down what the next pass has to know about the change to come.
  func noteChange() throws(PassError) {
    let blockIndex = actual.blockIndex(with: plan)
    if let state, blockIndex != proposal.memory.blockIndex {
      do throws(FileChangeError) {
        try blockIndex.write(in: state)
      } catch {
        throw PassError("nothing was changed", error)
      }
    }
    try noteRecords(ownedMeanwhile, over: proposal.memory.owned.records)
    do throws(FileChangeError) {
      try noteNames(isServed: isServedAlready, unflushed: unflushedMeanwhile)
    } catch {
      throw PassError("nothing was changed", error)
    }
  }

  /// Whether named already serves the plan's result, or nobody can see what it serves.
  private var isServedAlready: Bool {
    switch actual.named {
    case nil: true
    case .success?: plan.isEmpty
    case .failure?: false
    }
  }

  /// What named may answer for out of its cache until it was told to forget it; nothing where it is not running.
  private var unflushedMeanwhile: Set<DomainName> {
    if case .failure? = actual.named { return [] }
    return proposal.memory.unflushed.union(plan.flushes ? plan.forgotten : [])
  }

  /// Writes the memory of names: blocks, serials, retained forward zones, clusters that named has to forget.
  ///
  /// - Parameters:
  ///   - isServed: whether named was seen to serve what the plan leads to, so that resolvers get no old DNAME any more.
  ///   - unflushed: the domains that named was not told to forget, and may answer for out of its cache.
  ///   - reverted: the serials under which zones were given back what they had.
  /// - Throws: why the file cannot be written.
  func noteNames(
    isServed: Bool, unflushed: Set<DomainName>, reverted: [ZoneInView: SerialNumber] = [:]
  ) throws(FileChangeError) {
    guard let state else { return }
    let memory = proposal.memory
    var names = NameMemory()
    // Resolvers get the old DNAME until named serves the new one, and not until the plan was made.
    names.retained = plan.retained.delayed(by: proposal.elapsed(), after: memory.retained)
    if isServed { names.retained.pending = [:] }
    names.foreign = memory.foreign
    names.unflushed = unflushed
    names.blocks = actual.knownBlocks(proposal.desiredBlocks, memory)
    // Those of this change are in its history entry; a revert may leave none.
    names.serials = memory.serials.merging(reverted) { $1.isNewer(than: $0) ? $1 : $0 }
    guard names != NameMemory.read(in: state) else { return }
    try names.write(in: state)
  }

  /// Writes down what the clusters said, whatever becomes of it.
  func noteClusters() throws(PassError) {
    guard let state,
      !plan.memories.byName.isEmpty || !proposal.memory.clusters.byName.isEmpty
    else { return }
    do {
      try plan.memories.write(in: state, over: proposal.memory.clusters)
    } catch {
      throw PassError("nothing was changed", error)
    }
  }

  /// Writes down what was decided of aliases, before any is moved.
  func noteCourses() throws(PassError) {
    guard let state, let courses = plan.courses else { return }
    do {
      try courses.write(in: state, over: proposal.memory.failovers)
    } catch {
      throw PassError("nothing was changed", error)
    }
  }

  /// The records that are ours before the change or after it.
  private var ownedMeanwhile: Set<OwnedRecords.Record> {
    plan.owned.records.union(proposal.memory.owned.records)
  }

  /// Notes that the records which the plan leaves in dynamic zones are ours, and those that it removed are not.
  func noteRecordsAfterwards() throws(PassError) {
    try noteRecords(plan.owned.records, over: ownedMeanwhile)
  }

  /// Notes that the earlier records are still ours.
  func noteRecordsOfBefore() throws(PassError) {
    try noteRecords(ownedMeanwhile, over: plan.owned.records)
  }

  private func noteRecords(
    _ records: Set<OwnedRecords.Record>, over earlier: Set<OwnedRecords.Record>
  ) throws(PassError) {
    guard let state, records != earlier else { return }
    do {
      try OwnedRecords(records: records).write(in: state)
    } catch {
      throw PassError("nothing was changed", error)
    }
  }

  /// Writes down which changes were reverted, and must not be applied again.
  func note(_ revertedChanges: RevertedChanges) throws(PassError) {
    guard let state, revertedChanges != proposal.memory.revertedChanges else { return }
    do {
      try revertedChanges.write(in: state)
    } catch {
      throw PassError("the reverted change cannot be recorded", error)
    }
  }
}

extension ActualState {
  /// The managed blocks that are ours from now on: those that the configuration has, and those of earlier passes that
  /// are still there.
  fileprivate func knownBlocks(_ wanted: Set<String>, _ memory: PassMemory) -> Set<String> {
    var standing = Set(tree.files.flatMap(\.blocks).map(\.name))
    for zone in zones {
      guard case .success(let text)? = zone.text else { continue }
      standing.formUnion(text.files.flatMap(\.blocks).map(\.name))
    }
    return wanted.union(standing.filter { memory.blocks?.contains($0) ?? true })
  }
}
