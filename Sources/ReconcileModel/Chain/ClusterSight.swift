/// What a pass saw of one cluster, along the path that an alias takes into it, or would take.
///
///     masters agree ─► they answer DNS ─► named hands names on to them ─► the probe name has an address
///
/// It is seen of all clusters of an alias, whether or not the alias leads there: nobody should learn about a broken
/// standby when it is needed.
package struct ClusterSight: Hashable, Sendable {
  /// Whether most of its masters agree on what they are, and it is believed.
  package var masters: Chain.State
  /// Whether a master answers DNS here.
  package var forwarders: Chain.State
  /// Whether named has an answer from the cluster to a question that no cache can answer.
  package var forwardZone: Chain.State
  /// Whether the probe name has an address, the one that a master says itself.
  package var probe: Chain.State

  package init(
    masters: Chain.State, forwarders: Chain.State, forwardZone: Chain.State, probe: Chain.State
  ) {
    self.masters = masters
    self.forwarders = forwarders
    self.forwardZone = forwardZone
    self.probe = probe
  }

  /// Nothing could be seen of its names.
  package init(masters: Chain.State, unseen why: Chain.Why) {
    self.init(
      masters: masters, forwarders: .unknown(why), forwardZone: .unknown(why),
      probe: .unknown(why))
  }
}

/// The health of a cluster: healthy only if it answers, and ill only if it is known not to.
package enum ClusterHealth: Hashable, Sendable {
  case healthy
  /// Clients get no answer from it.
  case ill(Chain.Why)
  /// Neither is known: nothing follows from it.
  case unknown(Chain.Why)
}

extension ClusterSight {
  package var health: ClusterHealth {
    // If the masters contradict each other, or say what is not believed, another cluster may be answering.
    if case .unknown(let why) = masters { return .unknown(why) }
    for link in [forwardZone, probe] {
      if case .broken(let why) = link { return .ill(why) }
    }
    for link in [forwarders, forwardZone, probe] {
      if let why = link.why { return .unknown(why) }
    }
    // Masters that are silent only over HTTP take no answer from any client.
    if case .broken(let why) = masters { return .unknown(why) }
    return .healthy
  }
}

extension ClusterHealth {
  /// Nil for a healthy one.
  package var why: Chain.Why? {
    switch self {
    case .healthy: nil
    case .ill(let why), .unknown(let why): why
    }
  }

  package var isIll: Bool { if case .ill = self { true } else { false } }
}
