import BINDText
package import DNSNames
package import ReconcileModel

/// Finds what in named's configuration keeps named from forwarding a cluster's names, or clients from the
/// answers.
///
/// It knows only the configuration. The zones decide the rest: whether one above the cluster's delegates it, and what a
/// response policy rewrites.
package struct ForwardingObstacles: Sendable {
  let tree: ConfigurationTree
  /// Judges addresses by the configuration's lists.
  package let matcher: AddressMatcher
  /// The `server` statements outside of views.
  let servers: [PlacedClause]

  /// - Parameters:
  ///   - tree: what named reads.
  ///   - ownAddresses: the known addresses of the host that named runs on.
  package init(in tree: ConfigurationTree, ownAddresses: Set<IPAddress> = []) {
    self.tree = tree
    let statements = tree.topClauses("acl", "server")
    matcher = AddressMatcher(acls: statements.map(\.clause), ownAddresses: ownAddresses)
    servers = statements.filter { $0.clause.words.first?.lowercased() == "server" }
  }

  /// The obstacles in a view, in the order in which a question comes to them.
  ///
  /// - Parameters:
  ///   - path: a forward zone, there already or about to be written.
  ///   - view: nil in a configuration without views.
  /// - Returns: none where nothing is in the way.
  package func obstacles(
    on path: ForwardingPath, in view: String?
  ) -> [ForwardingObstacle] {
    clientObstacles(path, view) + zoneObstacles(path, view) + serverObstacles(path, view)
      + answerObstacles(path, view)
  }
}

extension Sequence<IPAddress> {
  var list: String { map(\.description).joined(separator: ", ") }
}
