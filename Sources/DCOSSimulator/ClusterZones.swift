/// The answers of dcos-net on port 53 of a master, as observed on a real one.
enum ClusterZones {
  private static let labels: Set<Substring> = ["mesos", "l4lb", "dcos", "thisnode"]

  /// The fixed TTLs of dcos-net; a negative answer has the SOA's minimum.
  private static let ttl = 5
  private static let negativeTTL = 1
  private static let nameServerTTL = 3600

  /// The answer of one master; nil if it does not answer.
  static func reply(
    to question: DNSQuestion, at master: String, in state: ClusterState
  ) -> DNSReply? {
    // Until it has a key, dcos-net does not know its own ID.
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

  /// The apex, the IDs of other clusters and everything else go to the cluster's upstream resolvers.
  private static func upstreamReply(in state: ClusterState) -> DNSReply? {
    switch state.upstream {
    // dcos-net returns the question with SERVFAIL but without the QR bit, so no resolver accepts it as an answer.
    case .absent: DNSReply(code: .serverFailure, isResponse: false, isAuthoritative: false)
    // The same message would follow after five seconds, when the client has stopped waiting or ignores it.
    case .dead: nil
    }
  }

  private static let startOfAuthority = "ns.spartan. support.mesosphere.com. 1 60 180 86400 1"

  private struct Record {
    let type: DNSType
    let ttl: Int
    let text: String
  }

  /// The records of all types at a name; nil if the name does not exist.
  private static func records(
    at name: ClusterName, of master: String, in state: ClusterState
  ) -> [Record]? {
    if name.below.isEmpty {
      var records = [
        Record(type: .soa, ttl: ttl, text: "SOA \(startOfAuthority)"),
        Record(type: .ns, ttl: nameServerTTL, text: "NS ns.spartan."),
      ]
      // The node that receives the question, under its own address.
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

/// A name below a cluster's own domain, split into parts; in lower case.
private struct ClusterName {
  /// `<id>.dcos.directory.`, or `thisdcos.directory.`, the name by which every cluster refers to itself.
  let domain: String
  /// The label before the domain, such as `mesos`.
  let label: String
  /// The labels before that label; empty at the label itself.
  let below: String
  /// The name in the answer.
  ///
  /// dcos-net replaces `<label>.<id>.dcos.directory` with `<label>.thisdcos.directory` and vice versa, both in lower
  /// case, and keeps the labels before them as asked.
  let answered: String

  /// - Parameters:
  ///   - asked: The name in presentation format with a trailing dot.
  ///   - id: The cluster's own ID; nil if the master does not know it yet.
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
