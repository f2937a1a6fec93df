import DNSNames
package import Named

/// What named answered to a question that it has to forward to a cluster's masters.
package struct ForwardingReply: Sendable {
  package enum Question: Hashable, Sendable {
    /// For the SOA of `<label>.<id>.dcos.directory`.
    case authority
    /// For the address of a host of the cluster.
    case address
  }

  package var question: Question
  package var result: Result<DNSAnswer, DNSError>
  /// Whether it is what the masters would have answered.
  package var isGood: Bool
  /// Whether the same question was answered well when named was told not to validate (the CD flag); nil
  /// where that was not asked.
  package var isGoodUnvalidated: Bool?
  /// What named answers without asking anybody (without the RD flag); nil where that was not asked.
  package var own: DNSAnswer?

  package init(
    _ question: Question, _ result: Result<DNSAnswer, DNSError>, isGood: Bool,
    isGoodUnvalidated: Bool? = nil, own: DNSAnswer? = nil
  ) {
    self.question = question
    self.result = result
    self.isGood = isGood
    self.isGoodUnvalidated = isGoodUnvalidated
    self.own = own
  }
}

extension ForwardingObstacle {
  /// What a bad answer says about an obstacle.
  package enum Fit: Hashable, Sendable, Comparable {
    /// It comes from something else.
    case excluded
    /// It may come from this.
    case possible
    /// It comes from this.
    case proven
  }

  /// Whether it matters to the answers to a question.
  package func concerns(_ question: ForwardingReply.Question) -> Bool {
    switch kind {
    case .deniedAddresses, .deniedAliases: question == .address
    default: true
    }
  }

  /// Whether an answer comes from this.
  package func fit(_ reply: ForwardingReply) -> Fit {
    if reply.isGood { return .excluded }
    switch reply.result {
    case .success(let answer): return fit(answer, reply)
    case .failure(.timedOut):
      // named does not reply at all to a client that it may not answer, or to a question that it drops.
      return isSilencing ? .possible : .excluded
    case .failure: return .excluded
    }
  }

  private var isSilencing: Bool {
    switch kind {
    case .rateLimit, .policyZone, .accessList, .blackhole, .bogusServer, .signedServer, .validation:
      true
    case .zoneAbove, .zoneBelow, .deniedAddresses, .deniedAliases, .recursion: false
    }
  }

  private func fit(_ answer: DNSAnswer, _ reply: ForwardingReply) -> Fit {
    let isFailure = answer.rcode == .serverFailure
    switch kind {
    case .zoneAbove(let zone):
      if answer.isFrom(zone) { return .proven }
      // A zone that is not loaded, or that this host must not ask about, answers so itself.
      guard isFailure || answer.rcode == .refused && answer.isRecursionAvailable else {
        return .excluded
      }
      return reply.own.map { $0.rcode == answer.rcode ? .proven : .excluded } ?? .possible
    case .zoneBelow(let zone): return answer.isFrom(zone) ? .proven : .possible
    case .policyZone(let zone):
      // named adds the SOA record of the policy zone, unless `add-soa no` (named.conf(5)).
      if answer.additional.contains(where: { $0.isSOA(of: zone) }) { return .proven }
      let isBare = answer.authority.isEmpty && answer.additional.isEmpty && !isFailure
      return isBare && answer.rcode != .refused ? .possible : .excluded
    case .blackhole, .bogusServer:
      return isFailure ? (weight == .certain ? .proven : .possible) : .excluded
    case .deniedAddresses:
      guard isFailure, reply.question == .address else { return .excluded }
      return weight == .certain ? .proven : .possible
    case .deniedAliases:
      return isFailure && reply.question == .address ? .possible : .excluded
    case .signedServer: return isFailure ? .possible : .excluded
    case .validation:
      guard isFailure else { return .excluded }
      return reply.isGoodUnvalidated.map { $0 ? .proven : .excluded } ?? .possible
    case .recursion, .accessList: return answer.isRecursionAvailable ? .excluded : .proven
    case .rateLimit: return .excluded
    }
  }
}

extension [ForwardingObstacle] {
  /// Those from which a bad answer may come, the proven ones first; where one is proven, it alone counts.
  package func explaining(_ reply: ForwardingReply) -> [ForwardingObstacle] {
    let fits = map { ($0, $0.fit(reply)) }
    let proven = fits.filter { $0.1 == .proven }.map(\.0)
    return proven.isEmpty ? fits.filter { $0.1 == .possible }.map(\.0) : proven
  }
}

extension DNSAnswer {
  /// Whether the answer comes from a zone that named has: its SOA record says that there is no such name or record, or
  /// it gives that record.
  fileprivate func isFrom(_ zone: DomainName) -> Bool {
    authority.contains { $0.isSOA(of: zone) }
      || isAuthoritative && answers.contains { $0.isSOA(of: zone) }
  }
}

extension ResourceRecord {
  fileprivate func isSOA(of zone: DomainName) -> Bool {
    type == .soa && owner == zone
  }
}
