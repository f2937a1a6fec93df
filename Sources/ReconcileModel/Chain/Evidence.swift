package import DCOS
package import DNSNames

/// What was found out since a plan asked for it: the answers to its questions so far.
package struct Evidence: Sendable {
  /// What was seen of masters that will become forwarders, by cluster; nil while they were not asked.
  package var findings: [String: ForwarderFinding]?
  /// What named was seen to serve of what it has to serve already; nil while it was not asked.
  package var verdicts: [Expectation: Verdict]?
  /// The zones that named would not load with the plan's changes, with the reason.
  package private(set) var refusals: [DomainName: String] = [:]

  /// What leads into forward zones that are about to go, by the IDs for which it was looked for.
  package var dependents: [ClusterID: [Dependent]] = [:]
  /// The aliases that are known not to resolve before the pass changes anything.
  package var brokenAliases: Set<DomainName> = []

  private let asksNamed: Bool
  private let asksDependents: Bool

  /// No answers yet; what is not asked counts as answered.
  package init(
    asksForwarders: Bool = false, asksNamed: Bool = false, asksDependents: Bool = false
  ) {
    self.asksNamed = asksNamed
    self.asksDependents = asksDependents
    findings = asksForwarders ? nil : [:]
    verdicts = asksNamed ? nil : [:]
  }

  /// Those of some clusters for which nobody has looked yet whether anything leads into them.
  fileprivate func unsearched(_ ids: Set<ClusterID>) -> Set<ClusterID> {
    asksDependents ? ids.subtracting(dependents.keys) : []
  }

  /// A checker refuses a zone: without it another plan is made, and named is asked about that one.
  ///
  /// - Returns: whether that is news.
  package mutating func note(refusal reason: String, of zone: DomainName) -> Bool {
    guard refusals.updateValue(reason, forKey: zone) == nil else { return false }
    verdicts = asksNamed ? nil : [:]
    return true
  }
}

/// What has to be known before a plan can be carried out.
package enum PlanQuestion: Sendable {
  /// Whether a DNAME leads into these clusters, in any zone of the tree.
  case dependents(Set<ClusterID>)
  /// Whether these answer DNS.
  case forwarders([ForwarderQuestion])
  /// Whether named serves these.
  case served([Expectation])
}

extension Plan {
  /// What the plan does not know yet; nil when it knows all that it has to.
  package func question(notAnsweredBy evidence: Evidence) -> PlanQuestion? {
    let unsearched = evidence.unsearched(departing)
    if !unsearched.isEmpty { return .dependents(unsearched) }
    if evidence.findings == nil, !newForwarders.isEmpty { return .forwarders(newForwarders) }
    return evidence.verdicts == nil ? .served(alreadyServed) : nil
  }
}
