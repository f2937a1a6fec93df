package import DNSNames

/// Something that named has to serve.
package enum Expectation: Sendable, Hashable {
  /// The zone with this serial, newly loaded.
  case serial(zone: DomainName, view: String?, SerialNumber)
  /// The DNAME record of an alias.
  case alias(owner: DomainName, target: DomainName, zone: DomainName, view: String?)
  /// The SOA record of a cluster's label zone, through the forwarders.
  case forwarded(name: DomainName, cluster: String)
}

/// What was seen of an expectation.
package enum Verdict: Sendable, Hashable {
  case served
  /// With the reason, in words.
  case notServed(String)
}

/// Something that named should serve and does not.
package struct UnservedExpectation: Sendable {
  package var expectation: Expectation
  package var reason: String
  /// What to do about it; empty where nothing is known to help.
  package var remedy: String

  package init(
    expectation: Expectation, reason: String, remedy: String = ""
  ) {
    self.expectation = expectation
    self.reason = reason
    self.remedy = remedy
  }

  package var problem: Problem {
    Problem(
      severity: .failed, subject: expectation.subject,
      reason: "named does not serve it: \(reason)", remedy: remedy)
  }
}

extension Expectation {
  /// The alias that is looked for, if it is one.
  package var alias: DomainName? {
    if case .alias(let owner, _, _, _) = self { owner } else { nil }
  }

  package var subject: Subject {
    switch self {
    case .serial(let zone, _, _): .zone(zone)
    case .alias(let owner, _, _, _): .alias(owner)
    case .forwarded(_, let cluster): .cluster(cluster)
    }
  }
}
