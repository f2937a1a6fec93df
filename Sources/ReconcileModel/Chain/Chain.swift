package import DNSNames

/// What people depend on: the path from an alias, in one view, to an address in its cluster.
///
///     client's question ─► DNAME ─► forward zone ─► forwarders (masters) ─► address
///
/// A client gets an answer only where every link holds. So nothing is called served unless its chain was
/// just seen to hold.
package struct Chain: Hashable, Sendable {
  package enum Link: String, CaseIterable, Codable, Sendable {
    /// The alias's own DNAME leads to the target.
    case dname
    /// named hands names below the target on to the cluster, which answers them.
    case forwardZone = "forward-zone"
    /// What named answers through the alias is what a master answers for the target.
    case address
  }

  package enum State: Hashable, Sendable {
    case holds
    case broken(Why)
    /// It cannot be seen from this host, or could not be asked.
    case unknown(Why)
  }

  /// Why a link does not hold, or cannot be seen to.
  package struct Why: Hashable, Sendable {
    package var cause: String
    /// What to do about it; empty where nothing is known to help.
    package var remedy: String

    package init(_ cause: String, remedy: String = "") {
      self.cause = cause
      self.remedy = remedy
    }
  }

  /// What was probed.
  package var question: ChainQuestion
  package var dname: State
  package var forwardZone: State
  package var address: State
  /// When it was last seen to hold, in seconds since 1970.
  package var lastHeld: Int64?
  /// What a client gets where it is broken, such as `SERVFAIL`; nil where the answers do not tell.
  package var clientsGet: String?
  /// The addresses that a client gets for the probed name; empty unless the chain holds.
  package var addresses: [IPAddress] = []

  package init(
    _ question: ChainQuestion, dname: State, forwardZone: State, address: State,
    lastHeld: Int64? = nil
  ) {
    self.question = question
    self.dname = dname
    self.forwardZone = forwardZone
    self.address = address
    self.lastHeld = lastHeld
  }
}

extension Chain {
  /// A chain that cannot be seen at all.
  package init(_ question: ChainQuestion, unseen why: Why) {
    self.init(
      question, dname: .unknown(why), forwardZone: .unknown(why), address: .unknown(why))
  }

  /// The links in the order in which an answer goes through them.
  package var links: [(link: Link, state: State)] {
    [(.dname, dname), (.forwardZone, forwardZone), (.address, address)]
  }

  package subscript(link: Link) -> State {
    switch link {
    case .dname: dname
    case .forwardZone: forwardZone
    case .address: address
    }
  }

  /// Whether a client could resolve the alias just now.
  package var holds: Bool { links.allSatisfy { $0.state == .holds } }

  package var isBroken: Bool { links.contains { $0.state.isBroken } }

  /// What all links come to: the first that is broken, else the first that is not known.
  package var state: State {
    links.first { $0.state.isBroken }?.state ?? links.first { $0.state != .holds }?.state ?? .holds
  }
}

extension Chain.State {
  package var isBroken: Bool { if case .broken = self { true } else { false } }

  /// Nil for a link that holds.
  package var why: Chain.Why? {
    switch self {
    case .holds: nil
    case .broken(let why), .unknown(let why): why
    }
  }
}

extension [Chain] {
  /// What is broken, each once: a cluster that does not answer breaks the chains of all its aliases, and is one
  /// problem.
  package var problems: [Problem] {
    var problems: [Problem] = []
    for chain in self {
      for (link, state) in chain.links {
        guard case .broken(let why) = state else { continue }
        let subject = chain.subject(of: link)
        let problem = Problem(
          severity: .failed, subject: subject, kind: link.problemKind, reason: why.cause,
          remedy: why.remedy)
        let isTold = problems.contains { $0.subject == subject && $0.reason == why.cause }
        if !isTold { problems.append(problem) }
      }
    }
    return problems
  }
}

extension Chain.Link {
  /// A broken link whose words change is still in the same state, which is reported once.
  fileprivate var problemKind: Problem.Kind {
    switch self {
    case .dname: "chain: DNAME"
    case .forwardZone: "chain: forward zone"
    case .address: "chain: address"
    }
  }
}

extension Chain {
  /// What a broken link is about.
  package func subject(of link: Link) -> Subject {
    switch link {
    case .forwardZone where !question.cluster.isEmpty: .cluster(question.cluster)
    case .dname, .forwardZone, .address: .alias(question.owner)
    }
  }
}
