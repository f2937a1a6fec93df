/// Something that a pass did not do, with the reason and the remedy.
package struct Problem: Sendable, Hashable, CustomStringConvertible {
  package enum Severity: String, Sendable {
    /// A safeguard holds it until an operator decides: exit status 3.
    case held
    /// It failed, and nothing has changed: exit status 1.
    case failed
  }

  /// What is wrong, apart from varying words: which of three masters timed out this time, and after how many
  /// milliseconds.
  ///
  /// A state that lasts is reported once. So two problems of a subject that an operator meets in different ways are of
  /// different kinds, and a state whose words change keeps its kind.
  package struct Kind: Hashable, Sendable, ExpressibleByStringLiteral {
    private let name: String

    package init(stringLiteral name: String) {
      self.name = name
    }

    /// What has no kind of its own.
    package init(_ severity: Severity) {
      name = severity.rawValue
    }

    /// What an error was about, by its type.
    package init(of error: any Error) {
      name = String(describing: type(of: error))
    }
  }

  package var severity: Severity
  package var subject: Subject
  package var kind: Kind
  package var reason: String
  package var remedy: String

  /// Makes a problem, whose kind is its severity where it has no other.
  package init(
    severity: Severity, subject: Subject, kind: Kind? = nil, reason: String, remedy: String
  ) {
    self.severity = severity
    self.subject = subject
    self.kind = kind ?? Kind(severity)
    self.reason = reason
    self.remedy = remedy
  }

  package var description: String {
    "\(subject): \(severity.rawValue): \(reason)" + (remedy.isEmpty ? "" : ". \(remedy)")
  }
}
