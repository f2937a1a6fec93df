package import ReconcileModel

// So that a test says what it is about in the words that an operator reads.
extension Subject: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) {
    let others: [Subject] = [.named, .files, .metrics, .stateDirectory, .pass]
    // A slip of the pen is no subject that a pass has, so that the test fails and shows it.
    self =
      Subject(text) ?? others.first { $0.description == text } ?? .block("(unknown: \(text))")
  }
}

extension Subject {
  static func alias(_ name: String) -> Subject { .alias(ofBlock: name) }
  static func zone(_ name: String) -> Subject { Subject(kind: "zone", name: name) ?? .files }
}
