import Planning
import ReconcileModel

/// What in named's configuration keeps named from forwarding a cluster's names, or clients from the answers.
struct ObstacleCheck: LinkCheck {
  let facts: DiagnosisFacts

  var findings: [Finding] {
    facts.desired.clusters.flatMap { findings(of: $0).about(.cluster($0.name)) }
  }

  private func findings(of cluster: Cluster) -> [Finding] {
    let replies = facts.replies(of: cluster)
    var findings: [Finding] = []
    for obstacles in facts.obstacles[cluster.name] ?? [] {
      // From another view named may answer something else.
      let isSeen = facts.answeringView.isAnswered(outOf: obstacles.view) == true
      for obstacle in obstacles.all where !obstacle.isToldWithRecursion {
        guard let finding = finding(obstacle, isSeen ? replies : [], cluster.name),
          !findings.contains(finding)
        else { continue }
        findings.append(finding)
      }
    }
    return findings
  }

  private func finding(
    _ obstacle: ForwardingObstacle, _ replies: [ForwardingReply], _ cluster: String
  ) -> Finding? {
    guard let state = Self.state(of: obstacle, replies) else { return nil }
    let isProven = replies.contains { obstacle.fit($0) == .proven }
    return Finding(
      .forwarding, "\(cluster): \(obstacle.location)", state,
      isProven || obstacle.weight == .certain ? obstacle.cause : obstacle.suspicion,
      remedy: obstacle.remedy)
  }

  /// The state of an obstacle, given named's answers; nil if it is none after all.
  static func state(
    of obstacle: ForwardingObstacle, _ replies: [ForwardingReply]
  ) -> Finding.State? {
    let replies = replies.filter { obstacle.concerns($0.question) }
    switch (replies.map(obstacle.fit).max(), obstacle.weight) {
    case (.proven?, _), (.possible?, .certain), (.possible?, .likely): return .broken
    case (.possible?, .partial), (.possible?, .possible): return .warning
    // Another fault hides it for now.
    case (.excluded?, .certain): return replies.contains(where: \.isGood) ? .warning : .broken
    case (nil, .certain): return .broken
    case (_, .partial), (nil, .likely): return .warning
    case (.excluded?, .likely), (_, .possible): return nil
    }
  }
}

extension ForwardingObstacle {
  /// Whether the links about recursion and validation report it.
  fileprivate var isToldWithRecursion: Bool {
    switch kind {
    case .recursion, .accessList, .validation: true
    default: false
    }
  }
}

extension [ForwardingObstacle] {
  /// The remedy against them, for a link that they break; nil if there are none.
  var remedy: String? {
    guard let first else { return nil }
    if first.isToldWithRecursion { return "\(first.remedy) (\(first.location))" }
    var seen: Set<String> = []
    let places = map(\.location).filter { seen.insert($0).inserted }
    return "Fix what is reported above of \(places.joined(separator: ", "))"
  }
}
