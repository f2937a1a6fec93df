package import ReconcileModel

/// One link of the chain from the masters to an answer out of named, and whether it holds.
package struct Finding: Hashable, Sendable {
  /// What the link belongs to, in the order in which the chain is gone through.
  package enum Section: String, Sendable, CaseIterable {
    case configuration
    case permissions
    case confinement
    case blocks
    case checkers
    case named
    case recursion
    case clusters
    case forwarding
    case aliases
    case zones
    case secondaries
    case pass
  }

  /// Whether it holds.
  package enum State: String, Sendable, CaseIterable {
    case ok
    /// It holds, but something about it should be better.
    case warning
    case broken
    /// It is not there yet: no pass has ever changed anything here.
    case pending
    /// It was not checked, or does not exist on this host; it does not count.
    case skipped
  }

  package var section: Section
  /// What was checked: a file, a master, a zone.
  package var subject: String
  package var state: State
  /// What was seen.
  package var finding: String
  /// The remedy if it does not hold; otherwise empty.
  package var remedy: String
  /// The date that matters, in seconds since 1970, if there is one; the earliest, if several findings are shown as one.
  package var date: Int64?
  /// The cluster or alias that it is about; nil for what all of them depend on.
  package var about: Subject?

  package init(
    _ section: Section, _ subject: String, _ state: State, _ finding: String, remedy: String = ""
  ) {
    self.section = section
    self.subject = subject
    self.state = state
    self.finding = finding
    self.remedy = remedy
  }

  /// The finding for an error, prefixed with where it occurred.
  init(
    _ section: Section, _ subject: String, _ state: State, at prefix: String? = nil,
    _ error: some OperatorError, otherwise remedy: String = ""
  ) {
    self.init(
      section, subject, state, (prefix.map { "\($0): " } ?? "") + error.cause,
      remedy: error.remedy == nil ? remedy : error.remedySentence)
  }
}

extension [Finding] {
  /// The links of a section, in the order in which they are checked.
  package func links(in section: Finding.Section) -> [Finding] {
    filter { $0.section == section }
  }

  /// The same, as what was found of a cluster or an alias.
  func about(_ subject: Subject) -> [Finding] {
    map { finding in
      var finding = finding
      finding.about = subject
      return finding
    }
  }

  package func count(of state: Finding.State) -> Int { count { $0.state == state } }

  /// The state of the whole chain: that of its worst link.
  package var state: Finding.State {
    if contains(where: { $0.state == .broken }) { return .broken }
    if contains(where: { $0.state == .warning }) { return .warning }
    return contains { $0.state == .pending } ? .pending : .ok
  }
}
