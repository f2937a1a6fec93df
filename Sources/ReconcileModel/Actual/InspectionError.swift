package import BINDText
package import SystemPackage

/// Why the files that named reads cannot be read.
package struct InspectionError: WordedError, Sendable, Hashable {
  package let cause: String
  package let remedy: String?
  package let description: String

  package init(cause: String, remedy: String?, description: String) {
    self.cause = cause
    self.remedy = remedy
    self.description = description
  }

  package init(_ path: FilePath, _ error: SyntaxError) {
    self.init("\(path):\(error.location.line): \(error.message)")
  }

  /// Damaged markers: nothing is guessed about where our text begins or ends.
  package init(_ path: FilePath, _ error: ManagedBlockError) {
    self.init("\(path)", error)
  }
}
