import ReconcileModel

extension Alias {
  /// That a safeguard keeps the alias back.
  ///
  /// - Parameters:
  ///   - reason: what the safeguard found, and where.
  ///   - remedy: what lets the alias in.
  /// - Returns: the problem.
  func held(_ reason: String, _ remedy: String) -> Problem {
    Problem(severity: .held, subject: .alias(owner), reason: reason, remedy: remedy)
  }
}
