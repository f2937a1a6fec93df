import ReconcileModel

/// Decides in one place which changes are made: not those that were reverted and have to wait.
struct ChangeFilter {
  private let request: PassRequest
  private let fingerprint: String
  private let now: Int64
  /// The reverted changes that are still remembered.
  private(set) var revertedChanges: RevertedChanges

  init(_ context: PlanContext) {
    request = context.request
    fingerprint = context.actual.fingerprint
    now = context.now
    revertedChanges = context.memory.revertedChanges
    if request.operation.isWhole { forgetObsoleteReverts(in: context.desired) }
  }

  /// Whether a change may be made: one that was reverted is held until it is due.
  ///
  /// - Parameters:
  ///   - subject: the subject of the change.
  ///   - body: what is to be written.
  ///   - cluster: the cluster that it is for; the operator accepts a change by that name.
  ///   - isChange: whether that differs from what is there.
  ///   - draft: gets the problem where the change is held.
  /// - Returns: whether it may.
  mutating func admits(
    _ subject: Subject, _ body: [String], of cluster: String?, isChange: Bool = true,
    _ draft: inout PlanDraft
  ) -> Bool {
    guard request.operation.isGuarded, let reverted = revertedChanges[subject] else { return true }
    let isTheSame =
      reverted.digest == nil
      || reverted.digest == body.digest && reverted.fingerprint == fingerprint
    guard isTheSame, isChange else {
      // Somebody else has done it, or something else is wanted now.
      revertedChanges[subject] = nil
      return true
    }
    if cluster.map(request.accepted.contains) ?? !request.accepted.isEmpty { return true }
    if reverted.isDue(at: now) { return true }
    draft.hold(
      subject,
      "its change was reverted at \(CivilTime(secondsSince1970: reverted.time)): \(reverted.reason)",
      remedy: remedy(for: reverted, of: cluster))
    return false
  }

  private func remedy(for reverted: RevertedChange, of cluster: String?) -> String {
    let command = "zonebridge run --once --accept \(cluster ?? "CLUSTER")"
    guard let next = reverted.nextAttempt else { return "To make it again: \(command)" }
    return
      "zonebridge tries it again at \(CivilTime(secondsSince1970: next)). To try it now: \(command)"
  }

  /// Forgets the reverted changes of what the configuration does not have any more.
  private mutating func forgetObsoleteReverts(in desired: DesiredState) {
    let clusters = Set(desired.clusters.map(\.name))
    let aliases = Set(desired.aliases.map(\.owner))
    let removal = [String]().digest
    for reverted in revertedChanges.all
    where reverted.digest != nil && reverted.digest != removal {
      switch reverted.subject {
      case .cluster(let name) where !clusters.contains(name): break
      case .alias(let owner) where !aliases.contains(owner): break
      case .block: break
      default: continue
      }
      revertedChanges[reverted.subject] = nil
    }
  }
}
