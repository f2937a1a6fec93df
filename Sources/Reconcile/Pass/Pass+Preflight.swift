import FileChange
import Planning
import ReconcileModel
import SystemPackage

extension Pass {
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
    }
    return nil
  }
}
