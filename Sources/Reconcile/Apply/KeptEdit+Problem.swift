import FileChange
import ReconcileModel

extension KeptEdit {
  /// Whoever wrote into the file does not know that it is another by now.
  var problem: Problem {
    Problem(
      severity: .failed, subject: .files,
      reason: """
        somebody saved \(path) while it was being replaced; their version is in \(kept)
        """,
      remedy: "Copy what you want to keep into \(path), then remove \(kept)")
  }
}
