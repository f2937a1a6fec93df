import ReconcileModel

/// Why the contents of a dynamic zone cannot be seen.
struct UnseenZone {
  let cause: String
  private let ownRemedy: String

  init(_ zone: Zone, in actual: ActualState) {
    switch (actual.named, zone.dynamic) {
    case (nil, _): self.init("named is not asked (reload: none)")
    case (.failure(let error), _): self.init(error)
    case (_, .failure(let error)?): self.init(error)
    case (.success, _): self.init("named has not loaded it; its log says why")
    }
  }

  private init(_ cause: String) {
    self.cause = cause
    ownRemedy = ""
  }

  private init(_ error: some OperatorError) {
    cause = error.cause
    ownRemedy = error.remedySentence
  }

  /// The remedy, and its consequence.
  func remedy(_ consequence: String) -> String {
    [ownRemedy, consequence].filter { !$0.isEmpty }.joined(separator: ". ")
  }
}
