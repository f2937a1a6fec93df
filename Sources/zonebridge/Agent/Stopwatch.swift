extension Clock where Duration == Swift.Duration {
  /// Tells what time has passed on the clock since this was called.
  func stopwatch() -> @Sendable () -> Duration {
    let start = now
    return { start.duration(to: now) }
  }
}
