import DNSNames
import ReconcileModel

/// The result of a planning step.
struct PlanDraft {
  var changes: [Change] = []
  var problems: [Problem] = []
  var warnings: [String] = []
  var hints: [Hint] = []
  /// What named has to serve already.
  var alreadyServed: [Expectation] = []
  /// Records in dynamic zones that turn out to be ours, or no longer ours, without a change.
  var owned: Set<OwnedRecords.Record> = []
  var disowned: Set<OwnedRecords.Record> = []
  /// The blocks that somebody edited by hand and that will be restored; shown before that is done.
  var handEdits: [HandEdit] = []
  /// The aliases that go once what may replace them is seen served.
  var replaced: Set<DomainName> = []

  mutating func hold(_ subject: Subject, _ reason: String, remedy: String) {
    problems.append(Problem(severity: .held, subject: subject, reason: reason, remedy: remedy))
  }

  mutating func add(_ edits: BlockEdits) {
    warnings += edits.warnings
    handEdits += edits.handEdits
  }

  mutating func add(_ other: PlanDraft) {
    changes += other.changes
    problems += other.problems
    warnings += other.warnings
    hints += other.hints
    alreadyServed += other.alreadyServed
    owned.formUnion(other.owned)
    disowned.formUnion(other.disowned)
    handEdits += other.handEdits
    replaced.formUnion(other.replaced)
  }
}
