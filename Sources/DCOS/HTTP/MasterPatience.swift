/// How often a master that does not answer is asked: less and less, so that nobody waits for it in each
/// round, and as before as soon as it answers.
struct MasterPatience: Sendable {
  private var failures = 0
  private var last: MasterReport?
  private var nextAttempt: ContinuousClock.Instant?

  /// What a master is taken to say without being asked; nil if it is to be asked.
  func report(at now: ContinuousClock.Instant) -> MasterReport? {
    guard let nextAttempt, now < nextAttempt else { return nil }
    return last
  }

  /// Notes what a master said; two failures in a row are nothing unusual.
  mutating func note(_ report: MasterReport, at now: ContinuousClock.Instant) {
    last = report
    guard case .failure = report.id, case .failure = report.members else {
      failures = 0
      nextAttempt = nil
      return
    }
    failures += 1
    nextAttempt = Self.delay(after: failures).map { now + $0 * Double.random(in: 0.8...1.2) }
  }

  /// Ten seconds, and twice as long each time, up to five minutes.
  static func delay(after failures: Int) -> Duration? {
    guard failures > 2 else { return nil }
    return .seconds(min(10 << min(failures - 3, 10), 300))
  }
}
