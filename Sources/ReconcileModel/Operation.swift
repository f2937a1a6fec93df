import BINDText
package import DNSNames

/// What a plan is for: which of the differences between what is wanted and what stands there it
/// sees to.
package enum Operation: Sendable, Hashable {
  /// All of them.
  case reconcile
  /// What somebody wrote by hand for these clusters becomes ours.
  case adoption(of: Set<String>)
  /// The blocks of these names go, and no other changes.
  case removal(of: Set<String>)
  /// Everything of ours goes: an operator said so.
  case clearance

  /// Whether all differences are seen to.
  package var isWhole: Bool { self == .reconcile || self == .clearance }
  /// Whether what would be lost is held until an operator lets it go.
  package var isGuarded: Bool { self == .reconcile }
  package var isRemoval: Bool { if case .removal = self { true } else { false } }

  package func adopts(_ cluster: String) -> Bool {
    if case .adoption(let clusters) = self { clusters.contains(cluster) } else { false }
  }

  /// Whether what stands for an alias that is not wanted any more goes; an alias is the same whatever its case.
  package func removes(alias name: String) -> Bool {
    guard case .removal(let blocks) = self else { return removes(name) }
    return blocks.contains { $0.lowercased() == name.lowercased() }
  }

  /// Whether a block that is not wanted any more goes.
  package func removes(_ block: String) -> Bool {
    switch self {
    case .reconcile, .clearance: true
    case .adoption: false
    case .removal(let blocks): blocks.contains(block)
    }
  }
}

/// What a pass is asked for.
package struct PassRequest: Sendable {
  package var operation: Operation
  /// The clusters whose held changes an operator lets through.
  package var accepted: Set<String>
  /// Whether the plan is only shown: then it has all that one pass would do, in whatever order.
  package var isPreview = false
  /// Whether what was counted of clusters in passes before is not gone on with: an agent has just been started.
  package var startsAfresh = false
  /// What an operator wants of aliases with several clusters, for a preview: a pass has it remembered.
  package var choices: [DomainName: FailoverMemory.Choice?] = [:]
  /// The aliases that the same pass has let go, once what may replace them is seen served.
  package var replaced: Set<DomainName> = []

  package init(
    _ operation: Operation = .reconcile, accepted: Set<String> = [], isPreview: Bool = false
  ) {
    self.isPreview = isPreview
    self.operation = operation
    self.accepted = accepted
  }
}
