package import DNSNames

/// A zone as one view has it.
package struct ZoneInView: Hashable, Sendable {
  package var name: DomainName
  package var view: String?

  package init(
    name: DomainName, view: String? = nil
  ) {
    self.name = name
    self.view = view
  }
}
