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
