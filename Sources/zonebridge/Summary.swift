import Reconcile

/// A pass in words, a line a change.
enum Summary {
  static func lines(of outcome: Outcome) -> [String] {
    let plan = outcome.plan
    if plan.isEmpty { return [] }
    return plan.files.map { "\(verb(for: $0)) \($0.path)" }
      + plan.commands.map { "sent \($0)" }
      + (outcome.isSeenServed && !plan.pending.isEmpty ? ["seen served"] : [])
  }

  private static func verb(for file: PlannedFile) -> String {
    if file.before == nil { return "made" }
    return file.contents == nil ? "removed" : "changed"
  }
}
