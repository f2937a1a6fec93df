import BINDText
import DCOS
import DNSNames
import Named
import Planning
import ReconcileModel

// What the configuration says about the path of this host's questions to the masters, and what named answers.
extension DiagnosisFacts {
  /// The obstacles of one cluster in one view.
  struct Obstacles: Sendable {
    var view: String?
    var all: [ForwardingObstacle]
  }

  /// Looks for the obstacles of all clusters whose ID is known, without asking anybody.
  mutating func findObstacles() {
    guard let actual else { return }
    let finder = ForwardingObstacles(in: actual.tree, ownAddresses: ownAddresses)
    let (client, server) = desired.bind.query.questionAddresses(from: ownAddresses)
    answeringView = actual.tree.viewAnswering(client, at: server, finder.matcher)
    for cluster in desired.clusters {
      guard let path = forwardingPath(of: cluster, client) else { continue }
      obstacles[cluster.name] = chosenViews.map {
        Obstacles(view: $0, all: finder.obstacles(on: path, in: $0))
      }
    }
  }

  private func forwardingPath(of cluster: Cluster, _ client: IPAddress?) -> ForwardingPath? {
    guard let id = id(of: cluster) else { return nil }
    return ForwardingPath(
      cluster: cluster.name, domain: id.domain,
      targets: labels(of: cluster).compactMap { try? Recipe.target(label: $0, id: id) },
      forwarders: forwarders(of: cluster), hosts: masters(of: cluster), client: client)
  }

  /// What named answered to this host's questions for a cluster's names.
  func replies(of cluster: Cluster) -> [ForwardingReply] {
    guard unasked == nil else { return [] }
    let aliases = desired.aliases.filter { $0.cluster == cluster.name }
    return (resolver.answers[cluster.name] ?? []).map(\.reply)
      + aliases.compactMap { addressReplies[$0.owner] }
  }

  /// The obstacles in the configuration that explain an answer other than the masters'.
  func explanation(of reply: ForwardingReply, _ cluster: String) -> [ForwardingObstacle] {
    let here = (obstacles[cluster] ?? []).filter {
      answeringView.isAnswered(outOf: $0.view) != false
    }
    return here.flatMap(\.all).explaining(reply)
  }

  /// Why this host cannot see what a view has.
  ///
  /// - Parameter isThere: whether a view has it.
  /// - Returns: nil if it can be seen.
  func whyUnseen(_ isThere: (String?) -> Bool) -> String? {
    let prefix = "cannot be seen from here:"
    switch answeringView {
    case .only: return nil
    case .view(let view):
      return isThere(view)
        ? nil : "\(prefix) view \(view) answers this host, and does not have it"
    case .nobody: return "\(prefix) no view takes this host (match-clients)"
    case .unknown:
      let views = actual?.tree.views.filter(\.isInternetClass) ?? []
      return views.allSatisfy { isThere($0.name) }
        ? nil : "\(prefix) a view without it may answer this host"
    }
  }
}

extension ResolverProbe.Answer {
  var reply: ForwardingReply {
    ForwardingReply(
      .authority, result, isGood: isGood, isGoodUnvalidated: isGoodUnvalidated, own: own)
  }

  /// Whether it is the masters' SOA record, in an answer that is not authoritative.
  var isGood: Bool { result.hasForwardedSOA }
}

extension Result<DNSAnswer, DNSError> {
  var hasForwardedSOA: Bool {
    guard case .success(let answer) = self else { return false }
    return answer.rcode == .noError && !answer.isAuthoritative
      && answer.answers.contains { $0.type == .soa }
  }
}
