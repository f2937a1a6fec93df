import FoundationEssentials
import Reconcile

/// What `check` saw as one JSON document (`--json`).
struct CheckDocument: Encodable {
  struct Link: Encodable {
    var section: String
    var subject: String
    /// `ok`, `warning`, `broken` or `skipped`.
    var state: String
    var finding: String
    var remedy: String

    private enum CodingKeys: String, CodingKey {
      case section, subject, state, finding
      case remedy = "cure"
    }
  }

  /// `ok`, `warning` or `broken`: the worst link.
  var result: String
  var links: [Link]

  init(_ links: [Finding]) {
    result = Self.word(for: links.state)
    self.links = links.map {
      Link(
        section: $0.section.rawValue, subject: $0.subject, state: Self.word(for: $0.state),
        finding: $0.words, remedy: $0.remedy)
    }
  }

  /// What is pending is a warning, for scripts that were written before it had a word of its own.
  private static func word(for state: Finding.State) -> String {
    (state == .pending ? .warning : state).rawValue
  }

  var json: String { get throws { try JSONText.document(self) } }
}
