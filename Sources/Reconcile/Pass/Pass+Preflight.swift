import FileChange
import Planning
import ReconcileModel
import SystemPackage

extension Pass {
  /// What keeps a file of a plan from being replaced and can be seen before the swap fails over it.
  ///
  /// Nothing can be renamed over a mount point (rename(2), EBUSY), as a single file is that is handed into a container.
  func obstacle(to plan: Plan) -> FileChangeError? {
    for file in plan.files where file.before != nil {
      guard ReplacementPreflight(of: file.path)?.isMountPoint == true else { continue }
      return .system(.replace, file.path, .resourceBusy)
    }
    return nil
  }
}
