/// One link of the chain from the masters to an answer out of named, and whether it holds.
package struct CheckLink: Hashable, Sendable {
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
    /// It holds, and something about it is not as it might be.
    case warning
    case broken
    /// It was not looked at, or there is no such thing on this host; it counts as nothing.
    case skipped
  }

  package var section: Section
  /// What was looked at: a file, a master, a zone.
  package var subject: String
  package var state: State
  /// What was seen.
  package var finding: String
  /// What helps where it does not hold; else empty.
  package var cure: String

  package init(
    _ section: Section, _ subject: String, _ state: State, _ finding: String, cure: String = ""
  ) {
    self.section = section
    self.subject = subject
    self.state = state
    self.finding = finding
    self.cure = cure
  }
}

extension [CheckLink] {
  /// The links of a section, where what comes first is the first to be looked at.
  package func links(in section: CheckLink.Section) -> [CheckLink] {
    filter { $0.section == section }
  }

  package func count(of state: CheckLink.State) -> Int { count { $0.state == state } }

  /// What the chain as a whole comes to: its worst link.
  package var state: CheckLink.State {
    if contains(where: { $0.state == .broken }) { return .broken }
    return contains { $0.state == .warning } ? .warning : .ok
  }
}

extension String {
  /// An explanation of the form `cause: cure` in its two parts.
  ///
  /// A cause may have in parentheses or quotes what somebody else said, with colons of its own.
  var causeAndCure: (cause: String, cure: String) {
    var depth = 0
    var isQuoted = false
    for index in indices {
      switch self[index] {
      case "(" where !isQuoted: depth += 1
      case ")" where !isQuoted: depth -= 1
      case "\"": isQuoted.toggle()
      case ":" where depth == 0 && !isQuoted && self[index...].hasPrefix(": "):
        let cure = self[index...].dropFirst(2)
        return (String(self[..<index]), cure.prefix(1).uppercased() + cure.dropFirst())
      default: break
      }
    }
    return (self, "")
  }
}
