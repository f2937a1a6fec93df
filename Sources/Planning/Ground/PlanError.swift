import ReconcileModel

/// Why no plan can be made at all.
package struct PlanError: WordedError {
  package let cause: String
  package let remedy: String?
  package let description: String

  package init(cause: String, remedy: String?, description: String) {
    self.cause = cause
    self.remedy = remedy
    self.description = description
  }
}
