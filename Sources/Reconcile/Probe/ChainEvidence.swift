import DCOS
import DNSNames
import Named
import ReconcileModel

/// The answers about one chain, and what they say about each link.
///
/// It is a value: what it comes to depends on the answers alone.
struct ChainEvidence: Sendable {
  /// What one master says when it is asked itself.
  struct Master: Sendable {
    var forwarder: Forwarder
    var a: Result<DNSAnswer, DNSError>
    var aaaa: Result<DNSAnswer, DNSError>
    /// To the question that no cache can answer; nil where it was not asked it.
    var fresh: Result<DNSAnswer, DNSError>?
  }

  let question: ChainQuestion
  let names: ChainNames
  /// Nil for what was not asked, since the time was up or a link before it does not hold.
  var dname: Result<DNSAnswer, DNSError>?
  var fresh: Result<DNSAnswer, DNSError>?
  var a: Result<DNSAnswer, DNSError>?
  var aaaa: Result<DNSAnswer, DNSError>?
  /// The masters that were asked; the last of them is the first that answered.
  var masters: [Master] = []

  /// Whether names through the alias reach the cluster, judging by the questions so far.
  var leadsIntoCluster: Bool {
    let dname = dnameState
    return dname == .holds && forwardZoneState(behind: dname) == .holds
  }

  var chain: Chain {
    let dname = dnameState
    let forwardZone = forwardZoneState(behind: dname)
    var chain = Chain(
      question, dname: dname, forwardZone: forwardZone,
      address: addressState(behind: dname, forwardZone))
    if chain.isBroken { chain.clientsGet = clientsGet(chain) }
    if chain.holds { chain.addresses = addresses }
    return chain
  }

  private var addresses: [IPAddress] {
    let found = [(RecordType.a, a), (.aaaa, aaaa)].flatMap { type, answer in
      (try? answer?.get())?.rdata(of: type) ?? []
    }
    return found.compactMap { try? IPAddress($0) }.unique().sorted()
  }

  // MARK: - The DNAME

  /// The answer may also have the DNAME of a name above, which leads elsewhere: only the owner's own counts.
  private var dnameState: Chain.State {
    if question.sight == .none { return .unknown(otherView) }
    // A cluster itself has none.
    if question.isOfCluster { return .holds }
    switch dname {
    case nil: return .unknown(Self.notAsked)
    case .failure(let error)?:
      return .broken(Chain.Why(error.cause, remedy: error.remedySentence))
    case .success(let answer)?:
      let targets = answer.records(of: .dname, at: names.owner).compactMap(\.target)
      if targets.contains(question.target), question.sight == .certain || answer.isAuthoritative {
        return .holds
      }
      if question.sight == .possible { return .unknown(otherView) }
      return .broken(missing(in: answer, targets))
    }
  }

  private func missing(in answer: DNSAnswer, _ targets: [DomainName]) -> Chain.Why {
    let owner = question.owner.withoutTrailingDot
    let zone = question.zone.withoutTrailingDot
    let reload =
      "Have named load the zone: rndc reload \(zone)\(question.view.map { " IN \($0)" } ?? "")"
    if let target = targets.first {
      return Chain.Why(
        "named serves a DNAME for \(owner) that leads to \(target), and not to \(question.target)",
        remedy: reload)
    }
    let above = answer.answers.first { $0.type == .dname && names.owner.isBelow($0.owner) }
    if let above {
      return Chain.Why(
        """
        a DNAME at \(above.owner) leads every name below it to \(above.rdata), \(owner) among them \
        (RFC 6672)
        """, remedy: "Remove that DNAME, or choose an alias that is not below it")
    }
    let cut = answer.authority.first { record in
      record.type == .ns && names.owner.isBelow(record.owner)
        && record.owner.isBelow(question.zone)
    }
    if let cut, !answer.isAuthoritative {
      return Chain.Why(
        """
        \(cut.owner.withoutTrailingDot) is delegated to other name servers, so that nothing below it is answered out of \
        zone \(zone), \(owner) among them
        """,
        remedy: "Remove that delegation, or choose an alias that is not below it")
    }
    return Chain.Why(
      "named answers \(answer.rcode) and no DNAME for \(owner)",
      remedy: "\(reload). If it refuses the zone, its log says why")
  }

  // MARK: - The forward zone

  private func forwardZoneState(behind dname: Chain.State) -> Chain.State {
    switch (question.sight, dname) {
    case (.none, _), (.possible, .unknown), (.possible, .broken): return .unknown(otherView)
    case (.certain, _), (.possible, .holds): break
    }
    if case .failure? = self.dname { return .unknown(Self.namedIsSilent) }
    switch fresh {
    case nil: return .unknown(Self.notAsked)
    case .failure(let error)?:
      let cause = "named has no answer for names below \(target): \(error.cause)"
      return .broken(succeeded(cause) ?? unanswered(cause))
    case .success(let answer)?:
      if isFromCluster(answer) || agreesWithMaster(answer) { return .holds }
      return unserved(answer)
    }
  }

  /// Whether the cluster's own zone answered.
  ///
  /// A name that does not exist comes with the zone's SOA record (RFC 2308 section 3); that of a zone above comes from
  /// somebody else.
  func isFromCluster(_ answer: DNSAnswer) -> Bool {
    guard [.noError, .nameError].contains(answer.rcode), let domain = question.target.clusterDomain
    else { return false }
    return answer.authority.contains { record in
      record.type == .soa && names.base.isSubdomain(of: record.owner)
        && record.owner.isSubdomain(of: domain)
    }
  }

  /// A zone with a wildcard has an answer for every name.
  private func agreesWithMaster(_ answer: DNSAnswer) -> Bool {
    masters.contains { master in
      guard case .success(let own)? = master.fresh, !own.rdata(of: .a).isEmpty else { return false }
      return answer.rcode == .noError && answer.agrees(with: own, on: .a)
    }
  }

  private func unserved(_ answer: DNSAnswer) -> Chain.State {
    if !answer.isRecursionAvailable {
      if question.forbidsRecursion {
        return .broken(
          Chain.Why(
            "named is configured not to recurse, and so never asks the masters of \(target)",
            remedy: "Set recursion yes, and allow-recursion for the clients of the alias"))
      }
      return .unknown(
        Chain.Why(
          "named does not recurse for this host, so what its clients get cannot be seen from here",
          remedy: "Add this host to allow-recursion and allow-query-cache"))
    }
    let zone = answer.authority.first { $0.type == .soa }?.owner
    switch answer.rcode {
    case .noError, .nameError:
      let found = zone.map { "with the SOA of \($0)" } ?? "without an SOA record"
      if answer.isAuthoritative, let zone {
        return .broken(
          Chain.Why(
            "named is itself authoritative for \(zone), so it never asks the masters of \(target)",
            remedy:
              "Delegate \(domain) in that zone (an NS record), or remove the zone from named.conf"))
      }
      let cause = "asked for a name below \(target), named answers \(answer.rcode) \(found)"
      if let why = succeeded(cause) { return .broken(why) }
      return .broken(
        Chain.Why(
          "\(cause): not the masters' answer",
          remedy: zone == nil
            ? "See whether a response-policy zone or a redirect zone covers \(domain)"
            : """
            See whether named has loaded the forward zone \(domain) (rndc reconfig), and whether another zone or view \
            is in its way
            """))
    default:
      let cause = "asked for a name below \(target), named answers \(answer.rcode)"
      return .broken(succeeded(cause) ?? unanswered(cause))
    }
  }

  /// Why named has no answer, judged by what the masters answer us.
  private func unanswered(_ cause: String) -> Chain.Why {
    if question.forwarders.isEmpty {
      return Chain.Why(
        cause, remedy: "See named's log; no forward zone of named.conf says whom it asks")
    }
    let refusing = masters.first { (try? $0.a.get())?.rcode == .refused }
    if !isAnyMasterUp, let refusing {
      return Chain.Why(
        "\(cause); master \(refusing.forwarder) refuses names below \(target)",
        remedy: """
          Check the alias's label: DC/OS answers for mesos, and for other labels only where their \
          component runs
          """)
    }
    if !isAnyMasterUp {
      let said = masters.compactMap(\.failure).unique().joined(separator: "; ")
      return Chain.Why(
        "\(cause), and no master answers this host\(said.isEmpty ? "" : ": \(said)")",
        remedy: """
          Check that dcos-net runs on the masters, and that port \
          \(question.forwarders.map { "\($0.port)" }.unique().joined(separator: ", ")) of theirs (UDP and \
          TCP) can be reached from here
          """)
    }
    return Chain.Why(
      "\(cause), and the masters answer this host",
      remedy: """
        See named's log. What keeps it from an answer that this host gets: dnssec-validation without \
        validate-except for dcos.directory, query-source, blackhole, server … { bogus yes; }
        """)
  }

  // MARK: - The address

  private func addressState(behind dname: Chain.State, _ forwardZone: Chain.State) -> Chain.State {
    if question.sight == .none { return .unknown(otherView) }
    guard dname == .holds else {
      return .unknown(Chain.Why("not asked, because its DNAME does not hold"))
    }
    guard forwardZone == .holds else {
      return .unknown(Chain.Why("not asked, because its forward zone does not answer"))
    }
    guard let alias = names.alias, let name = names.probe else {
      return .broken(
        Chain.Why(
          """
          no name of the cluster fits below \(question.owner.withoutTrailingDot): with \
          \(question.probe) before it it is longer than 255 octets
          """, remedy: "Choose a shorter alias, or a shorter probe"))
    }
    var states: [Chain.State] = []
    for (type, answer) in [(RecordType.a, a), (.aaaa, aaaa)] {
      states.append(state(of: answer, type, alias: alias, name: name))
    }
    return states.first { $0.isBroken } ?? states.first { $0 != .holds } ?? .holds
  }

  private func state(
    of answer: Result<DNSAnswer, DNSError>?, _ type: RecordType, alias: DomainName, name: DomainName
  ) -> Chain.State {
    let asked = "the \(type) record of \(alias.withoutTrailingDot)"
    switch answer {
    case nil: return .unknown(Self.notAsked)
    case .failure(let error)?:
      return .broken(Chain.Why("named has no answer for \(asked): \(error.cause)"))
    case .success(let answer)?:
      let theirs = masters.compactMap { master in
        (try? master.answer(type).get()).map { (master.forwarder, $0) }
      }.filter { [.noError, .nameError].contains($0.1.rcode) }
      guard [.noError, .nameError].contains(answer.rcode) else {
        return .broken(swallowed("named answers \(answer.rcode) for \(asked)", theirs, type))
      }
      guard !theirs.isEmpty else {
        let said = masters.compactMap(\.failure).unique().joined(separator: "; ")
        return .unknown(
          Chain.Why(
            "named answers, and no master can be asked from here to compare\(said.isEmpty ? "" : ": \(said)")",
            remedy: "Open the masters' DNS port to this host, UDP and TCP"))
      }
      if theirs.contains(where: { answer.agrees(with: $0.1, on: type) }) { return .holds }
      // Addresses that named synthesises from IPv4 ones for IPv6-only clients (RFC 6147).
      if type == .aaaa, case .success(let four)? = a, answer.isTranslated(from: four) {
        return .holds
      }
      let found = answer.rdata(of: type)
      return .broken(
        swallowed(
          "named answers \(found.isEmpty ? "no address" : found.joined(separator: ", ")) for \(asked)",
          theirs, type))
    }
  }

  private func swallowed(
    _ cause: String, _ theirs: [(forwarder: Forwarder, answer: DNSAnswer)], _ type: RecordType
  ) -> Chain.Why {
    guard let (forwarder, answer) = theirs.first else {
      return Chain.Why(cause, remedy: "See named's log, and whether mesos-dns runs in the cluster")
    }
    let found = answer.rdata(of: type)
    let said = found.isEmpty ? "none" : found.joined(separator: ", ")
    return Chain.Why(
      "\(cause), and master \(forwarder) has \(said) for \(names.probe?.withoutTrailingDot ?? "")",
      remedy: """
        See what removes addresses from named's answers: deny-answer-addresses (except-from), response-policy, \
        rate-limit. If it is an old answer: min-cache-ttl, and rndc flushtree \(domain)
        """)
  }

  // MARK: - Another look

  /// How long to wait before another look; nil if another look would not help.
  ///
  /// Addresses change, and named may rightly hold a master's answer of some seconds ago.
  var pause: Duration? {
    let chain = chain
    if chain.forwardZone.isBroken { return isAnyMasterUp ? .milliseconds(300) : nil }
    guard chain.address.isBroken else { return nil }
    let lifetimes = [a, aaaa].compactMap { try? $0?.get() }.map(\.lifetime)
    let longest = lifetimes.max() ?? 0
    return longest <= Self.mostSeconds
      ? .seconds(Int(longest)) + .milliseconds(200) : .milliseconds(300)
  }

  /// An answer with a longer TTL than DC/OS gives is not waited for.
  private static let mostSeconds: UInt32 = 6

  // MARK: - Words

  var isAnyMasterUp: Bool {
    masters.contains { master in
      guard case .success(let answer) = master.a else { return false }
      return answer.rcode.isAnswer
    }
  }

  private var target: String { question.target.withoutTrailingDot }

  private var domain: String { question.target.clusterDomain?.withoutTrailingDot ?? target }

  var otherView: Chain.Why {
    Chain.Why(
      "cannot be seen from here: another view than \(question.view ?? "it") may answer this host",
      remedy: "Set bind.query to an address at which that view answers this host")
  }

  static let notAsked = Chain.Why(
    "not asked, because the other questions took all the time")
  private static let namedIsSilent = Chain.Why("not asked, because named does not answer")
}

extension ChainEvidence.Master {
  func answer(_ type: RecordType) -> Result<DNSAnswer, DNSError> { type == .aaaa ? aaaa : a }

  /// Whether it did not answer, so that it may be slow.
  var isSilent: Bool {
    if case .failure(.timedOut) = a { return true }
    if case .failure(.timedOut) = aaaa { return true }
    return false
  }

  /// Whether it says what can be compared.
  var isUseful: Bool {
    [a, aaaa].allSatisfy { answer in
      guard case .success(let answer) = answer else { return false }
      return answer.rcode.isAnswer
    }
  }

  /// Why it is of no use.
  var failure: String? {
    for answer in [a, aaaa] {
      switch answer {
      case .failure(let error): return error.cause
      case .success(let answer) where !answer.rcode.isAnswer:
        return "\(forwarder) answers \(answer.rcode)"
      case .success: break
      }
    }
    return nil
  }
}

extension DNSAnswer {
  /// Whether both answers agree, allowing for what two answers to one question may differ in.
  ///
  /// Order and TTL do not matter, nor which addresses of a set that rotates are in it. A name without an address
  /// is the same whether it exists or not.
  fileprivate func agrees(with other: DNSAnswer, on type: RecordType) -> Bool {
    let (own, others) = (Set(rdata(of: type)), Set(other.rdata(of: type)))
    if own.isEmpty, others.isEmpty { return true }
    if !own.isDisjoint(with: others) { return true }
    // A name that leads out of the cluster: named goes on, and a master does not.
    let aliases = Set(other.rdata(of: .cname))
    return others.isEmpty && !aliases.isEmpty && !aliases.isDisjoint(with: rdata(of: .cname))
  }

  /// Whether each IPv6 address has one of the IPv4 addresses in it, by RFC 6052 section 2.2.
  fileprivate func isTranslated(from four: DNSAnswer) -> Bool {
    let six = rdata(of: .aaaa).compactMap { try? IPAddress($0).bytes }
    let originals = four.rdata(of: .a).compactMap { try? IPAddress($0).bytes }
    guard !six.isEmpty else { return false }
    let places = [
      [4, 5, 6, 7], [5, 6, 7, 9], [6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], [12, 13, 14, 15],
    ]
    return six.allSatisfy { bytes in
      places.contains { place in originals.contains(place.map { bytes[$0] }) }
    }
  }

  /// For how many seconds named repeats this answer: it caches SERVFAIL for one (servfail-ttl).
  fileprivate var lifetime: UInt32 {
    guard rcode.isAnswer else { return 1 }
    let own = answers.filter { $0.type == .a || $0.type == .aaaa }.map(\.ttl).max()
    return own ?? authority.filter { $0.type == .soa }.map(\.ttl).max() ?? 0
  }
}
