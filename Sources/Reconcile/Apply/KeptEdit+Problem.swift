import FileChange
import ReconcileModel

extension KeptEdit {
  /// Whoever wrote into the file does not know that it is another by now.
  var problem: Problem {
    Problem(
      severity: .failed, subject: .files,
      reason: """
        somebody saved \(path) while it was replaced, and what they wrote is not in it but in \(kept)
        """,
      remedy: "Put into \(path) what should stand in it, and remove \(kept)")
  }
}
