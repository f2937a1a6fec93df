import FoundationEssentials

/// What is known of an agent, and from whom: one JSON document of `status --json` and `/status`.
struct StatusReport: Encodable {
  /// From whom it is known.
  enum Source: String, Codable {
    /// The agent that runs.
    case agent
    /// The state directory, where the last pass left it.
    case state
  }

  /// What keeps the rest from being known as it should.
  struct Trouble: Hashable, Encodable {
    var reason: String
    var remedy: String
    /// Whether an agent runs that does not answer.
    var isHung = false

    private enum CodingKeys: String, CodingKey {
      case reason, isHung
      case remedy = "cure"
    }
  }

  var status: AgentStatus
  var source: Source
  var trouble: Trouble?
  /// The age in seconds at which the last record is stale.
  var maxAge: Int64?

  var state: OverallState {
    trouble?.isHung == true ? .hung : status.state(maxAge: maxAge)
  }

  /// Whether nothing is known at all, and nothing keeps it from being known.
  var isEmpty: Bool { status.agent == nil && status.record == nil && trouble == nil }

  private enum CodingKeys: CodingKey {
    case state, source, trouble
  }

  func encode(to encoder: any Encoder) throws {
    try status.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(state, forKey: .state)
    try container.encode(source.rawValue, forKey: .source)
    try container.encodeIfPresent(trouble, forKey: .trouble)
  }

  var json: String { get throws { try JSONText.document(self) } }
}
