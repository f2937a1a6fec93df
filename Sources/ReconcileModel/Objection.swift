/// Why something must not be done, or is not as it should be, as a value.
package struct Objection: OperatorError, Hashable, Sendable {
  package let cause: String
  package let remedy: String?
  package let description: String

  /// What is wrong and what to do about it, with what stands between them in one text.
  package init(_ cause: String, remedy: String, separator: String = ": ") {
    self.cause = cause
    self.remedy = remedy
    description = cause + separator + remedy
  }

  /// An error, with what it was met at before it.
  package init(_ prefix: String, _ error: some OperatorError) {
    cause = "\(prefix): \(error.cause)"
    remedy = error.remedy
    description = "\(prefix): \(error)"
  }
}
