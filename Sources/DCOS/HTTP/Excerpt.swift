/// What is kept of a text that a master sent: no more than is ever shown of it, for it may be as long as an
/// answer may be, and is kept until the master says something else.
enum Excerpt {
  /// One more than ``Printable`` shows, so that this shows that there was more.
  private static let limit = 101

  static func of(_ text: some StringProtocol) -> String {
    var kept = String.UnicodeScalarView()
    kept.append(contentsOf: text.unicodeScalars.prefix(limit))
    return String(kept)
  }
}
