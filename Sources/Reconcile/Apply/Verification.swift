import DNSNames
import FileChange
import ReconcileModel

/// Whether named serves what it should, before a plan is carried out and after it.
struct Verification {
  let proposal: Proposal
  /// Nil where named is not asked.
  let probe: (any ServedProbe)?
  let patience: Duration

  private var plan: Plan { proposal.plan }

  // MARK: Before

  /// Makes sure that commands and questions go to the named whose files these are, and that it answers: otherwise
  /// nobody could tell whether a change is served.
  func checkPreconditions() async throws(PassError) {
    guard !plan.isEmpty, let probe else { return }
    if let objection = await probe.objection(to: plan, on: proposal.actual) {
      throw PassError("nothing was changed", objection)
    }
  }

  /// Those that named serves.
  func served(_ expectations: [Expectation]) async -> [Expectation] {
    guard let probe, !expectations.isEmpty else { return [] }
    let verdicts = await probe.look(at: expectations)
    return expectations.filter { verdicts[$0] == .served }
  }

  // MARK: Afterwards

  /// Whether named has loaded the zones that it was told to load; the next probe finds those that it has not.
  func isLoaded() async -> Bool {
    guard let probe else { return true }
    let serials = plan.servedAfterwards.filter { if case .serial = $0 { true } else { false } }
    let verdicts = await probe.wait(for: serials, within: patience + plan.loadingTime)
    return serials.allSatisfy { verdicts[$0] == .served }
  }

  /// Waits until named serves what it should, of whatever can be seen from here.
  func verify(_ expectations: [Expectation]) async -> [Expectation: Verdict] {
    guard let probe, !plan.isEmpty else {
      let expectations = Set(expectations)
      return proposal.verdicts.filter { expectations.contains($0.key) }
    }
    var verdicts = await probe.wait(
      for: expectations.filter { !plan.visibleInOtherViews.contains($0) },
      within: patience + plan.loadingTime)
    // There is no point in waiting for what may never be visible from here.
    verdicts.merge(
      await probe.look(at: expectations.filter(plan.visibleInOtherViews.contains))
    ) { $1 }
    return verdicts
  }

  /// What is not served although it has to be visible; nil if there is nothing of the kind.
  func failure(
    of expectation: Expectation, _ verdicts: [Expectation: Verdict]
  ) -> UnservedExpectation? {
    guard case .notServed(let reason) = verdicts[expectation],
      !plan.visibleInOtherViews.contains(expectation)
    else { return nil }
    return UnservedExpectation(expectation: expectation, reason: reason)
  }

  /// The chains, and the changes to blame for those that do not hold.
  ///
  /// A break has to last for a while first, because named may be busy with its latest commands.
  func settledChains(
    on standing: ActualState?, orElse inspect: @Sendable () async -> ActualState?,
    _ probeChains: @Sendable (ActualState) async -> [Chain]
  ) async -> ([Chain], RevertCause?) {
    let clock = ContinuousClock()
    let deadline = clock.now + patience + plan.loadingTime
    // Nothing changes between two looks, so the files are read once.
    var standing = standing
    var pause = Duration.milliseconds(50)
    while true {
      if standing == nil { standing = await inspect() }
      let chains = await probeChains(standing ?? proposal.actual)
      // An interrupted probe says nothing about the chains.
      guard !Task.isCancelled,
        let cause = RevertCause(broken: chains, before: proposal.chains ?? [], plan)
      else {
        return (chains, nil)
      }
      if clock.now >= deadline { return (chains, cause) }
      try? await clock.sleep(for: pause)
      pause = min(pause * 2, .milliseconds(500))
    }
  }
}

extension Plan {
  /// How much longer named may take for zones of some size: a second for each MiB is several times what
  /// it takes.
  fileprivate var loadingTime: Duration {
    .seconds(files.reduce(0) { $0 + ($1.contents?.count ?? 0) } >> 20)
  }
}
