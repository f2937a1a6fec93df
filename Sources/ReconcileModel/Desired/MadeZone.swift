package import DNSNames

/// A zone to be made.
package struct MadeZone: Sendable, Hashable {
  package var name: DomainName
  package var create: CreatedZone

  package init(
    name: DomainName, create: CreatedZone
  ) {
    self.name = name
    self.create = create
  }

  /// The name of the managed block that has the zone's statement.
  ///
  /// A cluster's name has no blank.
  package var blockName: String { Self.prefix + name.withoutTrailingDot }

  private static let prefix = "zone "

  /// The zone whose statement stands in the block of this name, if it is such a block.
  package static func zone(ofBlock name: String) -> DomainName? {
    guard name.hasPrefix(prefix) else { return nil }
    return try? DomainName(name.dropFirst(prefix.count))
  }
}
