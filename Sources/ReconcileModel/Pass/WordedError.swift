/// An error that a step words itself, or passes on from another with what it was doing.
package protocol WordedError: OperatorError {
  init(cause: String, remedy: String?, description: String)
}

extension WordedError {
  package init(_ cause: String) {
    self.init(cause: cause, remedy: nil, description: cause)
  }

  /// What is wrong and what to do about it, two sentences unless there is another separator.
  package init(_ cause: String, remedy: String, separator: String = ". ") {
    self.init(cause: cause, remedy: remedy, description: cause + separator + remedy)
  }

  /// Another error, prefixed with where it occurred.
  package init(_ prefix: String, _ error: any Error) {
    self.init(
      cause: "\(prefix): \(error.causeForOperator)", remedy: error.remedyForOperator,
      description: "\(prefix): \(error)")
  }

  /// Another error as it is.
  package init(_ error: any Error) {
    self.init(
      cause: error.causeForOperator, remedy: error.remedyForOperator, description: "\(error)")
  }

  /// Another error, with where it occurred after its cause.
  package init(_ error: any Error, behind suffix: String) {
    guard let remedy = error.remedyForOperator else {
      self.init(error.causeForOperator + suffix)
      return
    }
    self.init(error.causeForOperator + suffix, remedy: remedy)
  }
}

extension Error {
  fileprivate var causeForOperator: String { (self as? any OperatorError)?.cause ?? "\(self)" }
  fileprivate var remedyForOperator: String? { (self as? any OperatorError)?.remedy }
}

extension Problem {
  /// What an error says: its cause is the reason, and its remedy a sentence apart from it.
  ///
  /// - Parameters:
  ///   - severity: how bad it is.
  ///   - subject: what it is about.
  ///   - error: what went wrong.
  ///   - prefix: what was being done, before the cause.
  ///   - remedy: what to do about it where the error does not know.
  package init(
    _ severity: Severity, _ subject: Subject, _ error: any Error, at prefix: String? = nil,
    otherwise remedy: String = ""
  ) {
    let sentence = (error as? any OperatorError)?.remedySentence ?? ""
    self.init(
      severity: severity, subject: subject, kind: Kind(of: error),
      reason: (prefix.map { "\($0): " } ?? "") + error.causeForOperator,
      remedy: sentence.isEmpty ? remedy : sentence)
  }
}
