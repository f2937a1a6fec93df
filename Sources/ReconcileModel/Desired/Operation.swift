import BINDText
package import DNSNames

/// What a plan is for: which of the differences between the desired and the actual state it handles.
package enum Operation: Sendable, Hashable {
  /// All of them.
  case reconcile
  /// What somebody wrote by hand for these clusters becomes ours.
  case adoption(of: Set<String>)
  /// The blocks of these names are removed, and nothing else changes.
  case removal(of: Set<String>)
  /// Everything of ours is removed, by an operator's word.
  case clearance

  /// Whether all differences are handled.
  package var isWhole: Bool { self == .reconcile || self == .clearance }
  /// Whether what would be lost is held until an operator accepts that.
  package var isGuarded: Bool { self == .reconcile }
  package var isRemoval: Bool { if case .removal = self { true } else { false } }

  package func adopts(_ cluster: String) -> Bool {
    if case .adoption(let clusters) = self { clusters.contains(cluster) } else { false }
  }

  /// Whether an alias that is no longer wanted is removed; case does not matter.
  package func removes(alias name: String) -> Bool {
    guard case .removal(let blocks) = self else { return removes(name) }
    return blocks.contains { $0.lowercased() == name.lowercased() }
  }

  /// Whether a block that is no longer wanted is removed.
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
  /// The clusters whose held changes an operator accepts.
  package var accepted: Set<String>
  /// Whether the plan is only shown: then it has all that one pass would do, in whatever order.
  package var isPreview = false
  /// Whether earlier counts about clusters are discarded, because an agent has just been started.
  package var startsAfresh = false
  /// What an operator wants for aliases with several clusters, for a preview; a pass remembers it.
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
