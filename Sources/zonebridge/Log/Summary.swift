import DNSNames
import ReconcileModel

/// A pass in words, a line a change.
enum Summary {
  static func lines(of result: PassResult) -> [String] { result.attempts.flatMap(lines) }

  static func lines(of outcome: Outcome) -> [String] {
    let plan = outcome.plan
    if plan.isEmpty { return [] }
    let isAnythingServed = !plan.servedAfterwards.isEmpty || !plan.alreadyServed.isEmpty
    let files = plan.files.map { "\(verb(for: $0)) \($0.path)" }
    return files + outcome.sentCommands.map { "sent \($0)" }
      + outcome.sentUpdates.map { "sent a DNS UPDATE of zone \($0.zone.withoutTrailingDot)" }
      + outcome.putBack.map { "reverted \($0)" }
      + (outcome.isSeenServed && isAnythingServed ? ["seen served"] : [])
  }

  /// Where aliases with several clusters lead after a pass.
  static func lines(of courses: [FailoverCourse]) -> [String] {
    courses.map { course in
      let alias = course.alias.withoutTrailingDot
      guard let cluster = course.memory.cluster else {
        return "\(alias) leads to none of its clusters"
      }
      if let before = course.movedFrom {
        return "\(alias) leads to \(cluster), it led to \(before)"
      }
      return "\(alias) leads to \(cluster) as before"
    }
  }

  private static func verb(for file: PlannedFile) -> String {
    if file.before == nil { return "made" }
    return file.contents == nil ? "removed" : "changed"
  }
}
