import Reconcile

/// Finds out that this host's clock was set, by one that nobody sets.
struct SetClock {
  private let now: @Sendable () -> Int64
  private let elapsed: @Sendable () -> Duration
  /// What the clock showed when it was last looked at, and what the other one did.
  private var seen: (time: Int64, elapsed: Duration)

  /// By how much both may differ without that: seconds are rounded, and a clock that is slewed goes faster or slower.
  private static let tolerance: Int64 = 30

  /// - Parameters:
  ///   - now: Tells the seconds since 1970.
  ///   - clock: Measures what has passed since, while the host slept too.
  init(_ now: @escaping @Sendable () -> Int64, against clock: any Clock<Duration>) {
    self.now = now
    elapsed = clock.stopwatch()
    seen = (now(), elapsed())
  }

  /// By how many seconds the clock was set since this was last asked; 0 where it was not.
  mutating func jump() -> Int64 {
    let (before, passed) = seen
    seen = (now(), elapsed())
    let jump = seen.time - before - Int64((seen.elapsed - passed).seconds.rounded())
    return abs(jump) > Self.tolerance ? jump : 0
  }

  /// A time that goes on from now, whatever the clock is set to: one pass must not live on two days.
  var steady: @Sendable () -> Int64 {
    let (start, begun, elapsed) = (now(), elapsed(), elapsed)
    return { start + (elapsed() - begun).components.seconds }
  }
}
