import BINDText
import Named
import ReconcileModel

/// What named answers for an alias.
struct AliasLook: Sendable {
  /// To the question for its DNAME.
  var record: Result<DNSAnswer, DNSFailure>
  /// A name through it, and what it resolves to.
  var name: String
  var address: Result<DNSAnswer, DNSFailure>

  /// Looks at all aliases, by their owners.
  static func look(at facts: CheckFacts) async -> [DomainName: AliasLook] {
    guard facts.unasked == nil else { return [:] }
    let client = facts.client
    let looks = await concurrently(facts.desired.aliases, atMost: 32) { alias in
      (alias.owner, await look(at: alias, client))
    }
    return Dictionary(looks) { $1 }
  }

  private static func look(at alias: Alias, _ client: DNSClient) async -> AliasLook {
    let record = await client.result(of: "\(alias.owner)", .dname)
    // mesos-dns has these two in every cluster; leader is missing while one is elected.
    var look = AliasLook(
      record: record, name: "leader.\(alias.blockName)",
      address: await client.result(
        of: "leader.\(alias.owner)", .a, recursionDesired: true))
    if alias.label == "mesos", (try? look.address.get())?.rcode == .nameError {
      look.name = "master.\(alias.blockName)"
      look.address = await client.result(of: "master.\(alias.owner)", .a, recursionDesired: true)
    }
    return look
  }
}
