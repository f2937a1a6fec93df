import DNSNames
import Named
import Planning
import ReconcileModel

/// What named answers for an alias.
struct AliasProbe: Sendable {
  /// To the question for its DNAME.
  var record: Result<DNSAnswer, DNSError>
  /// A name through it, and what it resolves to.
  var name: String
  var address: Result<DNSAnswer, DNSError>

  /// The answer for the name as one that named has to get from the masters; nil where none is to be expected,
  /// since the DNAME is not there.
  func reply(for alias: Alias) -> ForwardingReply? {
    guard case .success(let record) = record, record.answers.contains(where: { $0.type == .dname })
    else { return nil }
    return ForwardingReply(
      .address, address, isGood: (try? address.get()).map { isAnswer($0, for: alias) } ?? false)
  }

  /// Whether it is an address, or the cluster itself says that there is none.
  func isAnswer(_ answer: DNSAnswer, for alias: Alias) -> Bool {
    if !answer.rdata(of: .a).isEmpty || !answer.rdata(of: .aaaa).isEmpty { return true }
    return isFromCluster(answer, for: alias)
  }

  /// Labels other than mesos have no names that are there in every cluster; a name error came from it.
  func isFromCluster(_ answer: DNSAnswer, for alias: Alias) -> Bool {
    alias.label != "mesos" && [.noError, .nameError].contains(answer.rcode)
      && answer.authority.contains { $0.type == .soa }
  }

  /// Looks at all aliases, by their owners.
  static func look(at facts: DiagnosisFacts) async -> [DomainName: AliasProbe] {
    guard facts.unasked == nil else { return [:] }
    let client = facts.client
    let probes = await concurrentMap(facts.desired.aliases, atMost: 32) { alias in
      (alias.owner, await look(at: alias, client))
    }
    return Dictionary(probes) { $1 }
  }

  private static func look(at alias: Alias, _ client: DNSClient) async -> AliasProbe {
    let record = await client.result(of: alias.owner, .dname)
    // mesos-dns has these two in every cluster; leader is missing while one is elected.
    var probe = AliasProbe(
      record: record, name: "leader.\(alias.blockName)",
      address: await address(of: "leader", through: alias, client))
    if alias.label == "mesos", (try? probe.address.get())?.rcode == .nameError {
      probe.name = "master.\(alias.blockName)"
      probe.address = await address(of: "master", through: alias, client)
    }
    return probe
  }

  private static func address(
    of label: String, through alias: Alias, _ client: DNSClient
  ) async -> Result<DNSAnswer, DNSError> {
    guard let name = try? DomainName(label, origin: alias.owner) else {
      return .failure(.invalidName("\(label).\(alias.owner)"))
    }
    return await client.result(of: name, .a, recursionDesired: true)
  }
}
