package import BINDText
package import SystemPackage

/// Why the files that named reads cannot be taken in.
package struct InspectionError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }

  package init(_ path: FilePath, _ error: SyntaxError) {
    description = "\(path):\(error.location.line): \(error.message)"
  }

  /// Damaged markers: nothing is guessed about where our text begins or ends.
  package init(_ path: FilePath, _ error: ManagedBlockError) {
    description = "\(path): \(error)"
  }
}
