import Reconcile

/// How long the passes of the last day took: in a fixed number of values, however many passes there are.
struct PassTimings: Hashable, Sendable {
  /// The passes that ended in a span of time.
  struct Bucket: Hashable, Sendable {
    /// In seconds since 1970, a multiple of ``PassTimings/span``.
    let start: Int64
    private(set) var count = 0
    /// In seconds.
    private(set) var shortest = Double.infinity
    private(set) var longest = 0.0
    private(set) var failed = 0
    private(set) var held = 0
    private(set) var applied = 0

    fileprivate init(start: Int64) {
      self.start = start
    }

    fileprivate mutating func note(_ pass: PassRecord) {
      count += 1
      shortest = min(shortest, pass.duration)
      longest = max(longest, pass.duration)
      switch pass.result {
      case .failed: failed += 1
      case .held: held += 1
      case .applied: applied += 1
      case .inSync: break
      }
    }
  }

  /// A day has 144 of them.
  static let span: Int64 = 600
  static let day: Int64 = 86_400

  /// In the order of time; those without a pass are left out.
  private(set) var buckets: [Bucket] = []

  mutating func note(_ pass: PassRecord) {
    let start = pass.time - pass.time % Self.span
    // The clock may have been set back: times in the future say nothing.
    buckets.removeAll { $0.start <= start - Self.day || $0.start > start }
    if buckets.last?.start != start { buckets.append(Bucket(start: start)) }
    buckets[buckets.count - 1].note(pass)
  }
}
