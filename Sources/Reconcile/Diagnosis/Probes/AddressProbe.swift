import DNSNames
import Named
import Planning
import ReconcileModel

/// What named answers for a name through each alias, which tells a real obstacle from a harmless one.
///
/// The alias's chain says whether the answer is right.
enum AddressProbe {
  /// By the aliases' owners; none for one whose DNAME is not served, so no answer can be expected.
  static func look(at facts: DiagnosisFacts) async -> [DomainName: ForwardingReply] {
    let client = facts.client
    let chains = (facts.chains ?? []).filter { $0.dname == .holds }
    let questions = chains.compactMap { chain in
      (try? DomainName("\(chain.question.probe).\(chain.question.owner)")).map { (chain, $0) }
    }
    let replies = await concurrentMap(questions, atMost: 32) { chain, name in
      let answer = await client.result(of: name, .a, recursionDesired: true)
      // Where no master can be asked to compare with, an address is at least an answer.
      let isAnswered = (try? answer.get().rdata(of: .a).isEmpty) == false
      let isGood = chain.address == .holds || !chain.isBroken && isAnswered
      return (chain.question.owner, ForwardingReply(.address, answer, isGood: isGood))
    }
    return Dictionary(replies) { first, _ in first }
  }
}
