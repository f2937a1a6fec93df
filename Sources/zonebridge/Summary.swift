import Reconcile

/// A pass in words, a line a change.
enum Summary {
  static func lines(of outcome: Outcome) -> [String] {
    let plan = outcome.plan
    if plan.isEmpty { return [] }
    return plan.files.map { "\($0.before == nil ? "made" : "changed") \($0.path)" }
      + plan.commands.map { "sent \($0)" }
      + (outcome.isSeenServed && !plan.pending.isEmpty ? ["seen served"] : [])
  }
}
