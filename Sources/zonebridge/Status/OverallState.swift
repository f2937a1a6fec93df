import Reconcile

/// What all that is known of an agent comes to, in one word.
enum OverallState: String, Codable, Sendable, CaseIterable {
  case inSync = "in-sync"
  /// A safeguard holds something, and the rest was applied.
  case held
  case failed
  /// The last pass ended so long ago that nobody knows what holds now.
  case stale
  /// The agent runs and shows no sign of life.
  case hung
  /// No pass has ended yet, or what it left cannot be read.
  case unknown

  /// What scripts get.
  ///
  /// Where nobody can tell whether all is well, it is not.
  var exitStatus: ExitStatus {
    switch self {
    case .inSync: .inSync
    case .held: .held
    case .failed, .stale, .hung, .unknown: .failed
    }
  }
}

extension AgentStatus {
  /// The overall state.
  ///
  /// - Parameter maxAge: the age in seconds at which the last record is stale without an agent: how often cron makes a
  ///   pass is not known.
  /// - Returns: the worst that holds.
  func state(maxAge: Int64? = nil) -> OverallState {
    if agent?.isHung == true { return .hung }
    guard let pass = record?.pass else { return .unknown }
    if pass.failure != nil || pass.problems.contains(where: { !$0.isHeld }) { return .failed }
    if agent == nil, let maxAge, time - pass.time > maxAge { return .stale }
    if !pass.problems.isEmpty { return .held }
    return isInSync ? .inSync : .stale
  }
}
