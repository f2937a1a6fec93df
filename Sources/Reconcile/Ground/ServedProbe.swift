import ReconcileModel

/// Tells whether named serves what it should: what the step `apply` has to know of named.
protocol ServedProbe: Sendable {
  /// One look at each expectation.
  func look(at expectations: [Expectation]) async -> [Expectation: Verdict]

  /// Looks until everything is served or the time is up.
  func wait(
    for expectations: [Expectation], within limit: Duration
  ) async -> [Expectation: Verdict]

  /// Why a plan must not be carried out: the named that is told and asked has to be the one whose files
  /// these are, and to answer.
  func objection(to plan: Plan, on actual: ActualState) async -> Objection?
}
