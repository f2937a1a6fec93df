package import SystemPackage

/// The result of a pass.
///
/// It has more than one attempt if something had to be reverted: the other changes are applied again without it.
package struct PassResult: Sendable {
  package var attempts: [Outcome]
  /// What the last attempt was made from.
  package var proposal: Proposal?
  /// The aliases that follow the health of their clusters, with where they are seen to lead in the end.
  package var courses: [FailoverCourse] = []

  package init(attempts: [Outcome]) {
    self.attempts = attempts
  }

  /// What went wrong or is held: of a change that was just reverted, not also that it is held now.
  package var problems: [Problem] {
    var problems: [Problem] = []
    for problem in attempts.flatMap(\.problems) where !problems.contains(problem) {
      let isTold = problems.contains { $0.subject == problem.subject && $0.severity == .failed }
      if problem.severity == .failed || !isTold { problems.append(problem) }
    }
    return problems
  }

  /// The chains as they stand in the end; nil where they were not probed.
  package var chains: [Chain]? { attempts.last?.chains }

  /// The last plan that had anything to change.
  package var plan: Plan {
    attempts.last { !$0.plan.isEmpty }?.plan ?? attempts.last?.plan ?? Plan()
  }
}

/// The result of a plan.
package struct Outcome: Sendable {
  package var plan: Plan
  /// What went wrong or is held.
  package var problems: [Problem]
  /// Whether named was asked, and serves everything that it should: what was written, and every chain.
  package var isSeenServed: Bool
  /// Whether named was asked, and has loaded what was written.
  package var isSeenLoaded: Bool
  /// The chains as they stand in the end; nil where they were not probed.
  package var chains: [Chain]?
  /// Whether named answered in the end, on its control channel or over DNS; nil where nothing is asked of it.
  package var isNamedUp: Bool?
  /// The chains as they were seen once the plan was carried out, if they were.
  package var chainsAfterwards: [Chain]?
  /// Whether named was there to be told.
  package var isNamedTold = true
  /// The plan's commands that were sent to named.
  package var sentCommands: [NamedCommand] = []
  /// The plan's changes of dynamic zones that were sent, whether named took them or not.
  package var sentUpdates: [ZoneUpdate] = []
  /// The files that were reverted, because named did not serve their new contents.
  package var putBack: [FilePath] = []
  /// Why they were reverted.
  package var blamed: Set<Subject> = []
  /// The number of the change in the history, if there was one.
  package var change: Int?
  /// What was seen of the plan's expectations in the end.
  package var verdicts: [Expectation: Verdict] = [:]
  /// Whether the pass was told to stop before it had seen what named serves.
  package var isCutShort = false

  package init(
    plan: Plan, problems: [Problem], isSeenServed: Bool, isNamedTold: Bool = true,
    putBack: [FilePath] = [], blamed: Set<Subject> = [], change: Int? = nil,
    verdicts: [Expectation: Verdict] = [:], isCutShort: Bool = false
  ) {
    self.plan = plan
    self.problems = problems
    self.isSeenServed = isSeenServed
    isSeenLoaded = isSeenServed
    self.isNamedTold = isNamedTold
    self.putBack = putBack
    self.blamed = blamed
    self.change = change
    self.verdicts = verdicts
    self.isCutShort = isCutShort
  }
}
