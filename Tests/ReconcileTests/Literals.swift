package import ReconcileModel

// So that a test says what it is about in the words that an operator reads.
extension Subject: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) {
    let others: [Subject] = [.named, .files, .metrics, .stateDirectory, .pass]
    let known = Subject(text) ?? others.first { $0.description == text }
    guard let known else { fatalError("no subject: \(text)") }
    self = known
  }
}

extension Subject {
  static func alias(_ name: String) -> Subject { .alias(ofBlock: name) }
  static func zone(_ name: String) -> Subject { Subject(kind: "zone", name: name) ?? .files }
}
