/// A list of statements between braces, to which another statement can be added.
public struct StatementList: Hashable, Sendable {
  /// The text between the braces.
  public internal(set) var body: Range<Int>
  /// Where the last statement of the list begins; nil for an empty list.
  var lastStatement: Int?
}
