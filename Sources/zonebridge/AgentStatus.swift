import Reconcile

/// What is known of the agent of this host: what `status` shows, and what the metrics are made of.
struct AgentStatus: Codable, Hashable, Sendable {
  var version: String
  /// When this was put together, in seconds since 1970.
  var time: Int64
  /// The agent that runs; nil where the rest is what the last pass left in the state directory.
  var agent: RunningAgent?
  /// The results of the passes; nil while none has ended.
  var record: AgentRecord?
}

/// An agent that runs, as it sees itself.
struct RunningAgent: Codable, Hashable, Sendable {
  var pid: Int32
  /// When it was started, in seconds since 1970.
  var started: Int64
  var configuration: ConfigurationState
  /// The time between two passes, in seconds, before it is spread.
  var interval: Double
  /// When the pass began that is under way, in seconds since 1970.
  var passBegan: Int64?
  /// When the next pass is due, in seconds since 1970; nil while one is under way.
  var nextPass: Int64?
  /// When a step of a pass last ended, or the agent last waited for the next one as it should, in seconds since 1970.
  var lastSign: Int64
  /// Whether that is so long ago that the agent counts as hung.
  var isHung: Bool
}

/// The configuration that an agent runs with.
struct ConfigurationState: Codable, Hashable, Sendable {
  var path: String
  /// When it was read, in seconds since 1970.
  var loaded: Int64
  /// Why a newer one was refused, which the agent does not use.
  var refusal: String?
}

extension AgentStatus {
  /// Whether named serves what the clusters say, according to a recent pass.
  ///
  /// One missed pass may happen; three are a state.
  var isInSync: Bool {
    guard let pass = record?.pass, pass.problems.isEmpty, pass.failure == nil else { return false }
    guard let agent else { return true }
    return !agent.isHung && Double(time - pass.time) <= max(3 * agent.interval, 60) + pass.duration
  }
}
