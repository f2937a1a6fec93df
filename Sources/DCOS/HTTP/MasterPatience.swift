/// How often a master that fails is asked while the others agree: less and less, and as before as soon as it
/// answers.
struct MasterPatience: Sendable {
  private var failures = 0
  private var nextAttempt: ContinuousClock.Instant?

  /// Whether the master is not asked, as long as it is not needed.
  func isShelved(at now: ContinuousClock.Instant) -> Bool {
    nextAttempt.map { now < $0 } ?? false
  }

  /// Notes what a master said; two failures in a row are nothing unusual.
  mutating func note(_ report: MasterReport, at now: ContinuousClock.Instant) {
    guard report.isSilent else {
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
