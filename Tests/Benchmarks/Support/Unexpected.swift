/// A benchmark that would measure something else than it says.
package struct Unexpected: Error, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }
}
