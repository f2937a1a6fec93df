/// What dcos-net answers on a master's port 53, as seen on the real one.
enum ClusterZones {
  private static let labels: Set<Substring> = ["mesos", "l4lb", "dcos"]

  /// The fixed TTLs of dcos-net; a negative answer lives for the SOA's minimum.
  private static let ttl = 5
  private static let negativeTTL = 1
  private static let nameServerTTL = 3600

  static func reply(to question: DNSQuestion, in state: ClusterState) -> DNSReply {
    guard let name = ClusterName(question.name, id: state.id) else {
      // The apex, other clusters' IDs and everything else go to the cluster's upstream resolvers.
      // This cluster has none, and there dcos-net sends the question back with SERVFAIL and
      // without so much as the QR bit set.
      return DNSReply(code: .serverFailure, isResponse: false, isAuthoritative: false)
    }
    guard labels.contains(Substring(name.label)) else {
      return DNSReply(code: .refused, isAuthoritative: false)
    }
    let start = "\(name.label).\(name.domain)"
    let authority = "\(start) \(negativeTTL) IN SOA \(startOfAuthority)"
    guard let records = records(at: name, in: state) else {
      return DNSReply(code: .nameError, authority: [authority])
    }
    let answers = records.filter { $0.type == question.type }
      .map { "\(question.name) \($0.ttl) IN \($0.text)" }
    if answers.isEmpty {
      return DNSReply(code: .noError, authority: [authority])
    }
    var reply = DNSReply(code: .noError, answers: answers)
    if question.type == .ns {
      reply.additional = ["ns.spartan. \(ttl) IN A 198.51.100.1"]
    }
    return reply
  }

  private static let startOfAuthority = "ns.spartan. support.mesosphere.com. 1 60 180 86400 1"

  private struct Record {
    let type: DNSType
    let ttl: Int
    let text: String
  }

  /// The records of every type at a name; nil where the name does not exist.
  private static func records(at name: ClusterName, in state: ClusterState) -> [Record]? {
    if name.below.isEmpty {
      return [
        Record(type: .soa, ttl: ttl, text: "SOA \(startOfAuthority)"),
        Record(type: .ns, ttl: nameServerTTL, text: "NS ns.spartan."),
      ]
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
      return addresses.map { address in
        address.contains(":")
          ? Record(type: .aaaa, ttl: ttl, text: "AAAA \(address)")
          : Record(type: .a, ttl: ttl, text: "A \(address)")
      }
    }
    // An empty non-terminal exists (RFC 8020).
    return hosts.keys.contains { $0.hasSuffix(".\(name.below)") } ? [] : nil
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

  init?(_ name: String, id: String) {
    let name = name.lowercased()
    let domains = ["\(id.lowercased()).dcos.directory.", "thisdcos.directory."]
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
  }
}
