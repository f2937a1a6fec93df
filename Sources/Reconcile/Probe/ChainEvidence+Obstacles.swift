import DNSNames
import Named
import Planning
import ReconcileModel

// What named's configuration says about a broken chain.
extension ChainEvidence {
  /// The chain, naming the obstacles that the configuration and named's own answers reveal.
  ///
  /// - Parameters:
  ///   - obstacles: the obstacles in the configuration.
  ///   - server: where named was asked.
  /// - Returns: the chain, whose broken links name the obstacles that named's answers prove.
  func explainedChain(by obstacles: ForwardingObstacles, _ server: Endpoint) -> Chain {
    var chain = chain
    guard let domain = question.target.clusterDomain else { return chain }
    let masters = question.forwarders.map(\.address)
    let path = ForwardingPath(
      cluster: question.cluster, domain: domain, targets: [question.target], forwarders: masters,
      hosts: masters, client: server.questionAddresses(from: []).client)
    func explained(_ state: Chain.State, by replies: [ForwardingReply]) -> Chain.State {
      guard case .broken(let why) = state else { return state }
      let all = obstacles.obstacles(on: path, in: question.view)
      let fits = replies.flatMap { reply in all.map { ($0, $0.fit(reply)) } }
      // A mere possibility adds nothing to the present reason.
      let proven = fits.filter { $0.1 == .proven }.map(\.0).unique()
      guard let explanation = proven.explanation(isProven: true) else { return state }
      return .broken(
        Chain.Why("\(why.cause). \(explanation.cause)", remedy: explanation.remedy))
    }
    let forwardZone = [fresh].compactMap(\.self).map {
      ForwardingReply(.authority, $0, isGood: false)
    }
    let address = [a, aaaa].compactMap(\.self).map { ForwardingReply(.address, $0, isGood: false) }
    chain.forwardZone = explained(chain.forwardZone, by: forwardZone)
    chain.address = explained(chain.address, by: address)
    return chain
  }
}
