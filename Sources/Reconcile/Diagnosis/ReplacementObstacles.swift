import FileChange
package import ReconcileModel

/// What keeps the files of a plan from being replaced, for a preview.
package enum ReplacementObstacles {
  /// The worst objection to each file.
  ///
  /// A mount point, and a folder in which nothing can be replaced, are reported with the plan itself.
  package static func problems(of plan: Plan) -> [Problem] {
    plan.files.filter { $0.before != nil }.compactMap { file in
      guard let preflight = ReplacementPreflight(of: file.path), !preflight.isMountPoint,
        preflight.directories.last?.isImmutable != true,
        let objection = FileObjections(file: preflight, user: .current, named: nil).all.first
      else { return nil }
      return Problem(
        severity: .failed, subject: .files, reason: "\(file.path): \(objection.reason)",
        remedy: objection.remedy)
    }
  }
}
