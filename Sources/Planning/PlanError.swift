/// Why no plan can be made at all.
package struct PlanError: Error, CustomStringConvertible {
  package var description: String

  package init(_ description: String) {
    self.description = description
  }
}
