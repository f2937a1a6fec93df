import ReconcileModel

// Changes that were put back: not made again in each pass, nor forgotten.
extension Planner {
  /// Whether a change has to wait since it was put back; then it is held.
  ///
  /// - Parameters:
  ///   - subject: what the change is of.
  ///   - body: what is to be written.
  ///   - cluster: for whose sake; the operator lets a change through by its name.
  ///   - makeChange: makes the change in a copy of the plan, and tells whether there is any.
  /// - Returns: whether it waits.
  /// - Throws: what the change throws.
  mutating func isBackedOff(
    _ subject: Subject, _ body: [String], of cluster: String?,
    by makeChange: (inout Planner) throws(PlanError) -> Bool = { _ in true }
  ) throws(PlanError) -> Bool {
    guard operation.isWhole, let revertedChange = result.revertedChanges[subject] else {
      return false
    }
    var trial = self
    let isTheSame =
      revertedChange.digest == nil
      || revertedChange.digest == digest(of: body)
        && revertedChange.fingerprint == actual.fingerprint
    guard isTheSame, try makeChange(&trial) else {
      // Somebody else has seen to it, or something else is wanted by now.
      result.revertedChanges[subject] = nil
      return false
    }
    if cluster.map(request.accepted.contains) ?? !request.accepted.isEmpty { return false }
    if let next = revertedChange.nextAttempt, next <= now { return false }
    hold(
      subject,
      "its change was put back at \(CivilTime(secondsSince1970: revertedChange.time)): \(revertedChange.reason)",
      remedy: remedy(for: revertedChange, of: cluster))
    return true
  }

  private func remedy(for revertedChange: RevertedChange, of cluster: String?) -> String {
    let command = "with: zonebridge run --once --accept \(cluster ?? "CLUSTER")"
    guard let next = revertedChange.nextAttempt else { return "It is made again \(command)" }
    return "It is tried again at \(CivilTime(secondsSince1970: next)), and at once \(command)"
  }

  /// Takes down that the plan makes a change, so that it can be told why, and which one was put back.
  ///
  /// - Parameters:
  ///   - subject: what the change is of.
  ///   - body: what is to be written.
  ///   - reason: why, in a few words.
  mutating func noteAttempt(_ subject: Subject, _ body: [String], _ reason: String) {
    result.attempts[subject] = digest(of: body)
    result.reasons[subject] = reason
  }

  /// Forgets the setbacks of what the configuration does not have any more.
  mutating func forgetObsoleteReverts() {
    let clusters = Set(desired.clusters.map(\.name))
    let aliases = Set(desired.aliases.map(\.owner))
    for revertedChange in result.revertedChanges.all
    where revertedChange.digest != nil && revertedChange.digest != digest(of: []) {
      switch revertedChange.subject {
      case .cluster(let name) where !clusters.contains(name): break
      case .alias(let owner) where !aliases.contains(owner): break
      case .block: break
      default: continue
      }
      result.revertedChanges[revertedChange.subject] = nil
    }
  }

  private func digest(of body: [String]) -> String {
    blockDigest(Array(body.map { "\($0)\n" }.joined().utf8))
  }
}
