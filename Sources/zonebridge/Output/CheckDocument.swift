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
    result = links.state.rawValue
    self.links = links.map {
      Link(
        section: $0.section.rawValue, subject: $0.subject, state: $0.state.rawValue,
        finding: $0.finding, remedy: $0.remedy)
    }
  }

  var json: String { get throws { try JSONText.document(self) } }
}
