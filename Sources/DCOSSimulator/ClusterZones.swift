/// What dcos-net answers on a master's port 53, as seen on the real one.
enum ClusterZones {
  private static let labels: Set<Substring> = ["mesos", "l4lb", "dcos", "thisnode"]

  /// The fixed TTLs of dcos-net; a negative answer lives for the SOA's minimum.
  private static let ttl = 5
  private static let negativeTTL = 1
  private static let nameServerTTL = 3600

  /// The answer of one master; nil where none comes.
  static func reply(
    to question: DNSQuestion, at master: String, in state: ClusterState
  ) -> DNSReply? {
    // Before it has a key, dcos-net does not know which ID is its own.
    guard let name = ClusterName(question.name, id: state.isKeyless(master) ? nil : state.id)
    else {
      return upstreamReply(in: state)
    }
    guard labels.contains(Substring(name.label)) else {
      return DNSReply(code: .refused, isAuthoritative: false, questionName: name.answered)
    }
    let start = "\(name.label).\(name.domain)"
    let authority = "\(start) \(negativeTTL) IN SOA \(startOfAuthority)"
    guard let records = records(at: name, of: master, in: state) else {
      return DNSReply(code: .nameError, authority: [authority], questionName: name.answered)
    }
    let answers = records.filter { question.type == .any || $0.type == question.type }
      .map { "\(name.answered) \($0.ttl) IN \($0.text)" }
    if answers.isEmpty {
      return DNSReply(code: .noError, authority: [authority], questionName: name.answered)
    }
    var reply = DNSReply(code: .noError, answers: answers, questionName: name.answered)
    if question.type == .ns {
      reply.additional = ["ns.spartan. \(ttl) IN A 198.51.100.1"]
    }
    return reply
  }

  /// The apex, other clusters' IDs and everything else go to the cluster's upstream resolvers.
  private static func upstreamReply(in state: ClusterState) -> DNSReply? {
    switch state.upstream {
    // The question comes back with SERVFAIL and without so much as the QR bit set, which no resolver takes for an
    // answer.
    case .absent: DNSReply(code: .serverFailure, isResponse: false, isAuthoritative: false)
    // After five seconds that same message would follow, to somebody who waits no more or ignores it.
    case .dead: nil
    }
  }

  private static let startOfAuthority = "ns.spartan. support.mesosphere.com. 1 60 180 86400 1"

  private struct Record {
    let type: DNSType
    let ttl: Int
    let text: String
  }

  /// The records of every type at a name; nil where the name does not exist.
  private static func records(
    at name: ClusterName, of master: String, in state: ClusterState
  ) -> [Record]? {
    if name.below.isEmpty {
      var records = [
        Record(type: .soa, ttl: ttl, text: "SOA \(startOfAuthority)"),
        Record(type: .ns, ttl: nameServerTTL, text: "NS ns.spartan."),
      ]
      // The node that is asked, by its own address.
      if name.label == "thisnode" { records.append(address(master)) }
      return records
    }
    guard name.label == "mesos" else {
      return nil
    }
    if name.below == "_leader._tcp", state.leader != nil {
      let target = "leader.mesos.\(name.domain)"
      return [Record(type: .srv, ttl: ttl, text: "SRV 1 1 5050 \(target)")]
    }
    let hosts = hosts(in: state)
    if let addresses = hosts[name.below] {
      return addresses.map(address)
    }
    // An empty non-terminal exists (RFC 8020).
    return hosts.keys.contains { $0.hasSuffix(".\(name.below)") } ? [] : nil
  }

  private static func address(_ address: String) -> Record {
    address.contains(":")
      ? Record(type: .aaaa, ttl: ttl, text: "AAAA \(address)")
      : Record(type: .a, ttl: ttl, text: "A \(address)")
  }

  private static func hosts(in state: ClusterState) -> [String: [String]] {
    var hosts = Dictionary(
      state.tasks.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $0 + $1 })
    hosts["master"] = state.mastersAlive
    hosts["leader"] = state.leader.map { [$0] }
    return hosts
  }
}

/// A name below a cluster's own domain, taken apart; in small letters.
private struct ClusterName {
  /// `<id>.dcos.directory.`, or `thisdcos.directory.`, which is every cluster's name for itself.
  let domain: String
  /// The label next to it, such as `mesos`.
  let label: String
  /// What stands before the label; empty at the label itself.
  let below: String
  /// As it comes back: dcos-net puts `<label>.thisdcos.directory` in the place of `<label>.<id>.dcos.directory` and
  /// the other way round again, both in small letters, and leaves what is before them as it was asked.
  let answered: String

  /// - Parameters:
  ///   - asked: in presentation format with a trailing dot.
  ///   - id: the cluster's own; nil for one that does not know it yet.
  init?(_ asked: String, id: String?) {
    let name = asked.lowercased()
    let own = id.map { "\($0.lowercased()).dcos.directory." }
    let domains = [own, "thisdcos.directory."].compactMap(\.self)
    guard let domain = domains.first(where: { name.hasSuffix(".\($0)") }) else {
      return nil
    }
    self.domain = domain
    let rest = name.dropLast(domain.count + 1)
    if let dot = rest.lastIndex(of: ".") {
      label = String(rest[rest.index(after: dot)...])
      below = String(rest[..<dot])
    } else {
      label = String(rest)
      below = ""
    }
    let renamed = "\(label).\(domain)"
    answered = domain == own ? asked.dropLast(renamed.count) + renamed : asked
  }
}
