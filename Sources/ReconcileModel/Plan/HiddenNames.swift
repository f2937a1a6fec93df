package import DNSNames

/// Names below an alias, which no client can see: what is below a DNAME's owner leads to the DNAME's target (RFC 6672
/// section 2.4).
package struct HiddenNames: Hashable, Sendable {
  package struct Name: Hashable, Sendable, CustomStringConvertible {
    package var text: String
    /// `file:line`, or where the statement of a zone stands.
    package var location: String
    /// Whether it is a zone of its own.
    package var isZone: Bool

    package init(_ text: String, at location: String, isZone: Bool = false) {
      self.text = text
      self.location = location
      self.isZone = isZone
    }

    package var description: String { "\(text) (\(isZone ? "a zone, " : "")\(location))" }
  }

  package var alias: DomainName
  package var zone: ZoneInView
  /// How many there are.
  package var count: Int
  /// The first few.
  package var first: [Name]

  package init(by alias: DomainName, in zone: ZoneInView, count: Int = 0, first: [Name] = []) {
    self.alias = alias
    self.zone = zone
    self.count = count
    self.first = first
  }

  package var subject: Subject { .alias(alias) }

  /// What is wrong with names that were added below an alias.
  package var cause: String {
    let list = first.map(\.description).joined(separator: ", ")
    let more = count > first.count ? " and \(count - first.count) more" : ""
    return """
      its DNAME hides \(count) name\(count == 1 ? "" : "s") of the zone, which \
      lead\(count == 1 ? "s" : "") into the cluster instead: \(list)\(more)
      """
  }

  package var remedy: String {
    """
    Move \(count == 1 ? "it" : "them") elsewhere. If this is intended, set allow: [\(Safeguard.hidesNames.rawValue)] \
    at the alias
    """
  }
}

extension HiddenNames: CustomStringConvertible {
  package var description: String { "\(subject): \(cause). \(remedy)" }
}
