/// What an operator should know about a configuration that is otherwise right.
package struct ConfigurationNote: Hashable, Sendable, CustomStringConvertible {
  package var cause: String
  /// What to do about it; empty where that goes without saying.
  package var remedy: String

  package init(_ cause: String, remedy: String = "") {
    self.cause = cause
    self.remedy = remedy
  }

  package var description: String { cause + (remedy.isEmpty ? "" : ". \(remedy)") }
}
