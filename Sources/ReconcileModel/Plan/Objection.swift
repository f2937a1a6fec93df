/// Why something must not be done, or is not as it should be, as a value.
package struct Objection: WordedError, Hashable, Sendable {
  package let cause: String
  package let remedy: String?
  package let description: String

  package init(cause: String, remedy: String?, description: String) {
    self.cause = cause
    self.remedy = remedy
    self.description = description
  }
}
