import DNSNames
package import ReconcileModel

/// The chain of an alias in one view, as a pass saw it.
package struct ChainRecord: Codable, Hashable, Sendable {
  package enum State: String, Codable, Sendable {
    case holds, broken
    /// It cannot be seen from this host, or could not be asked.
    case unknown
  }

  package struct Link: Codable, Hashable, Sendable {
    package var link: Chain.Link
    package var state: State
    /// Why it does not hold, or is not known to.
    package var reason: String?
    package var remedy: String?

    private enum CodingKeys: String, CodingKey {
      case link, state, reason
      case remedy = "cure"
    }
  }

  package var alias: String
  package var view: String?
  package var zone: String
  /// Empty for a cluster that the configuration does not have.
  package var cluster: String
  /// Where the DNAME leads that was probed.
  package var target: String
  package var state: State
  package var links: [Link]
  /// When it was last seen to hold, in seconds since 1970.
  package var lastHeld: Int64?
  /// Since when each pass that could see it saw it broken, in seconds since 1970; nil where it is not, and in the record
  /// of an older version.
  package var brokenSince: Int64?
  /// What clients get where it is broken, such as `SERVFAIL`; nil where that is not known.
  package var clientsGet: String?
  /// The addresses that clients get for the probed name, where it holds; nil in the record of an older version.
  package var addresses: [String]?

  package init(_ chain: Chain) {
    let question = chain.question
    alias = question.owner.withoutTrailingDot
    view = question.view
    zone = question.zone.withoutTrailingDot
    cluster = question.cluster
    target = question.target.withoutTrailingDot
    state = State(chain.state)
    links = chain.links.map { Link($0.link, $0.state) }
    lastHeld = chain.lastHeld
    clientsGet = chain.clientsGet
    if state == .holds { addresses = chain.addresses.map(\.description) }
  }
}

extension ChainRecord.State {
  init(_ state: Chain.State) {
    self =
      switch state {
      case .holds: .holds
      case .broken: .broken
      case .unknown: .unknown
      }
  }
}

extension ChainRecord.Link {
  init(_ link: Chain.Link, _ state: Chain.State) {
    self.link = link
    self.state = ChainRecord.State(state)
    reason = state.why?.cause
    remedy = state.why.flatMap { $0.remedy.isEmpty ? nil : $0.remedy }
  }
}

extension ChainRecord {
  package func state(of link: Chain.Link) -> State {
    links.first { $0.link == link }?.state ?? .unknown
  }

  /// Why it does not hold: of the first link that is broken, else of the first that is not known.
  package var reason: String? {
    links.first { $0.state == .broken }?.reason ?? links.first { $0.state == .unknown }?.reason
  }

  /// The same of a pass that did not probe it: what was seen before is no longer known.
  fileprivate var unprobed: ChainRecord {
    var chain = self
    chain.state = .unknown
    chain.clientsGet = nil
    chain.addresses = nil
    for index in chain.links.indices {
      chain.links[index].state = .unknown
      chain.links[index].reason = "the last pass ended before it could ask"
      chain.links[index].remedy = nil
    }
    return chain
  }
}

extension PassRecord {
  /// Completes the chains from an earlier pass: when each last held, since when it is broken and, if this pass did not
  /// probe them, which ones there are.
  mutating func completeChains(with earlier: PassRecord?) {
    guard let chains else {
      chains = earlier?.chains?.map(\.unprobed)
      return
    }
    let known = Dictionary((earlier?.chains ?? []).map { ($0.place, $0) }) { first, _ in first }
    self.chains = chains.map { chain in
      var chain = chain
      // For its clients, an alias that has moved held all the time.
      let before = known[chain.place]
      chain.lastHeld = chain.lastHeld ?? before?.lastHeld
      // A pass that could not see it does not show that it was repaired meanwhile.
      let since = before?.brokenSince
      switch chain.state {
      case .holds: chain.brokenSince = nil
      case .broken: chain.brokenSince = since ?? time
      case .unknown: chain.brokenSince = since
      }
      return chain
    }
  }

  /// Makes aliases absent that have no chain any more: no file and no zone has a DNAME of theirs.
  mutating func forgetAliasesWithoutChain() {
    let places = Set((chains ?? []).map(\.place))
    for index in aliases.indices where aliases[index].state != .absent {
      let (name, view) = (aliases[index].name, aliases[index].view)
      guard !places.contains(AliasPlace(alias: name, view: view)) else { continue }
      aliases[index] = AliasRecord(
        name: name, cluster: aliases[index].cluster, state: .absent, view: view)
    }
  }

  /// Takes the forward zone from clusters that have no block any more.
  mutating func forgetForwardZones(exceptOf blocks: Set<String>) {
    for index in clusters.indices where !blocks.contains(clusters[index].name) {
      clusters[index].written = nil
      clusters[index].isForwarded = nil
    }
  }

  /// Makes aliases and clusters agree with their chains: what clients get counts, whatever was expected.
  mutating func applyChains() {
    var places = Dictionary(grouping: aliases.indices, by: { aliases[$0].name })
    for chain in chains ?? [] {
      let own = places[chain.alias, default: []]
      let index =
        own.first { aliases[$0].view == chain.view } ?? own.first { aliases[$0].state == .absent }
      if let index {
        aliases[index].take(chain)
      } else if var alias = own.last.map({ aliases[$0] }) {
        alias.take(chain)
        places[chain.alias, default: []].append(aliases.count)
        aliases.append(alias)
      }
    }
    let chainsByCluster = Dictionary(grouping: chains ?? [], by: \.cluster)
    for index in clusters.indices {
      let states = chainsByCluster[clusters[index].name, default: []]
        .map { $0.state(of: .forwardZone) }
      if states.contains(.broken) {
        clusters[index].isForwarded = false
      } else if states.contains(.holds) {
        clusters[index].isForwarded = true
      }
    }
  }
}

/// An alias in a view.
private struct AliasPlace: Hashable {
  var alias: String
  var view: String?
}

extension ChainRecord {
  fileprivate var place: AliasPlace { AliasPlace(alias: alias, view: view) }
}

extension AliasRecord {
  fileprivate mutating func take(_ chain: ChainRecord) {
    let wasAbsent = state == .absent
    state =
      switch chain.state {
      case .holds: .served
      case .broken: .notServed
      case .unknown: .unseen
      }
    target = chain.target
    zone = chain.zone
    view = chain.view
    // The reason why it is not changed still matters if the present alias resolves.
    if !wasAbsent || chain.state == .broken { reason = chain.state == .broken ? chain.reason : nil }
  }
}
