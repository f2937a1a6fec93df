import FileChange
import Named
import Planning
package import ReconcileModel
import SystemPackage

extension Pass {
  /// For a preview, adds what a pass would fail at: named's control channel is unreachable, or belongs to a named with
  /// other files.
  ///
  /// If everything that is due is held, a named that is down prevents nothing, and is only mentioned.
  package func addObstaclesOfNamed(to proposal: inout Proposal) async {
    let (plan, actual) = (proposal.plan, proposal.actual)
    switch actual.named {
    case .failure(let error)?:
      guard case .connectionRefused = error else {
        proposal.plan.problems.append(
          Problem(
            .failed, .named, error,
            at: "a pass could not reach named's control channel, and would change nothing"))
        return
      }
      if plan.isEmpty, plan.problems.contains(where: { $0.severity == .held }) {
        proposal.plan.warnings.append(
          [error.cause, error.remedy].compactMap(\.self).joined(separator: ". "))
        return
      }
      let note = plan.files.isEmpty ? "" : "A pass would change the files all the same"
      var problem = Problem(.failed, .named, error)
      problem.remedy = [problem.remedy, note].filter { !$0.isEmpty }.joined(separator: ". ")
      proposal.plan.problems.append(problem)
    case .success?, nil:
      guard !plan.isEmpty, let objection = await probe?.objection(to: plan, on: actual) else {
        return
      }
      proposal.plan.problems.append(
        Problem(.failed, .named, objection, at: "a pass would change nothing"))
    }
  }

  /// What keeps a file of a plan from being replaced, or named from seeing it, and can be told before the swap.
  ///
  /// Nothing can be renamed over a mount point (rename(2), EBUSY), as a single file is that is handed into a container;
  /// and what is renamed outside of the container, named does not see.
  func obstacle(to plan: Plan) -> (any OperatorError)? {
    let files = plan.files.filter { $0.before != nil }
    guard !files.isEmpty else { return nil }
    let bind = desired.bind
    let mounts = NamedMounts(of: NamedProcess.find(reading: bind), root: bind.root)
    for file in files {
      guard let preflight = ReplacementPreflight(of: file.path) else { continue }
      if preflight.isMountPoint {
        return FileChangeError.system(.replace, file.path, .resourceBusy)
      }
      if let point = mounts.point(of: preflight.path) {
        return MountedFileError(path: file.path, point: point)
      }
      // A copy that is made beside the file could not be taken away again (ext4's +a).
      if let directory = preflight.directories.last, directory.isImmutable {
        return PassError(
          "cannot replace \(file.path): its directory is immutable or append-only",
          remedy: "Remove that attribute: chattr -ia \(directory.path)")
      }
    }
    return nil
  }
}
