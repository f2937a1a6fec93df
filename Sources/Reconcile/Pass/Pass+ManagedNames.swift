import BINDText
package import DNSNames
package import ReconcileModel

/// The names of what zonebridge manages on this host, whether or not the configuration still has it.
package struct ManagedNames: Sendable {
  package var clusters: Set<String>
  package var aliases: Set<DomainName>
}

extension Pass {
  /// Reads the names from the managed blocks; in dynamic zones, which have none, from what is remembered.
  package func managedNames() async throws(PassError) -> ManagedNames {
    var memory = PassMemory.read(in: context.state)
    // Every zone file is searched.
    memory.blockIndex = nil
    let actual = try await inspect(desired, memory)
    let statements = actual.tree.files.flatMap(\.blocks).map(\.name)
    let records = actual.zones.compactMap { try? $0.text?.get() }.flatMap(\.files)
      .flatMap(\.blocks)
    return ManagedNames(
      clusters: Set(statements.filter(Self.isCluster)),
      aliases: Set(records.compactMap { try? DomainName($0.name) })
        .union(memory.owned.records.map(\.owner)))
  }

  /// Whether a block of named.conf is a cluster's, which has the cluster's name.
  private static func isCluster(_ block: String) -> Bool {
    block != BlockNames.exemption && MadeZone.zone(ofBlock: block) == nil
  }
}
