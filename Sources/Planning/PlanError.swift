import ReconcileModel

/// Why no plan can be made at all.
package struct PlanError: OperatorError {
  package let cause: String
  package let remedy: String?
  package let description: String

  package init(_ description: String) {
    self.description = description
    cause = description
    remedy = nil
  }

  /// Another error, with what it was met at before it.
  init(_ prefix: String, _ error: some OperatorError) {
    description = "\(prefix): \(error)"
    cause = "\(prefix): \(error.cause)"
    remedy = error.remedy
  }
}
