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
  mutating func isSetBack(
    _ subject: Setback.Subject, _ body: [String], of cluster: String?,
    by makeChange: (inout Planner) throws(PlanError) -> Bool = { _ in true }
  ) throws(PlanError) -> Bool {
    guard purpose.isWhole, let setback = result.setbacks[subject] else { return false }
    var trial = self
    let isTheSame =
      setback.digest == nil
      || setback.digest == digest(of: body) && setback.circumstances == install.circumstances
    guard isTheSame, try makeChange(&trial) else {
      // Somebody else has seen to it, or something else is wanted by now.
      result.setbacks[subject] = nil
      return false
    }
    if cluster.map(accepted.contains) ?? !accepted.isEmpty { return false }
    if let next = setback.nextAttempt, next <= now { return false }
    hold(
      "\(subject)",
      "its change was put back at \(CivilTime(secondsSince1970: setback.time)): \(setback.reason)",
      cure: cure(for: setback, of: cluster))
    return true
  }

  private func cure(for setback: Setback, of cluster: String?) -> String {
    let command = "with: zonebridge run --once --accept \(cluster ?? "CLUSTER")"
    guard let next = setback.nextAttempt else { return "It is made again \(command)" }
    return "It is tried again at \(CivilTime(secondsSince1970: next)), and at once \(command)"
  }

  /// Takes down that the plan makes a change, so that it can be told why, and which one was put back.
  ///
  /// - Parameters:
  ///   - subject: what the change is of.
  ///   - body: what is to be written.
  ///   - reason: why, in a few words.
  mutating func noteAttempt(_ subject: Setback.Subject, _ body: [String], _ reason: String) {
    result.attempts[subject] = digest(of: body)
    result.reasons[subject] = reason
  }

  /// Forgets the setbacks of what the configuration does not have any more.
  mutating func dropSettledSetbacks() {
    let clusters = Set(desired.clusters.map(\.name))
    let aliases = Set(desired.aliases.map(\.blockName))
    for setback in result.setbacks.all
    where setback.digest != nil && setback.digest != digest(of: []) {
      switch setback.subject {
      case .cluster(let name) where !clusters.contains(name): break
      case .alias(let name) where !aliases.contains(name): break
      default: continue
      }
      result.setbacks[setback.subject] = nil
    }
  }

  private func digest(of body: [String]) -> String {
    blockDigest(Array(body.map { "\($0)\n" }.joined().utf8))
  }
}
