import Reconcile

/// How long something has lasted, in the unit that says most: `45 s`, `12 min`, `3 h`, `5 d`.
struct Age: CustomStringConvertible {
  let seconds: Int64

  init(_ duration: Duration) {
    seconds = Int64(duration.seconds.rounded())
  }

  /// - Parameters:
  ///   - moment: in seconds since 1970.
  ///   - now: in seconds since 1970.
  init(of moment: Int64, at now: Int64) {
    // After a clock was set back, a moment may lie in the future.
    seconds = max(0, now - moment)
  }

  var description: String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h"
    default: "\(seconds / 86_400) d"
    }
  }
}
