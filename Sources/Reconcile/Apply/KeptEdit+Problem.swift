import FileChange
import ReconcileModel

extension KeptEdit {
  /// The editor of the old file does not know that another one has its place now.
  var problem: Problem {
    Problem(
      severity: .failed, subject: .files,
      reason: """
        somebody saved \(path) while it was being replaced; their version is in \(kept)
        """,
      remedy: "Copy what you want to keep into \(path), then remove \(kept)")
  }
}
