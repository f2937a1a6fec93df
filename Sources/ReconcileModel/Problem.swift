/// Something that a pass did not do, with the reason and the cure.
package struct Problem: Sendable, Hashable, CustomStringConvertible {
  package enum Severity: String, Sendable {
    /// A safeguard holds it until an operator decides: exit status 3.
    case held
    /// It went wrong, and what stood before stands: exit status 1.
    case failed
  }

  package var severity: Severity
  package var subject: Subject
  package var reason: String
  package var remedy: String

  package init(severity: Severity, subject: Subject, reason: String, remedy: String) {
    self.severity = severity
    self.subject = subject
    self.reason = reason
    self.remedy = remedy
  }

  package var description: String {
    "\(subject): \(severity.rawValue): \(reason)" + (remedy.isEmpty ? "" : ". \(remedy)")
  }
}
