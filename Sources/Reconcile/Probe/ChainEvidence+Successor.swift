import DCOS
import DNSNames
import Named
import ReconcileModel

// A cluster that has another ID by now.
extension ChainEvidence {
  /// Why there is no answer where the cluster has another ID by now.
  ///
  /// Its masters then know nothing of the earlier one: they pass questions for a foreign ID on to their own resolvers.
  /// Nil where one of them still answers for the earlier one, so that something else is wrong.
  func succeeded(_ cause: String) -> Chain.Why? {
    guard let successor = question.successor, !masters.isEmpty, !masters.contains(where: isOfTarget)
    else { return nil }
    let said =
      switch successor.source {
      case .masters:
        "the masters of cluster \(question.cluster) say that their ID is \(successor.id)"
      case .configuration:
        """
        the configuration says that the ID of the masters of cluster \(question.cluster) is \(successor.id)
        """
      }
    return Chain.Why(
      """
      \(said), and none of them answers for \(successor.former), where the alias still leads, so that clients get no \
      answer: \(cause)
      """, remedy: successor.remedy)
  }

  /// Whether a master answered for the target out of the cluster itself.
  private func isOfTarget(_ master: Master) -> Bool {
    [master.a, master.aaaa].contains { reply in
      guard case .success(let answer) = reply else { return false }
      return !answer.rdata(of: .a).isEmpty || !answer.rdata(of: .aaaa).isEmpty
        || isFromCluster(answer)
    }
  }
}
