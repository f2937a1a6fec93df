/// A list of statements between braces, into which another can be put.
public struct StatementList: Hashable, Sendable {
  /// What lies between the braces.
  public internal(set) var body: Range<Int>
  /// Where the last statement of the list begins; nil for an empty list.
  var lastStatement: Int?
}
