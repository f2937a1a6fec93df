/// A benchmark did not do the work that it claims to measure.
package struct Unexpected: Error, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }
}
