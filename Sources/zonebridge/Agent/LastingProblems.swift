import ReconcileModel

/// The problems of the last pass: a lasting state is reported once, however its words vary, and again when it ends.
struct LastingProblems {
  /// Identifies a state from pass to pass.
  private struct State: Hashable {
    var subject: Subject
    var severity: Problem.Severity
    var kind: Problem.Kind

    init(_ problem: Problem) {
      subject = problem.subject
      severity = problem.severity
      kind = problem.kind
    }
  }

  /// Since when, by what was reported.
  private var told: [State: ContinuousClock.Instant] = [:]

  var isEmpty: Bool { told.isEmpty }

  /// What to report about the problems of a pass.
  mutating func events(
    _ problems: [Problem], of desired: DesiredState, at now: ContinuousClock.Instant = .now
  ) -> [Event] {
    var since: [Subject: ContinuousClock.Instant] = [:]
    for (state, instant) in told {
      since[state.subject] = min(instant, since[state.subject] ?? instant)
    }
    var events = problems.filter { told[State($0)] == nil }.map { Event($0, of: desired) }
    // A subject whose problem changed has had one for as long.
    told = Dictionary(problems.map { (State($0), since[$0.subject] ?? now) }) { $1 }
    let lasting = Set(problems.map(\.subject))
    for (subject, instant) in since.sorted(by: { $0.key < $1.key })
    where !lasting.contains(subject) {
      events.append(
        Event(resolved: subject, after: Age(now - instant).description, of: desired))
    }
    return events
  }
}
