package import BINDText
package import SystemPackage

/// Why the files that named reads cannot be taken in.
package struct InspectionError: OperatorError, Sendable, Hashable {
  package let cause: String
  package let remedy: String?
  package let description: String

  package init(_ description: String) {
    self.description = description
    cause = description
    remedy = nil
  }

  package init(_ path: FilePath, _ error: SyntaxError) {
    self.init("\(path):\(error.location.line): \(error.message)")
  }

  /// Damaged markers: nothing is guessed about where our text begins or ends.
  package init(_ path: FilePath, _ error: ManagedBlockError) {
    self.init("\(path)", error)
  }

  /// Another error, with what it was met at before it.
  package init(_ prefix: String, _ error: any Error) {
    description = "\(prefix): \(error)"
    cause = "\(prefix): \((error as? any OperatorError)?.cause ?? "\(error)")"
    remedy = (error as? any OperatorError)?.remedy
  }

  /// Another error as it is.
  package init(_ error: any Error) {
    description = "\(error)"
    cause = (error as? any OperatorError)?.cause ?? "\(error)"
    remedy = (error as? any OperatorError)?.remedy
  }
}
