import ReconcileModel

/// Where an alias has to lead, by the whole of its past: made from the rules as they are documented, and not from how the
/// program counts.
///
/// It keeps everything that was ever seen, and looks back through it in each pass.
struct FailoverOracle {
  struct Pass {
    var time: Int64
    var seen: [String: ClusterHealth]
    /// An agent was started before it.
    var isFirst: Bool
  }

  let rules: Failover
  private(set) var standing: String
  private(set) var history: [Pass] = []
  private(set) var automaticMoves: [Int64] = []

  init(_ rules: Failover, standing: String) {
    self.rules = rules
    self.standing = standing
  }

  enum Verdict: Equatable {
    case stays
    case moves(to: String)
    case held(to: String)
  }

  mutating func pass(_ pass: Pass) -> Verdict {
    history.append(pass)
    guard let target else { return .stays }
    if let last = automaticMoves.last, pass.time - last < 3600 { return .held(to: target) }
    automaticMoves.append(pass.time)
    standing = target
    return .moves(to: target)
  }

  private var target: String? {
    let others = rules.clusters.filter { $0 != standing }
    let ill = run(of: standing, isHealthy: false)
    if ill.count >= 3, length(of: ill, countingGapsTo: rules.after / 2) >= rules.after,
      let other = others.first(where: { run(of: $0, isHealthy: true).count >= 2 })
    {
      return other
    }
    guard let back = rules.back else { return nil }
    return rules.clusters.prefix { $0 != standing }.first { cluster in
      let healthy = run(of: cluster, isHealthy: true)
      return healthy.count >= 2 && length(of: healthy, countingGapsTo: back / 2) >= back
    }
  }

  /// The last passes, without an exception and without a gap, in which a cluster was healthy, or ill while another one
  /// was not.
  private func run(of cluster: String, isHealthy: Bool) -> [Pass] {
    var run: [Pass] = []
    for pass in history.reversed() {
      if let next = run.last, next.isFirst || !(0...600).contains(next.time - pass.time) { break }
      let isSo =
        switch pass.seen[cluster] {
        case .healthy?: isHealthy
        case .ill?:
          !isHealthy && rules.clusters.contains { $0 != cluster && pass.seen[$0] == .healthy }
        case .unknown?, nil: false
        }
      guard isSo else { break }
      run.append(pass)
    }
    return run
  }

  private func length(of run: [Pass], countingGapsTo most: Int64) -> Int64 {
    zip(run, run.dropFirst()).reduce(0) { $0 + min($1.0.time - $1.1.time, max(most, 1)) }
  }
}
