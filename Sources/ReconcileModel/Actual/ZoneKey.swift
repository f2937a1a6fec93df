import BINDText

/// A statement as one view reads it: what makes two values of a zone the same one.
package struct ZoneKey: Hashable, Sendable {
  private let file: Int
  private let statement: Int
  private let view: String?

  package init(_ zone: Zone) {
    file = zone.file
    statement = zone.statement.range.lowerBound
    view = zone.view
  }
}
