import DNSNames
import Named
import ReconcileModel

// What the answers to the questions about a cluster itself say: no DNAME is looked for.
extension ChainEvidence {
  /// What they come to, link by link.
  var clusterAnswers: ClusterAnswers {
    let chain = chain
    return ClusterAnswers(
      question, forwarders: forwardersState, forwardZone: visible(chain.forwardZone),
      probe: visible(probeState(chain.address)))
  }

  /// If another view may answer this host, a link that does not hold says nothing about this view.
  private func visible(_ state: Chain.State) -> Chain.State {
    question.sight == .possible && state.isBroken ? .unknown(otherView) : state
  }

  private var forwardersState: Chain.State {
    if isAnyMasterUp { return .holds }
    guard !masters.isEmpty else { return .unknown(Self.notAsked) }
    let said = masters.compactMap(\.failure)
    let cause = "no master answers DNS here\(said.first.map { ": \($0)" } ?? "")"
    let why =
      succeeded(cause)
      ?? Chain.Why(
        cause,
        remedy: "Check that the masters run, and that their DNS port can be reached from here")
    return .broken(why)
  }

  /// A name without an address gets an answer too, but no client can use it.
  private func probeState(_ state: Chain.State) -> Chain.State {
    guard state == .holds else { return state }
    let found = [a, aaaa].compactMap { try? $0?.get() }
    guard found.contains(where: { !$0.rdata(of: .a).isEmpty || !$0.rdata(of: .aaaa).isEmpty })
    else {
      return .broken(
        Chain.Why(
          "\(names.probe?.withoutTrailingDot ?? question.probe) has no address",
          remedy: "Check that it runs in the cluster, or choose another probe for the cluster"))
    }
    return .holds
  }
}
