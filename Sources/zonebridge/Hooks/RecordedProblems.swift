import Reconcile
import ReconcileModel

/// The problems that the last pass left in the state directory: for a pass of its own, which remembers none.
struct RecordedProblems {
  private let problems: [ProblemRecord]

  init(_ pass: PassRecord?) {
    problems = pass?.problems ?? []
  }

  /// What has begun and what has ended with the problems of another pass.
  func events(_ now: [Problem], of desired: DesiredState) -> [Event] {
    let begun = now.filter { problem in
      !problems.contains {
        $0.subject == problem.subject.description && $0.severity == problem.severity.rawValue
      }
    }
    let lasting = Set(now.map(\.subject))
    let ended = Set(problems.compactMap { Subject($0.subject) }).subtracting(lasting).sorted()
    return begun.map { Event($0, of: desired) }
      + ended.map { Event(resolved: $0, after: nil, of: desired) }
  }
}
